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

    /// <summary>Checks rows.</summary>
    /// <param name="rows">What a store says.</param>
    /// <param name="refused">Takes the rows that are not believed, which the store should drop, so that true ones can come in again.</param>
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
                var reason = known.Reason != Refusal.None ? known.Reason : Says(known.Frame!, row) ? Refusal.None : Refusal.SignatureInvalid;
                _counts.Note(reason);
                if (reason != Refusal.None)
                    refused.Add(row);
                else if (!known.Told)
                    believed.Add(known.Frame!);
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
        if (reason == Refusal.None)
            reason = trust.CheckCertificate(envelope, signatures);
        frame = reason == Refusal.None ? candidate : null;
        return reason;
    }

    /// <summary>A row that claims another signer, asset or version than its message would keep true ones out.</summary>
    private static bool Says(SignedFrame frame, StoredRow row) =>
        frame.Envelope.Signer == row.Provider && KeptPrice.Of(frame).Any(price => price.Key == row.Key && price.Version == row.Version);
}
