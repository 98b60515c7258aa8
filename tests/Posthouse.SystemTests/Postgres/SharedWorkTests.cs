using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Storage;
using Posthouse.SystemTests.Processes;
using Posthouse.Tests.Postgres;

namespace Posthouse.SystemTests.Postgres;

/// <summary>Several processes share the work of one PostgreSQL database, whatever becomes of them or of it.</summary>
public sealed class SharedWorkTests : IDisposable
{
    /// <summary>Effects that a dying dispatcher may leave unsettled: what ran, and what was claimed ahead and ran during one commit.</summary>
    private const int UnsettledAtDeath = 10 + 256;

    private readonly PostgresServer _server = PostgresServer.OnDisk();
    private readonly Ledger _ledger = new();

    private static int Count => Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") == "1" ? 50_000 : 2_000;

    public void Dispose()
    {
        _ledger.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task Three_processes_run_what_two_enqueue_each_job_once_though_one_is_killed_and_one_stands_still()
    {
        Prober[] workers = [.. Enumerable.Range(0, 3).Select(_ => Start("dispatch"))];
        foreach (var worker in workers)
        {
            await worker.Says("ready");
        }

        using var first = Start("enqueue", "first", $"{Count}");
        using var second = Start("enqueue", "second", $"{Count}");
        await first.Says("busy");
        workers[0].Kill();
        workers[1].Stop();
        await second.Says("done");
        await first.Says("done");
        workers[1].GoOn();
        await UntilIdle();
        foreach (var worker in workers[1..])
        {
            worker.AskToEnd();
            await worker.EndsWell();
        }

        // The one that stood still has lost its leases meanwhile, and may have ended what another has begun anew.
        await Balance(2 * UnsettledAtDeath);
        Array.ForEach(workers, worker => worker.Dispose());
    }

    [Fact]
    public async Task A_server_that_crashes_again_and_again_loses_nothing_that_it_acknowledged()
    {
        using var worker = Start("dispatch");
        await worker.Says("ready");
        using var producer = Start("enqueue", "first", $"{2 * Count}");
        await producer.Says("busy");
        for (var times = 0; times < 3; times++)
        {
            _server.Crash();
            _server.Start();
            await AdvanceAsync();
        }

        await producer.Says("done");
        await UntilIdle();
        worker.AskToEnd();
        await worker.EndsWell();
        await Balance(3 * UnsettledAtDeath);
    }

    private Prober Start(string role, params string[] arguments) => Prober.StartWith(
        new Dictionary<string, string> { ["PROBER_POSTGRES"] = _server.ConnectionString, ["PROBER_LEASE_SECONDS"] = "6" }, role, _ledger.Database, arguments);

    private PostgresJobStore Open() => PostgresJobStore.Open(
        new PostgresStoreOptions { ConnectionString = _server.ConnectionString, Time = TimeProvider.System, Ids = SystemIds.Instance }, new JobRegistry());

    /// <summary>Some more work is done, so that the next crash meets it.</summary>
    private async Task AdvanceAsync()
    {
        await using var store = Open();
        var position = await store.LastPositionAsync();
        await store.ChangedAsync(position, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
    }

    private async Task UntilIdle()
    {
        await using var store = Open();
        while (true)
        {
            var position = await store.LastPositionAsync();
            if ((await store.CountAsync()).Open == 0)
            {
                return;
            }

            await store.ChangedAsync(position, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(90));
        }
    }

    private async Task Balance(int twice)
    {
        await using var store = Open();
        await store.ReadAsync(read =>
        {
            _ledger.ShouldBalance(read, twice);
            return true;
        });
        _ledger.Acknowledged.Distinct().Count().ShouldBe(2 * Count);
    }
}
