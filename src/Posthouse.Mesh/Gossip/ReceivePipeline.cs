using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>One frame that came, and from whom.</summary>
/// <param name="Bytes">The frame; kept, so it must not be changed any more.</param>
/// <param name="Origin">How it came.</param>
/// <param name="Budget">What is left of the sender's share; null for a frame that another one carried, which has been paid for.</param>
/// <param name="Standing">What the sender's score allows.</param>
/// <param name="Now">The monotonic clock.</param>
/// <param name="Wall">The wall clock, set right by what is known of its error.</param>
internal readonly record struct Incoming(
    ReadOnlyMemory<byte> Bytes, Origin Origin, PeerBudget? Budget, Standing Standing, TimeSpan Now, DateTimeOffset Wall);

/// <summary>
/// The way of every frame, in this order: length and type, the sender's standing and share, whether it was here before, its form, its
/// bounds, who may say it, its signature, the mark, its number. Each step costs more than the one before it. Only the signature is
/// expensive; it may be checked elsewhere, between <see cref="Open"/> and <see cref="Settle"/>.
/// </summary>
/// <param name="self">This node.</param>
/// <param name="epoch">This start of its process.</param>
/// <param name="network">Its mesh.</param>
/// <param name="signatures">Checks signatures.</param>
/// <param name="trust">Judges signers.</param>
/// <param name="rules">The node's bounds.</param>
/// <param name="seen">Remembers what was taken; null: as much as is usual.</param>
internal sealed class ReceivePipeline(
    NodeId self, uint epoch, NetworkId network, ISignatures signatures, ProviderTrust trust, CheckRules rules, SeenSet? seen = null)
{
    /// <summary>Ids of what was taken. What the node itself publishes is marked here before it is sent.</summary>
    public SeenSet Seen { get; } = seen ?? new();

    /// <summary>
    /// Ids of what came by gossip, was truly signed and had a number that is not taken any more: its copies are dropped like others, but a
    /// snapshot may still bring it.
    /// </summary>
    public SeenSet Declined { get; } = new(SeenSet.MinIds);

    /// <summary>The numbers of what was taken.</summary>
    public SequenceWindow Sequences { get; } = new();

    /// <summary>Every verdict.</summary>
    public RefusalCounts Counts { get; } = new();

    /// <summary>Told whose messages are not taken for who signed them.</summary>
    public Disbelief? Disbelief { get; init; }

    /// <summary>Takes a frame all the way.</summary>
    /// <param name="incoming">What came.</param>
    /// <param name="frame">What it says; not null exactly where the verdict is Accept.</param>
    public Verdict Receive(in Incoming incoming, out Frame? frame)
    {
        var verdict = Open(incoming, out frame);
        if (frame is SignedFrame signed)
            verdict = Settle(signed, incoming, IsProven(signed, incoming) ? Refusal.None : Verify(signed));
        if (!verdict.IsAccepted)
            frame = null;
        return verdict;
    }

    /// <summary>Everything before the signature. A signed frame that comes out of here is not accepted yet; every other is.</summary>
    /// <returns>Accept where there is a frame; counted, unless it is signed.</returns>
    public Verdict Open(in Incoming incoming, out Frame? frame)
    {
        var reason = TryOpen(incoming, out frame);
        return frame is SignedFrame ? Verdict.Accepted : Counts.Note(reason);
    }

    /// <summary>
    /// Whether a message's signatures were checked when the same message came by gossip and was taken: its id stands for all that is signed.
    /// One that was declined is held by nobody here, so its bytes may yet become the ones that are kept and are checked again.
    /// </summary>
    public bool IsProven(SignedFrame frame, in Incoming incoming) =>
        Seen.Contains(frame.Envelope.Id, incoming.Now) && !Declined.Contains(frame.Envelope.Id, incoming.Now);

    /// <summary>The signatures of a message: its own, a successor's, an operator's. Serves one thread at a time.</summary>
    public Refusal Verify(SignedFrame frame)
    {
        if (!frame.Envelope.IsSigned(signatures))
            return Refusal.SignatureInvalid;
        if (frame.Content is KeyChangeContent && !KeySuccession.IsProven(frame, signatures))
            return Refusal.SuccessorUnproven;
        return frame.Content is PeerContent ? Refusal.None : trust.CheckCertificate(frame.Envelope, signatures);
    }

    /// <summary>
    /// Everything after the signature. Only what came by gossip is marked and numbered: a snapshot must not make the live message that is
    /// still on its way look like a replay.
    /// </summary>
    /// <param name="frame">What <see cref="Open"/> gave.</param>
    /// <param name="incoming">What it was given.</param>
    /// <param name="signature">What <see cref="Verify"/> gave.</param>
    public Verdict Settle(SignedFrame frame, in Incoming incoming, Refusal signature)
    {
        var reason = signature != Refusal.None ? signature : Mark(frame, incoming);
        if (reason == Refusal.None)
            trust.Apply(frame);
        return Counts.Note(signature == Refusal.None ? reason : Note(reason, frame, incoming));
    }

    /// <summary>Of what is old nobody need be told.</summary>
    private Refusal Note(Refusal reason, SignedFrame frame, in Incoming incoming)
    {
        if (reason != Refusal.None && !IsOld(incoming.Origin))
            Disbelief?.Note(frame.Envelope.Signer, reason, incoming.Now);
        return reason;
    }

    private Refusal Mark(SignedFrame frame, in Incoming incoming)
    {
        // In a snapshot a node meets what it said itself before it lost its memory; and a key that is in its place was not left for another.
        if (frame.Envelope.Signer == self && (!IsOld(incoming.Origin) || frame.Content is KeyChangeContent))
        {
            return Seen.Contains(frame.Envelope.Id, incoming.Now) ? Refusal.Duplicate
                : frame.Envelope.Stamp.Epoch < epoch ? Refusal.EpochOld
                : Refusal.OwnKey;
        }

        if (incoming.Origin != Origin.Live)
            return Refusal.None;
        if (!Seen.TryMark(frame.Envelope.Id, incoming.Now))
            return Refusal.Duplicate;
        var reason = Sequences.TryMark(frame.Envelope.Signer, frame.Envelope.Stamp);
        if (reason != Refusal.None)
            Declined.TryMark(frame.Envelope.Id, incoming.Now);
        return reason;
    }

    private Refusal TryOpen(in Incoming incoming, out Frame? frame)
    {
        frame = null;
        var reason = FrameCodec.TryType(incoming.Bytes.Span, out var type);
        if (reason != Refusal.None)
            return reason;
        if (incoming.Standing >= Standing.Graylisted)
            return Refusal.PeerShunned;
        if (incoming.Budget is { } budget && !budget.TryTake(type, incoming.Bytes.Length, incoming.Now))
            return Refusal.RateLimited;
        if (type.IsSigned())
            return TryOpenSigned(incoming, type, out frame);
        // A carried frame is a signed one; and what is not signed says something of the peer itself, so nobody else can pass it on.
        if (incoming.Origin != Origin.Live)
            return Refusal.OutOfPlace;
        reason = FrameCodec.TryDecode(incoming.Bytes, out frame);
        if (reason == Refusal.None && incoming.Budget is { } left && !left.TryTakeIds(IdsOf(frame), incoming.Now))
            reason = Refusal.RateLimited;
        if (reason != Refusal.None)
            frame = null;
        return reason;
    }

    private Refusal TryOpenSigned(in Incoming incoming, FrameType type, out Frame? frame)
    {
        frame = null;
        // What is not gossiped is carried only, a snapshot holds nothing but prices, and a store changes of keys besides.
        if (!type.IsGossiped() ? incoming.Origin != Origin.Told
            : IsOld(incoming.Origin) && type != FrameType.PriceUpdate && (incoming.Origin, type) != (Origin.Stored, FrameType.KeyChange))
        {
            return Refusal.OutOfPlace;
        }

        var reason = SignedBytes.TryDigest(incoming.Bytes.Span, out var digest);
        if (reason != Refusal.None)
            return reason;
        if (incoming.Origin != Origin.Told && Seen.Contains(digest.Id, incoming.Now)
            && !(IsOld(incoming.Origin) && Declined.Contains(digest.Id, incoming.Now)))
        {
            return Refusal.Duplicate;
        }

        reason = SignedFrame.TryRead(incoming.Bytes, digest, out var signed);
        if (reason == Refusal.None)
            reason = Judge(signed!, incoming);
        if (reason == Refusal.None)
            frame = signed;
        return reason;
    }

    private Refusal Judge(SignedFrame frame, in Incoming incoming)
    {
        var envelope = frame.Envelope;
        if (envelope.Network != network)
            return Refusal.WrongNetwork;
        if (envelope.Scheme != signatures.Scheme)
            return Refusal.UnknownScheme;
        var reason = UpdateChecks.Check(frame, incoming.Origin, incoming.Wall, rules);
        if (reason != Refusal.None || frame.Content is PeerContent)
            return reason;
        reason = trust.CheckSigner(envelope, incoming.Wall);
        // An old word about a key that has left the lists is nothing that anybody should set otherwise.
        return frame.Content is KeyChangeContent ? reason : Note(reason, frame, incoming);
    }

    /// <summary>Whether a message is held by somebody already, here or elsewhere, and is no news.</summary>
    private static bool IsOld(Origin origin) => origin is Origin.Sync or Origin.Stored;

    private static int IdsOf(Frame? frame) => frame switch
    {
        IHave have => have.Ids.Length,
        IWant want => want.Ids.Length,
        IDontWant dont => dont.Ids.Length,
        _ => 0,
    };
}
