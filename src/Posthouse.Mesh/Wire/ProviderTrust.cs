namespace Posthouse.Mesh.Wire;

/// <summary>Whose prices are believed.</summary>
public enum TrustMode
{
    /// <summary>Everybody's, until scores tell. Good for trying out; no defence against who makes up many nodes.</summary>
    Open,

    /// <summary>Those of the listed keys, and of the keys that those went over to.</summary>
    AllowList,

    /// <summary>Those whose key an operator's key has certified.</summary>
    Operator,
}

/// <summary>
/// Judges signers. What costs a signature check comes apart from what costs nothing, so that a stranger's message is dropped before it is
/// paid for.
/// </summary>
/// <param name="mode">Whose prices are believed.</param>
/// <param name="allowed">The listed keys' ids; used with <see cref="TrustMode.AllowList"/>.</param>
/// <param name="operators">The operators' keys; used with <see cref="TrustMode.Operator"/>.</param>
/// <param name="banned">The ids of keys that are never believed, whoever vouches for them.</param>
internal sealed class ProviderTrust(
    TrustMode mode, IEnumerable<NodeId>? allowed = null, IEnumerable<PublicKey>? operators = null, IEnumerable<NodeId>? banned = null)
{
    /// <summary>Changes of key remembered: far more than a mesh has providers; beyond it a change is not believed.</summary>
    public const int MaxChanges = 1_024;

    /// <summary>Certificates remembered as checked: one per provider of a large mesh, ten times.</summary>
    public const int MaxCertificates = 1_024;

    private readonly HashSet<NodeId> _allowed = [.. allowed ?? []];
    private readonly HashSet<NodeId> _banned = [.. banned ?? []];
    private readonly Dictionary<NodeId, PublicKey> _operators = (operators ?? []).ToDictionary(key => key.Id);
    private readonly Dictionary<NodeId, (NodeId Successor, DateTimeOffset At)> _changes = [];
    private readonly Dictionary<MessageDigest, ReadOnlyMemory<byte>> _checkedCertificates = [];

    /// <summary>Whose prices are believed.</summary>
    public TrustMode Mode => mode;

    /// <summary>The key that a node went over to, or its own id.</summary>
    public NodeId Newest(NodeId signer)
    {
        // A ring of keys would be a ring of signatures over each other; the count ends it all the same.
        for (var hops = 0; hops < MaxChanges && _changes.TryGetValue(signer, out var change); hops++)
            signer = change.Successor;
        return signer;
    }

    /// <summary>What can be said of a signer before the signature is checked.</summary>
    /// <param name="envelope">What came.</param>
    /// <param name="now">The wall clock.</param>
    public Refusal CheckSigner(Envelope envelope, DateTimeOffset now)
    {
        if (_banned.Contains(envelope.Signer))
            return Refusal.SignerBanned;
        if (_changes.TryGetValue(envelope.Signer, out var change) && envelope.IssuedAt > change.At)
            return Refusal.KeyRetired;
        return mode switch
        {
            TrustMode.Open => Refusal.None,
            TrustMode.AllowList => _allowed.Contains(envelope.Signer) ? Refusal.None : Refusal.SignerNotAllowed,
            _ => CheckTerms(envelope.Certificate, envelope.IssuedAt, now),
        };
    }

    /// <summary>Checks the operator's signature, once for each certificate. Meant to come after the message's own signature.</summary>
    public Refusal CheckCertificate(Envelope envelope, ISignatures signatures)
    {
        if (mode != TrustMode.Operator)
            return Refusal.None;
        if (envelope.Certificate is not { } certificate || !_operators.TryGetValue(certificate.Operator, out var key))
            return Refusal.OperatorUnknown;
        var digest = SignedBytes.OfCertificate(envelope.Network, envelope.Key, certificate);
        // The signature must be the one that was checked: a node that meets a false one first would blame who believed it here.
        if (_checkedCertificates.TryGetValue(digest, out var known) && known.Span.SequenceEqual(certificate.Signature.Span))
            return Refusal.None;
        if (!signatures.IsSigned(key, digest, certificate.Signature.Span))
            return Refusal.CertificateForged;
        if (_checkedCertificates.Count >= MaxCertificates)
            _checkedCertificates.Clear();
        _checkedCertificates[digest] = certificate.Signature;
        return Refusal.None;
    }

    /// <summary>Takes a change of key that was accepted: the listed key's successor is listed, and what the old key signs from then on is refused.</summary>
    /// <returns>Whether anything changed. The first change of a key holds; a thief of the old key cannot name another.</returns>
    public bool Apply(SignedFrame frame)
    {
        if (frame.Content is not KeyChangeContent change || _changes.Count >= MaxChanges || Newest(change.Successor.Id) == frame.Envelope.Signer
            || !_changes.TryAdd(frame.Envelope.Signer, (change.Successor.Id, frame.Envelope.IssuedAt)))
        {
            return false;
        }

        if (_allowed.Contains(frame.Envelope.Signer))
            _allowed.Add(change.Successor.Id);
        return true;
    }

    /// <summary>A certificate must hold when the message is signed; for a message of long ago it may have ended since.</summary>
    private Refusal CheckTerms(Certificate? certificate, DateTimeOffset issuedAt, DateTimeOffset now)
    {
        if (certificate is null)
            return Refusal.Uncertified;
        if (!_operators.ContainsKey(certificate.Operator))
            return Refusal.OperatorUnknown;
        return issuedAt < certificate.NotBefore || issuedAt > certificate.NotAfter || now < certificate.NotBefore ? Refusal.CertificateExpired : Refusal.None;
    }
}
