namespace Posthouse.SystemTests.Processes;

/// <summary>A process dies at each numbered point of DESIGN.md; the next one goes on as if nothing had been.</summary>
public sealed class CrashPointTests : IDisposable
{
    private const int Jobs = 60;
    private readonly Ledger _ledger = new();

    public static TheoryData<int, int> Passages
    {
        get
        {
            var passages = new TheoryData<int, int>();
            foreach (var point in Enum.GetValues<CrashAt>().Except([CrashAt.LeasesTaken, CrashAt.LogFolded, CrashAt.HalfPutAside]))
            {
                passages.Add((int)point, 1);
                if (point is not (CrashAt.SchemaApplied or CrashAt.RowsSwept))
                    passages.Add((int)point, 4);
            }

            passages.Add((int)CrashAt.GroupRun, 50);
            passages.Add((int)CrashAt.GroupCommitted, 50);
            passages.Add((int)CrashAt.GroupAnswered, 50);
            return passages;
        }
    }

    public void Dispose() => _ledger.Dispose();

    [Theory]
    [MemberData(nameof(Passages))]
    public async Task Dying_at_a_point_loses_nothing_and_doubles_nothing(int point, int times)
    {
        await DieAt($"{point}:{times}");
        await Finish();
        _ledger.ShouldBalance(deaths: 1);
    }

    [Fact]
    public async Task Dying_while_a_dead_process_is_relieved_leaves_its_jobs_to_the_next()
    {
        await DieAt($"{(int)CrashAt.HandlerAnswered}");
        await DieAt($"{(int)CrashAt.LeasesTaken}");
        await Finish();
        _ledger.ShouldBalance(deaths: 2);
    }

    [Fact]
    public async Task Dying_after_the_log_was_folded_in_loses_nothing()
    {
        await DieAt($"{(int)CrashAt.LogFolded}", jobs: 400, bytes: 60_000);
        await Finish(jobs: 400, bytes: 60_000);
        _ledger.ShouldBalance(deaths: 1);
    }

    [Fact]
    public async Task Dying_while_a_damaged_database_is_put_aside_leaves_it_to_be_put_aside_again()
    {
        await DieAt($"{(int)CrashAt.Claimed}");
        foreach (var path in new[] { _ledger.Database, _ledger.Database + "-wal" }) // A sound log would heal the first page.
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            file.Write("This was a database once."u8);
        }

        await DieAt($"{(int)CrashAt.HalfPutAside}");
        await Finish();

        _ledger.ShouldBalance(deaths: 2);
        Directory.GetFiles(Path.GetDirectoryName(_ledger.Database)!, "*.damaged-*").ShouldContain(path => File.ReadAllText(path).StartsWith("This was", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Dying_at_random_moments_loses_nothing_and_doubles_nothing()
    {
        var rounds = Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") == "1" ? 200 : 10;
        var seed = Environment.ProcessId;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var moments = new Random(seed);
        for (var round = 0; round < rounds; round++)
        {
            using var victim = Prober.Start("everything", _ledger.Database, $"r{round}", "1000000", "100");
            await victim.Says("ready");
            await Task.Delay(moments.Next(20, 400)); // The moment itself is what is tried, not something waited for.
            victim.Kill();
            (await victim.Ends()).ShouldBe(Prober.Killed);
        }

        await Finish();
        _ledger.Acknowledged.Count.ShouldBeGreaterThan(rounds);
        _ledger.ShouldBalance(deaths: rounds);
    }

    private async Task DieAt(string crashAt, int jobs = Jobs, int bytes = 10)
    {
        using var victim = Prober.StartToDie(crashAt, "everything", _ledger.Database, "n", $"{jobs}", $"{bytes}");
        (await victim.Ends()).ShouldBe(Prober.Killed, $"it did not come to point {crashAt}");
    }

    private async Task Finish(int jobs = Jobs, int bytes = 10)
    {
        using var survivor = Prober.Start("everything", _ledger.Database, "n", $"{jobs}", $"{bytes}");
        await survivor.EndsWell();
    }
}
