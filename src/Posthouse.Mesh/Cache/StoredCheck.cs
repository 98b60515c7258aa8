using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Cache;

/// <summary>
/// Believes nothing that a store says of a price: the message is decoded, its signature, signer and bounds are checked as if it came from a
/// stranger, and it must say what its row says. Serves any thread.
/// </summary>
/// <param name="network">This node's mesh.</param>
/// <param name="signatures">Checks signatures; used by this object alone, for it serves one thread at a time.</param>
/// <param name="trust">Judges signers; used by this object alone.</param>
/// <param name="rules">The bounds; see <see cref="OwnStore"/> and <see cref="SharedStore"/>.</param>
/// <param name="time">The wall clock.</param>
internal sealed class StoredCheck(NetworkId network, ISignatures signatures, ProviderTrust trust, CheckRules rules, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly RefusalCounts _counts = new();

    /// <summary>
    /// Bounds for this node's own file: only what was accepted once got there. The last price of an asset stays, however old it is, and also
    /// where the machine has started with a clock that was set back.
    /// </summary>
    public static CheckRules OwnStore(CheckRules rules) => rules with { Retention = TimeSpan.MaxValue, MaxAhead = TimeSpan.MaxValue };

    /// <summary>Bounds for a store that others write to: a provider must not bring in there what would be refused if it came by gossip.</summary>
    public static CheckRules SharedStore(CheckRules rules) => rules;

    /// <summary>How often a stored row was refused for a reason. <see cref="Refusal.None"/>: how often one was believed.</summary>
    public long CountOf(Refusal reason)
    {
        lock (_lock)
            return _counts[reason];
    }

    /// <summary>Goes by a change of key from now on; it was checked.</summary>
    public void Follow(SignedFrame change)
    {
        lock (_lock)
            trust.Apply(change);
    }

    /// <summary>Checks rows.</summary>
    /// <param name="rows">What a store says.</param>
    /// <param name="refused">Takes the rows that are untrue, which the store should drop, so that true ones can come in again. Those whose signer is
    /// not believed are left out alone: another node may believe it, and this one once it has heard of a change of key.</param>
    /// <returns>The messages that are believed, each once.</returns>
    public IReadOnlyList<SignedFrame> Read(IReadOnlyList<StoredRow> rows, List<StoredRow> refused)
    {
        lock (_lock)
        {
            var read = new Dictionary<MessageId, (Refusal Reason, SignedFrame? Frame, bool Told)>();
            var believed = new List<SignedFrame>();
            foreach (var row in rows)
            {
                if (!read.TryGetValue(row.Version.MessageId, out var known))
                    known = (Judge(row.Signed, out var frame), frame, false);
                // Says first: a row about one provider with a message of another is untrue whoever signed it.
                var reason = known.Frame is { } message && !Says(message, row) ? Refusal.SignatureInvalid : known.Reason;
                _counts.Note(reason);
                if (reason == Refusal.None && !known.Told)
                    believed.Add(known.Frame!);
                else if (reason != Refusal.None && !IsOfSigner(reason))
                    refused.Add(row);
                read[row.Version.MessageId] = known with { Told = known.Told || reason == Refusal.None };
            }

            return believed;
        }
    }

    private Refusal Judge(ReadOnlyMemory<byte> signed, out SignedFrame? frame)
    {
        frame = null;
        var reason = FrameCodec.TryDecode(signed, out var decoded);
        if (reason != Refusal.None)
            return reason;
        if (decoded is not SignedFrame { Content: PriceContent } candidate)
            return Refusal.OutOfPlace;
        frame = candidate;
        var envelope = candidate.Envelope;
        if (envelope.Network != network)
            return Refusal.WrongNetwork;
        if (envelope.Scheme != signatures.Scheme)
            return Refusal.UnknownScheme;
        var now = time.GetUtcNow();
        reason = UpdateChecks.Check(candidate, Origin.Sync, now, rules);
        if (reason == Refusal.None)
            reason = trust.CheckSigner(envelope, now);
        if (reason == Refusal.None && !envelope.IsSigned(signatures))
            reason = Refusal.SignatureInvalid;
        return reason == Refusal.None ? trust.CheckCertificate(envelope, signatures) : reason;
    }

    private static bool IsOfSigner(Refusal reason) => reason is Refusal.SignerBanned or Refusal.KeyRetired or Refusal.SignerNotAllowed
        or Refusal.Uncertified or Refusal.OperatorUnknown or Refusal.CertificateExpired;

    /// <summary>A row that claims another signer, asset or version than its message would keep true ones out.</summary>
    private static bool Says(SignedFrame frame, StoredRow row) =>
        frame.Envelope.Signer == row.Provider && KeptPrice.Of(frame).Any(price => price.Key == row.Key && price.Version == row.Version);
}
