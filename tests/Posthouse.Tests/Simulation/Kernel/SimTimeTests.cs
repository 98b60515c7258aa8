namespace Posthouse.Tests.Simulation.Kernel;

public sealed class SimTimeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly List<string> _story = [];

    [Fact]
    public void A_delay_ends_at_its_virtual_time_and_can_be_cancelled()
    {
        RunMain(async me =>
        {
            await Task.Delay(2 * Second, me.Time);
            Tell(me, "delay");
            using var source = new CancellationTokenSource();
            me.Sim.After(Second, me, source.Cancel);
            await TellEndAsync(me, Task.Delay(9 * Second, me.Time, source.Token));
        });

        _story.ShouldBe(["2 delay", "3 TaskCanceledException"]);
    }

    [Fact]
    public void A_cancellation_source_cancels_at_its_virtual_time()
    {
        RunMain(async me =>
        {
            using var source = new CancellationTokenSource(3 * Second, me.Time);
            var cancelled = new TaskCompletionSource();
            using var registration = source.Token.Register(cancelled.SetResult);
            await cancelled.Task;
            Tell(me, "cancelled");
        });

        _story.ShouldBe(["3 cancelled"]);
    }

    [Fact]
    public void A_periodic_timer_ticks_every_period_until_it_is_disposed()
    {
        RunMain(async me =>
        {
            using var timer = new PeriodicTimer(2 * Second, me.Time);
            while (await timer.WaitForNextTickAsync())
            {
                Tell(me, "tick");
                if (_story.Count == 3)
                    timer.Dispose();
            }

            Tell(me, "end");
        });

        _story.ShouldBe(["2 tick", "4 tick", "6 tick", "6 end"]);
    }

    [Fact]
    public void A_limited_wait_ends_with_its_task_or_at_its_limit()
    {
        RunMain(async me =>
        {
            await Task.Delay(Second, me.Time).WaitAsync(5 * Second, me.Time);
            Tell(me, "done");
            await TellEndAsync(me, new TaskCompletionSource().Task.WaitAsync(2 * Second, me.Time));
        });

        _story.ShouldBe(["1 done", "3 TimeoutException"]);
    }

    [Fact]
    public void Change_replaces_the_earlier_setting_and_infinite_disarms()
    {
        RunMain(me =>
        {
            var moved = me.Time.CreateTimer(_ => Tell(me, "moved"), null, Second, Timeout.InfiniteTimeSpan);
            moved.Change(4 * Second, 3 * Second).ShouldBeTrue();
            var off = me.Time.CreateTimer(_ => Tell(me, "off"), null, Second, Second);
            off.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan).ShouldBeTrue();
            me.Sim.After(8 * Second, me, moved.Dispose);
            return Task.CompletedTask;
        });

        _story.ShouldBe(["4 moved", "7 moved"]);
    }

    [Fact]
    public void A_disposed_timer_neither_fires_nor_changes()
    {
        RunMain(me =>
        {
            var timer = me.Time.CreateTimer(_ => Tell(me, "fired"), null, Second, Second);
            timer.Dispose();
            timer.Change(Second, Second).ShouldBeFalse();
            Should.Throw<ArgumentOutOfRangeException>(() => timer.Change(-Second, Second));
            return Task.CompletedTask;
        });

        _story.ShouldBeEmpty();
    }

    [Fact]
    public void Timers_die_with_their_incarnation()
    {
        using var sim = new Sim(1);
        var node = sim.AddNode("n", me =>
        {
            if (me.Incarnation == 0)
                me.Time.CreateTimer(_ => Tell(me, "fired"), null, Second, Second);
            return Task.CompletedTask;
        });
        sim.At(2.5 * Second, null, () => node.Crash(Second));

        sim.Run(9 * Second);

        _story.ShouldBe(["1 fired", "2 fired"]);
    }

    [Fact]
    public void A_jump_of_the_wall_clock_moves_neither_monotonic_time_nor_timers()
    {
        RunMain(async me =>
        {
            var (stamp, wall) = (me.Time.GetTimestamp(), me.Time.GetUtcNow());
            var delay = Task.Delay(Second, me.Time);
            me.JumpWallClock(TimeSpan.FromHours(-3));
            await delay;
            me.Time.GetElapsedTime(stamp).ShouldBe(Second);
            (me.Time.GetUtcNow() - wall).ShouldBe(TimeSpan.FromHours(-3) + Second);
            Tell(me, "read");
        });

        _story.ShouldBe(["1 read"]);
    }

    private static void RunMain(Func<SimNode, Task> main)
    {
        using var sim = new Sim(1);
        sim.AddNode("n", main);
        sim.Run(20 * Second);
    }

    // Shouldly's own asynchronous throw continues on the pool and so would leave the simulated thread.
    private async Task TellEndAsync(SimNode me, Task task)
    {
        try
        {
            await task;
            Tell(me, "no exception");
        }
        catch (Exception e)
        {
            Tell(me, e.GetType().Name);
        }
    }

    private void Tell(SimNode me, string what) => _story.Add($"{me.Sim.Now.TotalSeconds} {what}");
}
