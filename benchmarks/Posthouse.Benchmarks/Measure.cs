using System.Diagnostics;

namespace Posthouse.Benchmarks;

/// <summary>Times of many repetitions.</summary>
public sealed class Latencies(int capacity = 100_000)
{
    private readonly List<double> _milliseconds = new(capacity);

    public void Add(long since) => _milliseconds.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);

    public void Merge(Latencies other) => _milliseconds.AddRange(other._milliseconds);

    public void Clear() => _milliseconds.Clear();

    public double P(double percent)
    {
        _milliseconds.Sort();
        return _milliseconds[(int)Math.Min(_milliseconds.Count - 1, _milliseconds.Count * percent / 100)];
    }
}

/// <summary>A folder for one measurement, gone afterwards.</summary>
public sealed class Scratch : IDisposable
{
    private Scratch(string path) => Path = path;

    public string Path { get; }

    /// <summary>On the disk that the system's temporary folder lies on.</summary>
    public static Scratch OnDisk() => new(Directory.CreateTempSubdirectory("posthouse-bench-").FullName);

    /// <summary>In memory: the same work without a disk, which is the ceiling.</summary>
    public static Scratch InMemory() => new(Directory.CreateDirectory($"/dev/shm/posthouse-bench-{Environment.ProcessId}-{Environment.TickCount64}").FullName);

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
