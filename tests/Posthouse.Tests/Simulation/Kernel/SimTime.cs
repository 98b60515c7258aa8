namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>
/// The clocks of one incarnation of a node: the monotonic one is virtual time, the wall clock is skewed by the node.
/// Timers are events of the node: they wait in its pauses and die in its crash.
/// </summary>
internal sealed class SimTime(SimNode node) : TimeProvider
{
    private readonly int _incarnation = node.Incarnation;

    /// <summary>The true time at which every run begins.</summary>
    public static DateTimeOffset Start { get; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => node.Sim.Now.Ticks;

    public override DateTimeOffset GetUtcNow() => Start + node.Sim.Now + node.WallClockSkew;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(node, _incarnation, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimTimer(SimNode node, int incarnation, TimerCallback callback, object? state) : ITimer
    {
        private readonly ExecutionContext? _flow = ExecutionContext.Capture();
        private TimeSpan _period;
        private bool _isDisposed;

        // Each setting has a number; an event of an earlier setting finds another number and does nothing.
        private int _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            node.Sim.DemandThread();
            ThrowUnlessTimerSpan(dueTime, nameof(dueTime));
            ThrowUnlessTimerSpan(period, nameof(period));
            if (_isDisposed)
                return false;
            _period = period;
            _setting++;
            if (dueTime != Timeout.InfiniteTimeSpan)
                Arm(dueTime);
            return true;
        }

        public void Dispose()
        {
            // A finaliser, such as PeriodicTimer's: the collector's moment must not decide what happens in a run.
            if (!node.Sim.IsOnThread)
                return;
            _isDisposed = true;
            _setting++;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private static void ThrowUnlessTimerSpan(TimeSpan span, string name)
        {
            if (span != Timeout.InfiniteTimeSpan)
                ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero, name);
        }

        private void Arm(TimeSpan dueTime)
        {
            var setting = _setting;
            node.Sim.Enqueue(node.Sim.Now.Ticks + dueTime.Ticks, node, incarnation, () => Fire(setting));
        }

        private void Fire(int setting)
        {
            if (setting != _setting)
                return;
            if (_period > TimeSpan.Zero)
                Arm(_period);
            if (_flow is null)
                callback(state);
            else
                ExecutionContext.Run(_flow, _ => callback(state), null);
        }
    }
}
