using System.Diagnostics;
using System.Globalization;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>
/// The real store and the real dispatcher under every fault a seed can draw. One seed is told again, step by step, by
/// <c>POSTHOUSE_SIM_SEED=n</c> and the test <see cref="One_seed_tells_its_story"/>.
/// </summary>
public sealed class QueueSimulationTests(ITestOutputHelper output)
{
    private const string ToReplay =
        "To replay seed N: POSTHOUSE_SIM_SEED=N Posthouse.Tests -explicit only -method '*One_seed_tells_its_story' -showliveoutput. Then write N into Simulation/seeds.txt.";

    /// <summary>Within so many seeds every planted bug has to be found.</summary>
    private const int BugSeeds = 2_000;

    /// <summary>What must happen in every range of a thousand seeds, else the runs are too tame.</summary>
    private static readonly string[] _mustReach =
    [
        "fault Crash", "fault Pause", "fault Cut", "fault Outage", "fault ClockJump", "fault RequestLost", "fault ReplyLost", "fault RequestTwice",
        "fault StoreBusy", "fault StoreFull", "fault StoreError", "fault StoreFull inside a group", "fault StoreError inside a group",
        "fault CrashBeforeCommit", "fault CrashAfterCommit", "unknown commit was done", "unknown commit was undone", "recovery failed",
        "lease taken over from a dead process", "lease lost by its time", "lease given back", "stale settlement refused", "cancelled while running",
        "cancel: CancelledBeforeSend", "cancel: RequestedWhileRunning", "cancel: TooLate",
        "closed: Superseded", "closed: Expired", "closed: Cancelled", "closed: Discarded",
        "dead: Crashed", "dead: Poisoned", "dead: Rejected", "dead: Conflict", "decision: Dead", "decision: Pending",
        "held for credentials", "destination offline", "try counted", "done after more than one try took effect",
        "settled with a change of the handler's own", "enqueue: UNKNOWN", "enqueue: DUPLICATE_JOB", "repeat: Accepted", "repeat: AnsweredByExisting",
        "reuse: JOB_ID_REUSED", "cleared", "batch: stored", "batch: DUPLICATE_JOB", "completion: Done", "completion: Dead", "dispatcher stopped", "dispatcher ended: UNKNOWN", "wait cut after the clock went back",
    ];

    public static TheoryData<string> Bugs => [.. PlantedBugs.All.Select(bug => bug.Name)];

    private static int Seeds => Environment.GetEnvironmentVariable("POSTHOUSE_SIM_SEEDS") is { } some ? int.Parse(some, CultureInfo.InvariantCulture)
        : Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") == "1" ? 10_000 : 1_000;

    [Fact]
    public void The_queue_keeps_its_promises_under_every_seed()
    {
        var clock = Stopwatch.StartNew();
        var report = Runner(PlantedBug.None).Run(0, Seeds);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Seeds / clock.Elapsed.TotalSeconds:F0} seeds/s"));
        output.WriteLine(report.ToString());
        output.WriteLine(ToReplay);
        report.ShouldBeClean(_mustReach);
    }

    [Fact]
    public void Seeds_that_once_failed_pass()
    {
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Simulation", "seeds.txt")).Where(line => line.Length > 0 && line[0] != '#'))
            Runner(PlantedBug.None).Run(int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture), 1).ShouldBeClean();
    }

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_planted_bug_is_found(string name)
    {
        var runner = Runner(PlantedBugs.All.Single(bug => bug.Name == name));

        var seed = runner.FirstFailingSeed(0, BugSeeds).ShouldNotBeNull($"{name}: not found in {BugSeeds} seeds");

        output.WriteLine($"seed {seed}: {runner.Run(seed, 1).Failures.Keys.Single()}");
    }

    [Fact(Explicit = true)]
    public void One_seed_tells_its_story() =>
        output.WriteLine(Runner(PlantedBug.None).Replay(int.Parse(Environment.GetEnvironmentVariable("POSTHOUSE_SIM_SEED") ?? "0", CultureInfo.InvariantCulture)));

    private static SeedRunner Runner(PlantedBug bug) => new(sim => QueueScenario.Run(sim, bug));
}
