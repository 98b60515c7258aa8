namespace Posthouse.Mesh.Hosting;

/// <summary>What a node counts beside its engine. Any thread.</summary>
internal sealed class MeshCounters
{
    private long _hits;
    private long _misses;

    /// <summary>From a publication by another node to its arrival here: from a loopback's time to the worst that is promised.</summary>
    public Histogram Propagation { get; } = new(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5);

    /// <summary>From the acceptance of a price to its end at a watcher's socket: up to the time after which a watcher is let go.</summary>
    public Histogram Delivery { get; } = new(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10);

    /// <summary>Reads that found a price.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Reads that found none.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>Somebody read a price.</summary>
    public void Read(bool isHit) => Interlocked.Increment(ref isHit ? ref _hits : ref _misses);
}
