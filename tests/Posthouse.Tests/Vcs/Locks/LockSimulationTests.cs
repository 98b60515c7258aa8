using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>
/// Many clones over one register, every order of their steps drawn from a seed, with lost answers, late pushes, crashes and clocks
/// that are off. The world's laws must hold in all of it, and must break when a mistake is planted.
/// </summary>
public sealed class LockSimulationTests
{
    private const int Seeds = 200;
    private const int LongSeeds = 5_000;
    private const int Steps = 1_500;

    [Fact]
    public void In_every_order_of_events_one_tenure_at_a_time_writes_the_branch_and_epochs_only_rise()
    {
        var seeds = Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") is null ? Seeds : LongSeeds;
        var (tenures, pushes) = (0L, 0L);
        for (var seed = 1; seed <= seeds; seed++)
        {
            var world = Run(seed, Planted.Nothing);
            world.Breaches.ShouldBeEmpty($"seed {seed}");
            tenures += world.Now?.Epoch ?? 0;
            pushes += world.Branch.Count;
        }

        // A world in which nothing happens breaks no law either.
        tenures.ShouldBeGreaterThan(seeds * 10L);
        pushes.ShouldBeGreaterThan(seeds * 10L);
    }

    [Theory]
    [InlineData(nameof(Planted.Force), "follows")]
    [InlineData(nameof(Planted.Deletes), "follows")]
    [InlineData(nameof(Planted.Credulous), "took over what was written")]
    [InlineData(nameof(Planted.Unfenced), "the branch took a push of epoch")]
    public void A_planted_mistake_is_found(string mistake, string law)
    {
        var planted = Enum.Parse<Planted>(mistake);
        Enumerable.Range(1, Seeds).SelectMany(seed => Run(seed, planted).Breaches).ShouldContain(breach => breach.Contains(law, StringComparison.Ordinal));
    }

    private static LockWorld Run(int seed, Planted planted)
    {
        var random = new Random(seed);
        var time = new ManualTimeProvider();
        var options = new LockOptions();
        var world = new LockWorld(time, options, planted);
        List<Action> inFlight = [];
        var clones = new List<SimulatedClone>();
        for (var i = 0; i < 2 + random.Next(5); i++)
        {
            // Two of three clocks are as good as is tolerated, every third is up to two hours off.
            var skew = TimeSpan.FromSeconds(random.Next(3) == 0 ? random.Next(-7_200, 7_200) : random.Next(-150, 150));
            world.Skews[$"clone{i}"] = skew;
            clones.Add(new SimulatedClone(world, $"clone{i}", new SkewedTime(time, skew), options, random, inFlight));
        }

        for (var step = 0; step < Steps; step++)
        {
            clones[random.Next(clones.Count)].Step();
            if (inFlight.Count > 0 && random.Next(4) == 0)
                Arrive(inFlight, random.Next(inFlight.Count));
            time.Advance(TimeSpan.FromSeconds(random.Next(50) == 0 ? random.Next(1_800) : random.Next(10)));
        }

        foreach (var (job, lockId) in clones.SelectMany(clone => clone.Acknowledged))
        {
            var begins = world.History.Where((record, at) => record.LockId == lockId && (at == 0 || world.History[at - 1].LockId != lockId)).ToList();
            if (begins.Count != 1 || !LockProtocol.IsBy(begins[0], job))
                world.Breaches.Add($"{job} was told that it has {lockId}, which begins {begins.Count} times");
        }

        return world;
    }

    private static void Arrive(List<Action> inFlight, int at)
    {
        var push = inFlight[at];
        inFlight.RemoveAt(at);
        push();
    }
}
