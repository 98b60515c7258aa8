namespace Posthouse.Tests.Simulation.Kernel;

public sealed class SimTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Events_run_in_the_order_of_their_time()
    {
        using var sim = new Sim(1);
        var order = new List<double>();
        foreach (var at in new[] { 3, 1, 2 })
            sim.At(at * Second, null, () => order.Add(sim.Now.TotalSeconds));

        sim.Run(2 * Second);
        order.ShouldBe([1.0, 2.0]);

        sim.Run(9 * Second);
        order.ShouldBe([1.0, 2.0, 3.0]);
        sim.Now.ShouldBe(9 * Second);
    }

    [Fact]
    public void Ties_are_broken_by_the_seed_so_that_all_orders_are_explored()
    {
        var orders = Enumerable.Range(0, 200).Select(OrderOfThree).ToHashSet();

        orders.Count.ShouldBe(6);
        OrderOfThree(7).ShouldBe(OrderOfThree(7));

        static string OrderOfThree(int seed)
        {
            using var sim = new Sim(seed);
            var order = "";
            foreach (var name in new[] { "a", "b", "c" })
                sim.AddNode(name, async node =>
                {
                    await Task.Delay(Second, node.Time);
                    order += name;
                });
            sim.Run(2 * Second);
            return order;
        }
    }

    [Fact]
    public void A_failed_check_ends_the_run_even_when_the_code_under_test_swallows_it()
    {
        using var sim = new Sim(42);
        var later = false;
        sim.At(2 * Second, null, () => later = true);
        sim.AddNode("n", async node =>
        {
            await Task.Delay(Second, node.Time);
            try
            {
                sim.Check(false, "the rule");
            }
            catch (SimulationFailure)
            {
            }
        });

        var failure = Should.Throw<SimulationFailure>(() => sim.Run(9 * Second));

        failure.Seed.ShouldBe(42);
        failure.Broken.ShouldBe("the rule");
        failure.Message.ShouldContain("00:00:01");
        later.ShouldBeFalse();
    }

    [Fact]
    public void An_unhandled_exception_of_a_node_is_a_failure()
    {
        using var sim = new Sim(1);
        sim.AddNode("n", async node =>
        {
            await Task.Yield();
            throw new InvalidOperationException("boom");
        });

        Should.Throw<SimulationFailure>(() => sim.Run(Second)).Broken.ShouldBe("n: main ended with InvalidOperationException: boom");
    }

    [Fact]
    public void Run_until_stops_at_the_event_that_meets_the_condition_or_at_its_limit()
    {
        using var sim = new Sim(1);
        var ticks = 0;
        sim.AddNode("n", async node =>
        {
            using var timer = new PeriodicTimer(Second, node.Time);
            while (await timer.WaitForNextTickAsync())
                ticks++;
        });

        sim.RunUntil(() => ticks == 3, 10 * Second).ShouldBeTrue();
        sim.Now.ShouldBe(3 * Second);
        sim.RunUntil(() => ticks == 100, 2 * Second).ShouldBeFalse();
        sim.Now.ShouldBe(5 * Second);
    }

    [Fact]
    public void Use_from_another_thread_fails_the_run_as_nondeterministic()
    {
        using var sim = new Sim(1);
        var thread = new Thread(() => Should.Throw<SimulationFailure>(() => sim.Reach("x")));
        thread.Start();
        thread.Join();

        Should.Throw<SimulationFailure>(() => sim.Run(Second)).Broken.ShouldStartWith(SimulationFailure.Nondeterminism);
    }

    [Fact]
    public void The_same_seed_leaves_the_same_hash_and_marks_are_part_of_it()
    {
        Hash(5, "a").ShouldBe(Hash(5, "a"));
        Hash(5, "a").ShouldNotBe(Hash(6, "a"));
        Hash(5, "a").ShouldNotBe(Hash(5, "b"));

        static ulong Hash(int seed, string mark)
        {
            using var sim = new Sim(seed);
            sim.AddNode("n", async node =>
            {
                await Task.Delay(sim.Between(Second, 2 * Second), node.Time);
                sim.Mark(mark);
            });
            sim.Run(3 * Second);
            return sim.Hash;
        }
    }

    [Fact]
    public void Marks_are_kept_as_text_only_when_asked()
    {
        using var loud = new Sim(1, keepsText: true);
        using var quiet = new Sim(1);
        foreach (var sim in new[] { loud, quiet })
        {
            sim.At(Second, null, () => sim.Mark("here"));
            sim.Run(Second);
        }

        loud.TraceText.ShouldHaveSingleItem().ShouldContain("1.000000");
        quiet.TraceText.ShouldBeEmpty();
        loud.Hash.ShouldBe(quiet.Hash);
    }

    [Fact]
    public void Async_locals_do_not_leak_from_one_event_to_another()
    {
        using var sim = new Sim(1);
        var local = new AsyncLocal<string>();
        string? seen = null;
        sim.At(Second, null, () => local.Value = "mine");
        sim.At(2 * Second, null, () => seen = local.Value ?? "nothing");

        sim.Run(3 * Second);

        seen.ShouldBe("nothing");
    }
}
