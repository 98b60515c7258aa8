using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>First sights in memory, by the smaller of both clocks.</summary>
internal sealed class MemorySightings(TimeProvider time) : ISightings
{
    private readonly Dictionary<ResourceKey, (VersionToken Version, DateTimeOffset Wall, long Mark)> _first = [];

    public ValueTask<TimeSpan> SeenAsync(ResourceKey key, VersionToken version)
    {
        if (!_first.TryGetValue(key, out var first) || first.Version != version)
            _first[key] = first = (version, time.GetUtcNow(), time.GetTimestamp());
        var (wall, monotonic) = (time.GetUtcNow() - first.Wall, time.GetElapsedTime(first.Mark));
        var least = wall < monotonic ? wall : monotonic;
        return new(least > TimeSpan.Zero ? least : TimeSpan.Zero);
    }
}

/// <summary>A machine whose wall clock is off.</summary>
internal sealed class SkewedTime(TimeProvider time, TimeSpan skew) : TimeProvider
{
    /// <summary>How far it is ahead.</summary>
    public TimeSpan Skew { get; set; } = skew;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Skew;
}
