namespace Posthouse.Storage.Commit;

/// <summary>Notices that the wall clock was set, by holding it against the monotonic one. Used by one thread.</summary>
internal sealed class ClockWatch(TimeProvider time)
{
    /// <summary>A step back smaller than this is the clock being disciplined, not set.</summary>
    public const long ToleranceMs = 1_000;

    private DateTimeOffset _wall = time.GetUtcNow();
    private long _mark = time.GetTimestamp();

    /// <summary>Whether the clock was set, in either direction, since the last time this was asked.</summary>
    public bool Jumped()
    {
        var (now, mark) = (time.GetUtcNow(), time.GetTimestamp());
        var drift = now - (_wall + time.GetElapsedTime(_mark, mark));
        (_wall, _mark) = (now, mark);
        return Math.Abs(drift.TotalMilliseconds) > ToleranceMs;
    }

    /// <summary>The time, and whether it went back since the last look.</summary>
    public (DateTimeOffset Now, bool WentBack) Look()
    {
        var (now, mark) = (time.GetUtcNow(), time.GetTimestamp());
        var expected = _wall + time.GetElapsedTime(_mark, mark);
        var wentBack = now < expected - TimeSpan.FromMilliseconds(ToleranceMs);

        // Measured from the latest expectation, so that small steps back add up.
        if (wentBack || now > expected)
        {
            (_wall, _mark) = (now, mark);
        }

        return (now, wentBack);
    }
}
