namespace Posthouse.Mesh.Gossip;

/// <summary>What goes first.</summary>
internal enum Urgency : byte
{
    /// <summary>What keeps the mesh together. Goes before all data.</summary>
    Control,

    /// <summary>Messages of others; what is lost here comes again by lazy gossip.</summary>
    Data,
}

/// <summary>
/// What waits to be sent to one peer: two bounded queues. A full queue drops its oldest frame, a late frame is not sent any more, and both
/// are counted; so a slow peer costs a fixed amount of memory and delays nobody else.
/// </summary>
/// <param name="drops">Counts what all queues drop; null: nobody wants to know.</param>
internal sealed class OutQueue(QueueDrops? drops = null)
{
    /// <summary>Frames of one queue: two seconds at 250 messages a second.</summary>
    public const int MaxFrames = 512;

    /// <summary>Bytes of one queue: two seconds at 1 Mbit/s.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>A frame not sent after three heartbeats has been overtaken by gossip.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(3);

    private readonly Lane _control = new();
    private readonly Lane _data = new();

    /// <summary>Frames that wait.</summary>
    public int Count => _control.Frames.Count + _data.Frames.Count;

    /// <summary>Bytes that wait.</summary>
    public int Bytes => _control.Bytes + _data.Bytes;

    /// <summary>Frames dropped because their queue was full.</summary>
    public long DroppedFull { get; private set; }

    /// <summary>Frames dropped because they had waited too long.</summary>
    public long DroppedLate { get; private set; }

    /// <summary>Adds a frame.</summary>
    /// <returns>How many older ones were dropped for it: above 0 the peer does not keep up.</returns>
    public int Add(ReadOnlyMemory<byte> frame, Urgency urgency, TimeSpan now)
    {
        var lane = urgency == Urgency.Control ? _control : _data;
        var dropped = 0;
        while (lane.Frames.Count > 0 && (lane.Frames.Count >= MaxFrames || lane.Bytes + frame.Length > MaxBytes))
        {
            lane.Take();
            dropped++;
        }

        lane.Put(frame, now + MaxWait);
        DroppedFull += dropped;
        if (dropped > 0)
            drops?.Add(urgency, isLate: false, dropped);
        return dropped;
    }

    /// <summary>Takes the next frame to send.</summary>
    public bool TryTake(TimeSpan now, out ReadOnlyMemory<byte> frame) => TryTake(Urgency.Control, now, out frame) || TryTake(Urgency.Data, now, out frame);

    private bool TryTake(Urgency urgency, TimeSpan now, out ReadOnlyMemory<byte> frame)
    {
        var lane = urgency == Urgency.Control ? _control : _data;
        while (lane.Frames.Count > 0)
        {
            var (next, deadline) = lane.Take();
            frame = next;
            if (now <= deadline)
                return true;
            DroppedLate++;
            drops?.Add(urgency, isLate: true, 1);
        }

        frame = default;
        return false;
    }

    private sealed class Lane
    {
        public Queue<(ReadOnlyMemory<byte> Frame, TimeSpan Deadline)> Frames { get; } = new();

        public int Bytes { get; private set; }

        public void Put(ReadOnlyMemory<byte> frame, TimeSpan deadline)
        {
            Frames.Enqueue((frame, deadline));
            Bytes += frame.Length;
        }

        public (ReadOnlyMemory<byte> Frame, TimeSpan Deadline) Take()
        {
            var taken = Frames.Dequeue();
            Bytes -= taken.Frame.Length;
            return taken;
        }
    }
}
