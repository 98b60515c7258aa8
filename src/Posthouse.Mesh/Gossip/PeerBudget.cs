using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>What one peer may send. Defaults stand far above what an honest peer needs and below what a core can read.</summary>
internal sealed record PeerShares
{
    /// <summary>The defaults.</summary>
    public static readonly PeerShares Default = new();

    /// <summary>Bytes of frames: a full join of 500 assets is 1 MiB.</summary>
    public Share Bytes { get; init; } = new(8 * 1024 * 1024, 4 * 1024 * 1024);

    /// <summary>Signed frames, and answers of a join: 250 messages a second, each seen by way of every peer, four times over.</summary>
    public Share Messages { get; init; } = new(2_000, 1_000);

    /// <summary>Ids in IHave, IWant and IDontWant: gossipsub's 5,000 a heartbeat, and what 250 messages a second need.</summary>
    public Share Ids { get; init; } = new(5_000, 1_000);

    /// <summary>Greetings, pings, grafts and prunes: a handful a heartbeat.</summary>
    public Share Links { get; init; } = new(40, 10);

    /// <summary>Statuses, with up to 64 signatures: one when a connection begins, and one more.</summary>
    public Share Statuses { get; init; } = new(2, 1.0 / 30);

    /// <summary>What costs more to take than to send: digests, probes and sketches.</summary>
    public Share Questions { get; init; } = new(32, 4);

    /// <summary>Questions for peers: one every 30 s, and one more for a clock that is a little fast.</summary>
    public Share PeerQuestions { get; init; } = new(2, 1.0 / 30);
}

/// <summary>What is left of one peer's shares.</summary>
/// <param name="shares">What it may send.</param>
internal sealed class PeerBudget(PeerShares shares)
{
    private TokenBucket _bytes;
    private TokenBucket _messages;
    private TokenBucket _ids;
    private TokenBucket _links;
    private TokenBucket _statuses;
    private TokenBucket _questions;
    private TokenBucket _peerQuestions;

    /// <summary>Takes what a frame costs, before it is read.</summary>
    public bool TryTake(FrameType type, int bytes, TimeSpan now) => _bytes.TryTake(bytes, shares.Bytes, now) && type switch
    {
        FrameType.IHave or FrameType.IWant or FrameType.IDontWant => _ids.TryTake(1, shares.Ids, now),
        FrameType.PxRequest => _peerQuestions.TryTake(1, shares.PeerQuestions, now),
        FrameType.NetworkStatus => _statuses.TryTake(1, shares.Statuses, now),
        FrameType.DigestRequest or FrameType.ProbeRequest or FrameType.SizeSketch => _questions.TryTake(1, shares.Questions, now),
        _ when type.IsSigned() || type is FrameType.DigestResponse or FrameType.SnapshotChunk or FrameType.ProbeAck => _messages.TryTake(1, shares.Messages, now),
        _ => _links.TryTake(1, shares.Links, now),
    };

    /// <summary>Takes what a frame's ids cost, when it has been read.</summary>
    public bool TryTakeIds(int count, TimeSpan now) => _ids.TryTake(count, shares.Ids, now);
}
