using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>Why a connection is closed from this side.</summary>
internal enum CloseReason
{
    /// <summary>The node stops.</summary>
    Stopping,

    /// <summary>The greeting failed or took too long.</summary>
    Greeting,

    /// <summary>It leads to this node itself, or to another process with its key.</summary>
    Self,

    /// <summary>Another connection to the same node is kept.</summary>
    Duplicate,

    /// <summary>A later start of the same node has connected.</summary>
    Replaced,

    /// <summary>As many connections as may be are open.</summary>
    Full,

    /// <summary>The peer is banned.</summary>
    Banned,

    /// <summary>Nothing came from the peer for too long, not even the answer to a ping.</summary>
    Silent,
}

/// <summary>What the engine wants done. Nothing here may call back into the engine before the engine's own call has returned.</summary>
internal interface IGossipPort
{
    /// <summary>Sends a frame. It goes into the link's <see cref="OutQueue"/>; what that drops is told by <see cref="GossipNode.OnStalled"/>.</summary>
    /// <param name="link">The connection, by the number that the host gave it.</param>
    /// <param name="frame">The frame; never changed any more, and shared between links.</param>
    /// <param name="urgency">Its lane.</param>
    void Send(int link, ReadOnlyMemory<byte> frame, Urgency urgency);

    /// <summary>Opens a connection: answered by <see cref="GossipNode.OnPeerUp"/> or <see cref="GossipNode.OnDialFailed"/>.</summary>
    /// <param name="address">Where to.</param>
    void Dial(string address);

    /// <summary>Closes a connection, after what waits to be sent. The engine has forgotten it already; no <see cref="GossipNode.OnPeerDown"/> is needed.</summary>
    /// <param name="link">The connection.</param>
    /// <param name="reason">Why.</param>
    void Close(int link, CloseReason reason);

    /// <summary>Reads prices from the node's source: answered by <see cref="GossipNode.OnFetched"/>, whatever comes of it.</summary>
    /// <param name="slot">For which slot.</param>
    /// <param name="wanted">The assets that are still missing; valid during the call.</param>
    void Fetch(ulong slot, IReadOnlyList<AssetKey> wanted);

    /// <summary>Keeps a message of prices, of which at least one is the newest of its provider.</summary>
    /// <param name="update">The message.</param>
    /// <param name="origin">How it came.</param>
    void Keep(SignedFrame update, PriceOrigin origin);

    /// <summary>Keeps a provider's change of key that is believed, for <see cref="GossipSetup.KeyChanges"/>; signers are judged by it elsewhere, too.</summary>
    /// <param name="change">The change.</param>
    void Follow(SignedFrame change);
}
