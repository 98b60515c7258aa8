namespace Posthouse.Mesh.Hosting;

/// <summary>What a node counts beside its engine. Any thread.</summary>
internal sealed class MeshCounters
{
    /// <summary>Upper bounds of the travel times that are told apart, in seconds: from a loopback's to the worst that is promised.</summary>
    public static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

    private readonly long[] _travels = new long[Bounds.Length + 1];
    private long _travelledMicroseconds;
    private long _hits;
    private long _misses;

    /// <summary>Reads that found a price.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Reads that found none.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>Messages by travel time: one count for each bound, and one for those beyond.</summary>
    public long[] Travels => [.. Enumerable.Range(0, _travels.Length).Select(at => Interlocked.Read(ref _travels[at]))];

    /// <summary>All travel times together, in seconds.</summary>
    public double TravelledSeconds => Interlocked.Read(ref _travelledMicroseconds) / 1e6;

    /// <summary>Somebody read a price.</summary>
    public void Read(bool isHit) => Interlocked.Increment(ref isHit ? ref _hits : ref _misses);

    /// <summary>A message came as it was published. Clocks of two machines differ; what seems to come before it was sent took no time.</summary>
    public void Propagated(TimeSpan travel)
    {
        var seconds = Math.Max(0, travel.TotalSeconds);
        var at = Array.FindIndex(Bounds, bound => seconds <= bound);
        Interlocked.Increment(ref _travels[at < 0 ? Bounds.Length : at]);
        Interlocked.Add(ref _travelledMicroseconds, (long)(seconds * 1e6));
    }
}
