namespace Posthouse.Mesh.Hosting;

/// <summary>Durations, counted by their length. Any thread.</summary>
/// <param name="bounds">Upper bounds of the lengths that are told apart, in seconds, ascending.</param>
internal sealed class Histogram(params double[] bounds)
{
    private readonly long[] _counts = new long[bounds.Length + 1];
    private long _microseconds;

    /// <summary>Upper bounds of the lengths that are told apart, in seconds.</summary>
    public IReadOnlyList<double> Bounds => bounds;

    /// <summary>Who else is told of each duration, or null.</summary>
    public System.Diagnostics.Metrics.Histogram<double>? Instrument { get; set; }

    /// <summary>Durations by length: one count for each bound, and one for those beyond.</summary>
    public long[] Counts => [.. Enumerable.Range(0, _counts.Length).Select(at => Interlocked.Read(ref _counts[at]))];

    /// <summary>All durations together, in seconds.</summary>
    public double Seconds => Interlocked.Read(ref _microseconds) / 1e6;

    /// <summary>Counts one. Clocks of two machines differ: what seems to have taken less than nothing took no time.</summary>
    public void Add(TimeSpan duration)
    {
        var seconds = Math.Max(0, duration.TotalSeconds);
        var at = Array.FindIndex(bounds, bound => seconds <= bound);
        Interlocked.Increment(ref _counts[at < 0 ? bounds.Length : at]);
        Interlocked.Add(ref _microseconds, (long)(seconds * 1e6));
        Instrument?.Record(seconds);
    }
}
