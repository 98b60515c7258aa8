using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>What the engine wants done, handed to who does it.</summary>
internal sealed class NodePort(NodeId self, PeerSockets sockets, SourceDesk desk, PriceCache cache, MeshCounters counters, TimeProvider time) : IGossipPort
{
    /// <inheritdoc/>
    public void Send(int link, ReadOnlyMemory<byte> frame, Urgency urgency) => sockets.Send(link, frame, urgency);

    /// <inheritdoc/>
    public void Dial(string address) => sockets.Dial(address);

    /// <inheritdoc/>
    public void Close(int link, CloseReason reason) => sockets.Close(link, reason);

    /// <inheritdoc/>
    public void Fetch(ulong slot, IReadOnlyList<AssetKey> wanted) => desk.Fetch(slot, wanted);

    /// <inheritdoc/>
    public void Keep(SignedFrame update, PriceOrigin origin)
    {
        cache.Keep(update);
        if (origin == PriceOrigin.Live && update.Envelope.Signer != self)
            counters.Propagated(time.GetUtcNow() - update.Envelope.IssuedAt);
    }
}
