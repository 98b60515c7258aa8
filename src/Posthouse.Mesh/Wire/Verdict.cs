namespace Posthouse.Mesh.Wire;

/// <summary>What becomes of a message.</summary>
internal enum Judgement : byte
{
    /// <summary>It is taken and passed on.</summary>
    Accept,

    /// <summary>It is dropped, and nobody is to blame.</summary>
    Ignore,

    /// <summary>It is dropped, and the peer that sent it should have known: every honest node sees it in the bytes themselves.</summary>
    Reject,
}

/// <summary>A judgement with its reason.</summary>
/// <param name="Judgement">What becomes of the message.</param>
/// <param name="Reason">Why; <see cref="Refusal.None"/> where it is accepted.</param>
internal readonly record struct Verdict(Judgement Judgement, Refusal Reason)
{
    /// <summary>Taken.</summary>
    public static readonly Verdict Accepted;

    /// <summary>Whether it was taken.</summary>
    public bool IsAccepted => Judgement == Judgement.Accept;

    /// <summary>
    /// The judgement that belongs to a reason. Blame is for what does not depend on the clock, the memory or the options of the one who
    /// judges; a type, version or scheme of a later protocol is nobody's fault either.
    /// </summary>
    public static Verdict Of(Refusal reason) => new(JudgementOf(reason), reason);

    private static Judgement JudgementOf(Refusal reason) => reason switch
    {
        Refusal.None => Judgement.Accept,
        Refusal.UnknownType or Refusal.UnknownVersion or Refusal.UnknownScheme => Judgement.Ignore,
        >= Refusal.Empty and <= Refusal.TtlTooLarge => Judgement.Reject,
        Refusal.WrongNetwork or Refusal.OutOfPlace or Refusal.Unsolicited => Judgement.Reject,
        >= Refusal.NoPrices and <= Refusal.ObservedBehind => Judgement.Reject,
        Refusal.CertificateForged or Refusal.SignatureInvalid or Refusal.SuccessorUnproven => Judgement.Reject,
        _ => Judgement.Ignore,
    };
}
