using Posthouse.Connectivity;

namespace Posthouse.Tests.Simulation.Kernel;

public sealed class SimFarSideTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private int _served;

    [Fact]
    public void A_calm_exchange_is_served_once_and_answered_in_virtual_time()
    {
        var (outcome, took) = Call(Swarm.Calm);

        outcome.ShouldBe("answer 1");
        took.ShouldBeInRange(TimeSpan.FromMilliseconds(2), 3 * Second);
    }

    [Fact]
    public void A_lost_request_has_no_effect_and_fails_as_refused_or_by_the_limit()
    {
        var outcomes = Seeds(Swarm.Calm.With(Fault.RequestLost, 1));

        outcomes.ShouldBe(["HttpRequestException", "TimeoutException"], ignoreOrder: true);
        _served.ShouldBe(0);
    }

    [Fact]
    public void A_lost_reply_has_its_effect_and_the_caller_does_not_learn_it()
    {
        var outcomes = Seeds(Swarm.Calm.With(Fault.ReplyLost, 1));

        outcomes.ShouldBe(["HttpRequestException", "TimeoutException"], ignoreOrder: true);
        _served.ShouldBe(30);
    }

    [Fact]
    public void A_doubled_request_is_served_twice_and_answered_once()
    {
        Call(Swarm.Calm.With(Fault.RequestTwice, 1)).Outcome.ShouldStartWith("answer");

        _served.ShouldBe(2);
    }

    [Fact]
    public void Some_exchanges_are_fifty_times_slower()
    {
        var times = Enumerable.Range(0, 400).Select(seed => Call(Swarm.Calm, seed).Took).ToArray();

        times.Count(took => took > TimeSpan.FromMilliseconds(50)).ShouldBeInRange(1, 40);
    }

    [Theory]
    [InlineData("n", "far", 0)]
    [InlineData("far", "n", 1)]
    public void A_cut_is_one_way_and_ends_when_healed(string from, string to, int served)
    {
        Call(Swarm.Calm, prepare: side => side.Cut(from, to)).Outcome.ShouldBe("TimeoutException");
        _served.ShouldBe(served);

        Call(Swarm.Calm, prepare: side =>
        {
            side.Cut(from, to);
            side.Heal(from, to);
        }).Outcome.ShouldStartWith("answer");
    }

    [Fact]
    public void An_outage_refuses_until_it_is_over()
    {
        Call(Swarm.Calm, prepare: side => side.Outage("far", Second * 30)).Outcome.ShouldBe("HttpRequestException");
        Call(Swarm.Calm, prepare: side => side.Outage("elsewhere", Second * 30)).Outcome.ShouldBe("answer 1");
    }

    [Fact]
    public void Cancellation_ends_the_wait()
    {
        using var sim = new Sim(1);
        var side = new SimFarSide(sim);
        var ended = TimeSpan.Zero;
        sim.AddNode("n", async me =>
        {
            side.Cut("n", "far");
            using var source = new CancellationTokenSource(Second, me.Time);
            try
            {
                await side.CallAsync(me, "far", () => 1, cancellationToken: source.Token);
            }
            catch (OperationCanceledException)
            {
                ended = sim.Now;
            }
        });

        sim.Run(60 * Second);

        ended.ShouldBe(Second);
    }

    [Fact]
    public void An_answer_vanishes_in_the_crash_of_its_caller_but_the_effect_stays()
    {
        using var sim = new Sim(1);
        var side = new SimFarSide(sim);
        var answers = 0;
        var node = sim.AddNode("n", async me =>
        {
            if (me.Incarnation > 0)
                return;
            await side.CallAsync(me, "far", () => ++_served);
            answers++;
        });
        sim.RunUntil(() => _served == 1, 60 * Second).ShouldBeTrue();
        node.Crash(TimeSpan.Zero);

        sim.Run(60 * Second);

        answers.ShouldBe(0);
    }

    [Fact]
    public void The_products_http_port_reaches_the_host_of_its_request_within_the_requests_own_limit()
    {
        using var sim = new Sim(1);
        var side = new SimFarSide(sim);
        var story = new List<string>();
        sim.AddNode("n", async me =>
        {
            var exchange = new SimExchange(me, side, request => new ExchangeResponse(202, new Dictionary<string, string>(), request.Body));
            var request = new ExchangeRequest(HttpMethod.Post, new Uri("https://far.example/x")) { Timeout = 4 * Second };
            story.Add($"{(await exchange.SendAsync(request)).StatusCode}");
            side.Cut("n", "far.example");
            var start = sim.Now;
            try
            {
                await exchange.SendAsync(request);
            }
            catch (TimeoutException)
            {
                story.Add($"limit after {(sim.Now - start).TotalSeconds}");
            }
        });

        sim.Run(20 * Second);

        story.ShouldBe(["202", "limit after 4"]);
    }

    private string[] Seeds(Swarm faults) =>
        [.. Enumerable.Range(0, 30).Select(seed => Call(faults, seed).Outcome).Distinct()];

    private (string Outcome, TimeSpan Took) Call(Swarm faults, int seed = 1, Action<SimFarSide>? prepare = null)
    {
        using var sim = new Sim(seed) { Faults = faults };
        var side = new SimFarSide(sim);
        prepare?.Invoke(side);
        var outcome = "none";
        var took = TimeSpan.Zero;
        sim.AddNode("n", async me =>
        {
            try
            {
                outcome = "answer " + await side.CallAsync(me, "far", () => ++_served, 10 * Second);
            }
            catch (Exception e) when (e is HttpRequestException or TimeoutException)
            {
                outcome = e.GetType().Name;
            }

            took = sim.Now;
        });
        sim.Run(20 * Second);
        return (outcome, took);
    }
}
