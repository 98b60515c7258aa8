namespace Posthouse.Mesh.Gossip;

/// <summary>Frames that the queues of all peers dropped, those of peers that are gone too. Any thread.</summary>
internal sealed class QueueDrops
{
    // By urgency, those of full queues before those that were late.
    private readonly long[] _counts = new long[4];

    /// <summary>Frames dropped.</summary>
    /// <param name="urgency">Of which lane.</param>
    /// <param name="isLate">Whether they had waited too long; else their queue was full.</param>
    public long this[Urgency urgency, bool isLate] => Interlocked.Read(ref _counts[At(urgency, isLate)]);

    /// <summary>Counts some.</summary>
    public void Add(Urgency urgency, bool isLate, int frames) => Interlocked.Add(ref _counts[At(urgency, isLate)], frames);

    private static int At(Urgency urgency, bool isLate) => ((int)urgency * 2) + (isLate ? 1 : 0);
}
