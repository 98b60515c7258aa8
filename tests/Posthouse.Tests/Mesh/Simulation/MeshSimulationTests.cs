using System.Diagnostics;
using System.Globalization;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Mesh.Simulation;

/// <summary>
/// The real engine, many times in one process, under every fault a seed can draw. One seed is told again by <c>POSTHOUSE_SIM_SEED=n</c> and
/// the test <see cref="One_seed_tells_its_story"/>.
/// </summary>
public sealed class MeshSimulationTests(ITestOutputHelper output)
{
    private const int Nodes = 24;

    /// <summary>A seed whose ten thousand nodes see crashes, freezes, losses, clocks that differ, a liar and an attacker.</summary>
    private const int LargestSeed = 15;

    /// <summary>Within so many seeds every planted bug has to be found.</summary>
    private const int BugSeeds = 60;

    /// <summary>What must happen in every range of seeds, else the runs are too tame.</summary>
    private static readonly string[] _mustReach =
    [
        "crash", "restart", "restart without disk", "freeze", "cut", "partition", "clock step", "attack", "fetch", "slow peer", "lie", "silence",
        "ProviderDiscovered", "ProviderReconnected", "ProviderDisconnected", "AllProvidersOffline", "NetworkRecovered", "PeerBanned",
    ];

    public static TheoryData<string> Bugs => [.. MeshBugs.All.Select(bug => bug.Name)];

    private static bool IsLong => Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") == "1";

    private static int Seeds => Environment.GetEnvironmentVariable("POSTHOUSE_SIM_SEEDS") is { } some ? int.Parse(some, CultureInfo.InvariantCulture) : IsLong ? 1_000 : 200;

    [Fact]
    public async Task The_mesh_keeps_its_promises_under_every_seed()
    {
        var clock = Stopwatch.StartNew();
        // A run belongs to one thread; two threads take half of the seeds each.
        var halves = await Task.WhenAll(Task.Run(() => Runner(MeshBug.None, Nodes).Run(0, Seeds / 2)), Task.Run(() => Runner(MeshBug.None, Nodes).Run(Seeds / 2, Seeds / 2)));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Seeds / clock.Elapsed.TotalSeconds:F1} seeds/s"));
        foreach (var report in halves)
        {
            output.WriteLine(report.ToString());
            report.ShouldBeClean(_mustReach);
        }
    }

    [Fact]
    public async Task Larger_meshes_keep_them_too()
    {
        var (seeds, nodes) = IsLong ? (20, 1_000) : (2, 60);
        var clock = Stopwatch.StartNew();
        var halves = await Task.WhenAll(Task.Run(() => Runner(MeshBug.None, nodes).Run(0, seeds / 2)), Task.Run(() => Runner(MeshBug.None, nodes).Run(seeds / 2, seeds / 2)));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seeds} seeds of {nodes} nodes in {clock.Elapsed.TotalSeconds:F0} s, {Environment.WorkingSet / 1e6:F0} MB"));
        foreach (var report in halves)
        {
            output.WriteLine(report.ToString());
            report.ShouldBeClean();
        }
    }

    /// <summary>Ten thousand nodes in the long run; their story is not run twice, for it takes minutes.</summary>
    [Fact]
    public void The_largest_mesh_keeps_them_too()
    {
        var nodes = IsLong ? 10_000 : 150;
        var clock = Stopwatch.StartNew();
        var (events, length, reached) = (0L, TimeSpan.Zero, "");
        var runner = new SeedRunner(sim =>
        {
            MeshScenario.Run(sim, MeshBug.None, nodes);
            (events, length, reached) = (sim.Events, sim.Now, string.Join(", ", sim.Reached.Where(name => char.IsLower(name.Key[0])).Select(name => $"{name.Key} {name.Value}")));
        });
        runner.FirstFailingSeed(LargestSeed, 1).ShouldBeNull($"tell it again with POSTHOUSE_SIM_SEED={LargestSeed}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{nodes} nodes: {length.TotalSeconds:F0} virtual seconds and {events} events in {clock.Elapsed.TotalSeconds:F0} s, {Environment.WorkingSet / 1e6:F0} MB; {reached}"));
    }

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_planted_bug_is_found(string name)
    {
        var runner = Runner(MeshBugs.All.Single(bug => bug.Name == name), Nodes);

        var seed = runner.FirstFailingSeed(0, BugSeeds).ShouldNotBeNull($"{name}: not found in {BugSeeds} seeds");

        output.WriteLine($"seed {seed}: {runner.Run(seed, 1).Failures.Keys.Single()}");
    }

    [Fact(Explicit = true)]
    public void One_seed_tells_its_story() =>
        output.WriteLine(Runner(MeshBug.None, Nodes).Replay(int.Parse(Environment.GetEnvironmentVariable("POSTHOUSE_SIM_SEED") ?? "0", CultureInfo.InvariantCulture)));

    private static SeedRunner Runner(MeshBug bug, int nodes) => new(sim => MeshScenario.Run(sim, bug, nodes));
}
