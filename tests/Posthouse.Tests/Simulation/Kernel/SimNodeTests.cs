using Posthouse.Jobs;

namespace Posthouse.Tests.Simulation.Kernel;

public sealed class SimNodeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly List<string> _story = [];

    [Fact]
    public void A_crash_drops_every_pending_continuation_and_main_starts_again()
    {
        using var sim = new Sim(1);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var node = sim.AddNode("n", async me =>
        {
            var life = me.Incarnation;
            _story.Add($"boot {life}");
            _ = WaitForGate(life);
            try
            {
                await Task.Delay(3 * Second, me.Time);
                _story.Add($"after delay {life}");
            }
            finally
            {
                _story.Add($"finally {life}");
            }
        });
        async Task WaitForGate(int life)
        {
            await gate.Task;
            _story.Add($"gate {life}");
        }

        sim.At(Second, null, () => node.Crash(2 * Second));
        sim.At(2 * Second, null, gate.SetResult);
        sim.Run(10 * Second);

        _story.ShouldBe(["boot 0", "boot 1", "gate 1", "after delay 1", "finally 1"]);
    }

    [Fact]
    public void A_node_that_dies_at_an_await_runs_nothing_after_it_not_even_finally()
    {
        using var sim = new Sim(1);
        sim.AddNode("n", async me =>
        {
            if (me.Incarnation > 0)
                return;
            try
            {
                await me.DieAsync(Second);
            }
            finally
            {
                _story.Add("finally");
            }
        });

        sim.Run(5 * Second);

        _story.ShouldBeEmpty();
        sim.Nodes[0].Incarnation.ShouldBe(1);
    }

    [Fact]
    public void What_a_dead_incarnation_awaits_after_its_crash_never_continues()
    {
        using var sim = new Sim(1);
        sim.AddNode("n", async me =>
        {
            if (me.Incarnation > 0)
                return;
            me.Crash(Second);
            _story.Add("same event");
            await Task.Yield();
            _story.Add("too late");
        });

        sim.Run(5 * Second);

        _story.ShouldBe(["same event"]);
    }

    [Fact]
    public void Dying_in_synchronous_code_is_no_failure_of_the_run()
    {
        using var sim = new Sim(1);
        sim.AddNode("n", me =>
        {
            if (me.Incarnation == 0)
                me.Die(Second);
            _story.Add($"alive {me.Incarnation}");
            return Task.CompletedTask;
        });

        sim.Run(5 * Second);

        _story.ShouldBe(["alive 1"]);
    }

    [Fact]
    public void A_pause_delays_and_loses_nothing()
    {
        using var sim = new Sim(1);
        var node = sim.AddNode("n", async me =>
        {
            await Task.Delay(Second, me.Time);
            _story.Add($"{me.Sim.Now.TotalSeconds}");
        });
        sim.At(Second / 2, null, () => node.Pause(4 * Second));

        sim.Run(10 * Second);

        _story.ShouldBe(["4.5"]);
    }

    [Fact]
    public void Crash_hooks_run_once_last_first_and_at_the_end_of_the_run()
    {
        var sim = new Sim(1);
        var node = sim.AddNode("n", me =>
        {
            me.OnCrash(() => _story.Add($"store {me.Incarnation}"));
            me.OnCrash(() => _story.Add($"reader {me.Incarnation}"));
            return Task.CompletedTask;
        });
        sim.At(Second, null, () => node.Crash(Second));
        sim.Run(3 * Second);
        _story.ShouldBe(["reader 1", "store 1"]);

        sim.Dispose();
        _story.ShouldBe(["reader 1", "store 1", "reader 2", "store 2"]);
    }

    [Fact]
    public void Ids_come_from_the_seed_and_differ_between_incarnations()
    {
        var first = Draw(3);
        first.Distinct().Count().ShouldBe(2);
        Draw(3).ShouldBe(first);
        Draw(4).ShouldNotBe(first);

        static List<ulong> Draw(int seed)
        {
            using var sim = new Sim(seed);
            var drawn = new List<ulong>();
            var node = sim.AddNode("n", me =>
            {
                drawn.Add(IdsExtensions.NextUInt64(me.Ids));
                return Task.CompletedTask;
            });
            sim.At(Second, null, () => node.Crash(Second));
            sim.Run(3 * Second);
            return drawn;
        }
    }

    [Fact]
    public void Send_runs_at_once_under_the_nodes_context_and_not_at_all_when_it_is_dead()
    {
        using var sim = new Sim(1);
        var node = sim.AddNode("n", _ => Task.CompletedTask);
        sim.Run(Second);
        var context = node.Context;

        context.Send(_ => _story.Add(SynchronizationContext.Current == context ? "inside" : "outside"), null);
        node.Crash(Second);
        context.Send(_ => _story.Add("dead"), null);

        _story.ShouldBe(["inside"]);
    }
}
