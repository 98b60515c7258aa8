namespace Posthouse.Mesh.Wire;

/// <summary>The first byte of a frame. Numbers travel and are append-only.</summary>
internal enum FrameType : byte
{
    /// <summary>No frame.</summary>
    None = 0,

    /// <summary>First frame of both sides: who, which network, and a nonce.</summary>
    Hello = 0x01,

    /// <summary>Proof of the key that the Hello named.</summary>
    HelloAck = 0x02,

    /// <summary>What a node is and which providers it knows to be alive.</summary>
    NetworkStatus = 0x03,

    /// <summary>Are you there, and how late is it?</summary>
    Ping = 0x04,

    /// <summary>The answer.</summary>
    Pong = 0x05,

    /// <summary>Signed: the prices of one fetch.</summary>
    PriceUpdate = 0x10,

    /// <summary>Signed: a provider lives.</summary>
    ProviderBeacon = 0x11,

    /// <summary>Signed: a provider leaves.</summary>
    Goodbye = 0x12,

    /// <summary>Signed: a node goes over to another key.</summary>
    KeyChange = 0x13,

    /// <summary>Signed: where a node listens. Carried by Prune and PxResponse, never gossiped.</summary>
    PeerRecord = 0x14,

    /// <summary>Ids that the sender has.</summary>
    IHave = 0x20,

    /// <summary>Ids that the sender asks for.</summary>
    IWant = 0x21,

    /// <summary>Ids that need not be sent to the sender any more.</summary>
    IDontWant = 0x22,

    /// <summary>Send me everything at once.</summary>
    Graft = 0x23,

    /// <summary>Send me ids only.</summary>
    Prune = 0x24,

    /// <summary>Tell me of other peers.</summary>
    PxRequest = 0x30,

    /// <summary>Other peers.</summary>
    PxResponse = 0x31,

    /// <summary>What the sender holds, as bucket hashes, or which updates it asks for.</summary>
    DigestRequest = 0x40,

    /// <summary>What the sender holds in the buckets that differ.</summary>
    DigestResponse = 0x41,

    /// <summary>Original signed updates for a node that lacks them.</summary>
    SnapshotChunk = 0x42,

    /// <summary>When did you last hear of this node?</summary>
    ProbeRequest = 0x50,

    /// <summary>The answer, with proof.</summary>
    ProbeAck = 0x51,

    /// <summary>The sender's estimate of who is in the network.</summary>
    SizeSketch = 0x52,
}

/// <summary>What can be told from a frame's type alone.</summary>
internal static class FrameTypes
{
    /// <summary>Whether frames of this type have ttl, hop, signer and signature.</summary>
    public static bool IsSigned(this FrameType type) => type is >= FrameType.PriceUpdate and <= FrameType.PeerRecord;

    /// <summary>Whether frames of this type are passed on by everybody.</summary>
    public static bool IsGossiped(this FrameType type) => type is >= FrameType.PriceUpdate and <= FrameType.KeyChange;
}
