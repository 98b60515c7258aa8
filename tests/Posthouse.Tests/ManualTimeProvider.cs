namespace Posthouse.Tests;

/// <summary>
/// A clock that moves when a test says so. Monotonic time and wall time move separately; timers follow the monotonic one
/// and fire inside <see cref="Advance"/>, in the order in which they are due, with the clock standing at each one's instant.
/// </summary>
/// <remarks>Safe for use from several threads.</remarks>
internal sealed class ManualTimeProvider(DateTimeOffset? start = null) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly SortedSet<ManualTimer> _due = new(ManualTimer.ByDue);
    private readonly DateTimeOffset _start = start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan _elapsed;
    private TimeSpan _skew;
    private long _timers;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Timers that are set and have not fired: a test can wait until the code under test waits.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_gate)
                return _due.Count;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
            return _elapsed.Ticks;
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _start + _elapsed + _skew;
    }

    /// <summary>Steps the wall clock, as a correction or a resumed machine does; no timer notices.</summary>
    public void JumpWallClock(TimeSpan by)
    {
        lock (_gate)
            _skew += by;
    }

    /// <summary>Moves both clocks forwards and fires what becomes due, also timers that a callback sets on the way.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="by"/> is negative: monotonic time does not go back.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan target;
        lock (_gate)
            target = _elapsed + by;
        while (TakeDue(target) is { } timer)
            timer.Fire(); // outside the lock, for a callback may set timers
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state, Interlocked.Increment(ref _timers));
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? TakeDue(TimeSpan target)
    {
        lock (_gate)
        {
            if (_due.Min is not { } timer || timer.Due > target)
            {
                _elapsed = target > _elapsed ? target : _elapsed;
                return null;
            }

            _due.Remove(timer);
            _elapsed = timer.Due > _elapsed ? timer.Due : _elapsed;
            if (timer.Period > TimeSpan.Zero)
                Set(timer, timer.Period);
            return timer;
        }
    }

    private void Set(ManualTimer timer, TimeSpan dueTime)
    {
        timer.Due = _elapsed + dueTime;
        _due.Add(timer);
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state, long number) : ITimer
    {
        private readonly ExecutionContext? _flow = ExecutionContext.Capture();
        private bool _isDisposed;

        public static Comparer<ManualTimer> ByDue { get; } =
            Comparer<ManualTimer>.Create((a, b) => (a.Due, a.Number).CompareTo((b.Due, b.Number)));

        public TimeSpan Due { get; set; }

        public TimeSpan Period { get; private set; }

        private long Number => number;

        /// <summary>A timer that is due at once fires before this returns: nothing else would move the clock for it.</summary>
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                if (_isDisposed)
                    return false;
                clock._due.Remove(this);
                Period = period;
                if (dueTime > TimeSpan.Zero)
                    clock.Set(this, dueTime);
                else if (dueTime == TimeSpan.Zero && period > TimeSpan.Zero)
                    clock.Set(this, period);
            }

            if (dueTime == TimeSpan.Zero)
                Fire();
            return true;
        }

        public void Fire()
        {
            if (_flow is null)
                callback(state);
            else
                ExecutionContext.Run(_flow, _ => callback(state), null);
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                _isDisposed = true;
                clock._due.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
