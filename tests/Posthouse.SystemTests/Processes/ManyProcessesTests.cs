using System.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.SystemTests.Processes;

/// <summary>Several processes on one file: each may enqueue, each may dispatch, and none needs the others.</summary>
public sealed class ManyProcessesTests : IDisposable
{
    private readonly Ledger _ledger = new();

    private static int Count => Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") == "1" ? 50_000 : 5_000;

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public async Task Two_enqueue_while_a_third_dispatches_though_one_is_stopped_and_one_killed_in_the_gate()
    {
        using var worker = Prober.Start("dispatch", _ledger.Database);
        await worker.Says("ready");
        using var first = Prober.Start("enqueue", _ledger.Database, "first", $"{Count}");
        // A group is run inside the gate, so this one dies holding it.
        using var victim = Prober.StartToDie($"{(int)CrashAt.GroupRun}:8", "enqueue", _ledger.Database, "second", $"{Count}");
        await first.Says("busy");
        first.Stop();
        await Task.Delay(TimeSpan.FromSeconds(1)); // Others wait meanwhile, if it was stopped inside the gate.
        first.GoOn();
        (await victim.Ends()).ShouldBe(Prober.Killed);

        // Who heard no answer repeats with the same ids.
        using var second = Prober.Start("enqueue", _ledger.Database, "second", $"{Count}");
        await second.Says("done");
        await first.Says("done");
        await Idle();
        worker.AskToEnd();
        await worker.EndsWell();

        _ledger.ShouldBalance(deaths: 0);
        _ledger.Acknowledged.Distinct().Count().ShouldBe(2 * Count);
        var order = _ledger.Effects.Where(effects => effects.Count > 0).ShouldHaveSingleItem();
        order.Count.ShouldBe(2 * Count);
        foreach (var lane in order.GroupBy(id => (id.Split('-')[0], int.Parse(id.Split('-')[1]) % 20)))
            lane.ToList().ShouldBe([.. lane.Order(StringComparer.Ordinal)], $"lane {lane.Key}");
    }

    [Fact]
    public async Task A_lone_write_beside_saturated_processes_waits_little()
    {
        using var worker = Prober.Start("dispatch", _ledger.Database);
        await worker.Says("ready");
        using var busy = Prober.Start("enqueue", _ledger.Database, "busy", "1000000");
        await busy.Says("ready");
        await using var store = Open();
        var waits = new List<double>();
        for (var i = 0; i < 200; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await store.EnqueueAsync([new JobDraft(JobId.Parse($"lone-{i}"), "nobody.knows", 1, "{}"u8.ToArray(), "{}"u8.ToArray())]);
            waits.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        waits.RemoveRange(0, 20); // The first ones compile what they call.
        waits.Sort();
        TestContext.Current.TestOutputHelper!.WriteLine($"lone write beside two saturated processes: median {waits[waits.Count / 2]:0.0} ms, longest {waits[^1]:0.0} ms (goal 50 ms)");
        waits[^1].ShouldBeLessThan(500);
    }

    [Fact]
    public async Task What_a_killed_dispatcher_ran_is_taken_over_at_once()
    {
        await using var store = Open();
        await Enqueue(store, "stuck", hangs: true);
        using var victim = Prober.Start("dispatch", _ledger.Database);
        await victim.Says("running stuck");
        victim.Kill();
        await victim.Ends();
        var start = Stopwatch.GetTimestamp();
        using var heir = Prober.Start("dispatch", _ledger.Database);
        await Idle();

        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(20), "the lease would have lasted 60 s");
        heir.AskToEnd();
        await heir.EndsWell();
        (await store.GetAsync(JobId.Parse("stuck")))!.Claims.ShouldBe(2);
    }

    [Fact]
    public async Task Asked_to_end_a_dispatcher_gives_its_jobs_back_uncounted()
    {
        await using var store = Open();
        await Enqueue(store, "stuck", hangs: true);
        await Enqueue(store, "behind", hangs: true);
        using var worker = Prober.Start("dispatch", _ledger.Database);
        await worker.Says("running stuck");
        worker.AskToEnd();
        await worker.Says("stopped");
        await worker.EndsWell();

        var job = (await store.GetAsync(JobId.Parse("stuck")))!;
        (job.State, job.Gate, job.Attempts, job.Lost, job.Claims).ShouldBe((JobState.Pending, Gate.Open, 0, 0, 1));
        (await store.CountAsync()).Running.ShouldBe(0);
    }

    private SqliteJobStore Open() =>
        SqliteJobStore.Open(new SqliteStoreOptions { Path = _ledger.Database, Time = TimeProvider.System, Ids = SystemIds.Instance }, new JobRegistry());

    private static Task<IReadOnlyList<Admission>> Enqueue(SqliteJobStore store, string id, bool hangs) => store.EnqueueAsync(
        [new JobDraft(JobId.Parse(id), "effect", 1, System.Text.Encoding.UTF8.GetBytes($$"""{"Hangs":{{(hangs ? "true" : "false")}}}"""), "{}"u8.ToArray())]);

    private async Task Idle()
    {
        await using var store = Open();
        while (true)
        {
            var position = await store.LastPositionAsync();
            if ((await store.CountAsync()).Open == 0)
                return;
            await store.ChangedAsync(position, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        }
    }
}
