namespace Posthouse.Storage.Memory;

/// <summary>
/// Notices when the wall clock goes back: it is compared with what the monotonic clock says it should be. Only the latest
/// expectation counts, so that many small steps back are noticed as one large one.
/// </summary>
internal sealed class WallClock
{
    /// <summary>Steps back up to this are corrections of no consequence; larger ones would make retries wait for nothing.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private DateTimeOffset _wall;
    private long _timestamp;

    public WallClock(TimeProvider time)
    {
        _time = time;
        (_wall, _timestamp) = (time.GetUtcNow(), time.GetTimestamp());
    }

    /// <summary>The present time in Unix milliseconds, and whether the clock went back since it was last read.</summary>
    public long Read(out bool wentBack)
    {
        var (now, timestamp) = (_time.GetUtcNow(), _time.GetTimestamp());
        var expected = _wall + _time.GetElapsedTime(_timestamp, timestamp);
        wentBack = now < expected - Tolerance;
        if (wentBack || now > expected)
        {
            (_wall, _timestamp) = (now, timestamp);
        }

        return now.ToUnixTimeMilliseconds();
    }
}
