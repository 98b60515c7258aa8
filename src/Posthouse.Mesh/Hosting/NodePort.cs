using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>What the engine wants done, handed to who does it.</summary>
/// <param name="parts">Who does it.</param>
/// <param name="memory">Keeps changes of key; null: nobody needs them, for everybody is believed, and anybody could fill it.</param>
internal sealed class NodePort(NodeParts parts, EngineMemory? memory) : IGossipPort
{
    /// <inheritdoc/>
    public void Send(int link, ReadOnlyMemory<byte> frame, Urgency urgency) => parts.Sockets.Send(link, frame, urgency);

    /// <inheritdoc/>
    public void Dial(string address) => parts.Sockets.Dial(address);

    /// <inheritdoc/>
    public void Close(int link, CloseReason reason) => parts.Sockets.Close(link, reason);

    /// <inheritdoc/>
    public void Fetch(ulong slot, IReadOnlyList<AssetKey> wanted) => parts.Desk.Fetch(slot, wanted);

    /// <inheritdoc/>
    public void Keep(SignedFrame update, PriceOrigin origin)
    {
        parts.Cache.Keep(update);
        if (origin == PriceOrigin.Live && update.Envelope.Signer != parts.Key.Public.Id)
            parts.Counters.Propagation.Add(parts.Time.GetUtcNow() - update.Envelope.IssuedAt);
    }

    /// <inheritdoc/>
    public void Follow(SignedFrame change)
    {
        parts.Follow(change);
        memory?.SaveKeyChange(change);
    }
}
