namespace Posthouse.Tests;

public sealed class ManualTimeProviderTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Advance_moves_both_clocks()
    {
        var (stamp, wall) = (_time.GetTimestamp(), _time.GetUtcNow());

        _time.Advance(Second);

        _time.GetElapsedTime(stamp).ShouldBe(Second);
        (_time.GetUtcNow() - wall).ShouldBe(Second);
    }

    [Fact]
    public void A_jump_of_the_wall_clock_moves_neither_monotonic_time_nor_timers()
    {
        var (stamp, wall) = (_time.GetTimestamp(), _time.GetUtcNow());
        var delay = Task.Delay(Second, _time);

        _time.JumpWallClock(TimeSpan.FromDays(-1));
        _time.JumpWallClock(TimeSpan.FromDays(3));

        (_time.GetUtcNow() - wall).ShouldBe(TimeSpan.FromDays(2));
        _time.GetElapsedTime(stamp).ShouldBe(TimeSpan.Zero);
        delay.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void Timers_fire_in_due_order_each_at_its_own_instant()
    {
        var fired = new List<(string, double)>();
        using var late = Timer("late", fired, 3 * Second);
        using var early = Timer("early", fired, Second);
        using var twin = Timer("early's twin", fired, Second);

        _time.Advance(5 * Second);

        fired.ShouldBe([("early", 1), ("early's twin", 1), ("late", 3)]);
        _time.PendingTimers.ShouldBe(0);
    }

    [Fact]
    public void A_periodic_timer_fires_once_a_period_until_it_is_disposed()
    {
        var fired = new List<(string, double)>();
        var timer = Timer("tick", fired, Second, 2 * Second);

        _time.Advance(6 * Second);
        fired.Select(f => f.Item2).ShouldBe([1.0, 3.0, 5.0]);

        timer.Dispose();
        _time.Advance(6 * Second);
        fired.Count.ShouldBe(3);
        timer.Change(Second, Second).ShouldBeFalse();
    }

    [Fact]
    public void A_timer_set_by_a_callback_fires_in_the_same_advance()
    {
        var fired = new List<(string, double)>();
        ITimer? second = null;
        using var first = _time.CreateTimer(_ => second = Timer("second", fired, Second), null, Second, Timeout.InfiniteTimeSpan);

        _time.Advance(2 * Second);

        fired.ShouldBe([("second", 2)]);
        second!.Dispose();
    }

    [Fact]
    public void Change_replaces_the_earlier_setting()
    {
        var fired = new List<(string, double)>();
        using var timer = Timer("moved", fired, Second);

        timer.Change(4 * Second, Timeout.InfiniteTimeSpan).ShouldBeTrue();
        _time.Advance(3 * Second);
        fired.ShouldBeEmpty();
        _time.Advance(Second);
        fired.ShouldBe([("moved", 4)]);
    }

    [Fact]
    public void The_clock_never_goes_back() =>
        Should.Throw<ArgumentOutOfRangeException>(() => _time.Advance(-Second));

    [Fact]
    public async Task Delays_limits_and_cancellation_of_the_runtime_follow_the_clock()
    {
        var delay = Task.Delay(Second, _time);
        var limited = new TaskCompletionSource().Task.WaitAsync(Second, _time);
        using var source = new CancellationTokenSource(Second, _time);
        using var periodic = new PeriodicTimer(Second, _time);
        var tick = periodic.WaitForNextTickAsync();

        _time.PendingTimers.ShouldBe(4);
        _time.Advance(Second);

        await delay;
        await Should.ThrowAsync<TimeoutException>(limited);
        source.IsCancellationRequested.ShouldBeTrue();
        (await tick).ShouldBeTrue();
    }

    private ITimer Timer(string name, List<(string, double)> fired, TimeSpan due, TimeSpan? period = null)
    {
        var stamp = _time.GetTimestamp();
        return _time.CreateTimer(
            _ => fired.Add((name, TimeSpan.FromTicks(_time.GetTimestamp()).TotalSeconds)), stamp, due, period ?? Timeout.InfiniteTimeSpan);
    }
}
