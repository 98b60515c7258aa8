using Posthouse.Mesh.Gossip;

namespace Posthouse.Tests.Mesh.Simulation;

/// <summary>What waits on one end of a connection because the other end is slow: the real queue, and when each frame was put into it.</summary>
internal sealed class SimLane
{
    private readonly Dictionary<ReadOnlyMemory<byte>, TimeSpan> _added = [];
    private long _told;

    public OutQueue Queue { get; } = new();

    public bool IsEmpty => Queue.Count == 0;

    /// <summary>Adds a frame.</summary>
    /// <returns>Whether it is the only one.</returns>
    public bool Add(ReadOnlyMemory<byte> frame, Urgency urgency, TimeSpan now)
    {
        Queue.Add(frame, urgency, now);
        _added[frame] = now;
        return Queue.Count == 1;
    }

    public bool TryTake(TimeSpan now, out ReadOnlyMemory<byte> frame) => Queue.TryTake(now, out frame);

    public TimeSpan AddedAt(ReadOnlyMemory<byte> frame) => _added[frame];

    /// <summary>Frames dropped since the last call.</summary>
    public int TakeDropped()
    {
        if (IsEmpty)
            _added.Clear();
        var dropped = Queue.DroppedFull + Queue.DroppedLate - _told;
        _told += dropped;
        return (int)dropped;
    }
}
