using System.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.SystemTests.Processes;

/// <summary>A disk that fills up and a disk that fails. Both need what only root may do, or a tracer.</summary>
public sealed class BadDiskTests : IDisposable
{
    private readonly Ledger _ledger = new();
    private string? _mounted;

    private string Folder => Path.GetDirectoryName(_ledger.Database)!;

    public void Dispose()
    {
        if (_mounted is not null)
            Run("umount", "--lazy", _mounted);
        _ledger.Dispose();
    }

    [Fact]
    [Trait("Needs", "root")]
    public async Task On_a_nearly_full_disk_enqueues_are_refused_and_outcomes_are_still_stored()
    {
        Assert.SkipUnless(Environment.UserName == "root", "mounting a small disk needs root");
        _mounted = Directory.CreateDirectory(Path.Combine(Folder, "disk")).FullName;
        Run("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", _mounted).ShouldBe(0);
        var database = Path.Combine(_mounted, "jobs.db");
        await using var store = Open(database);
        var me = await store.JoinAsync(() => { });
        await store.EnqueueAsync([Draft("a"), Draft("b")]);
        var leased = await store.ClaimAsync(new ClaimRequest(me, 2, TimeSpan.FromHours(1)));
        leased.Count.ShouldBe(2);

        Fill(leave: 4 << 20);
        await using (var other = Open(database)) // A new look at the disk: an answer is trusted for a second.
        {
            var refused = await Should.ThrowAsync<PosthouseException>(() => other.EnqueueAsync([Draft("c")]));
            refused.Code.ShouldBe(ErrorCodes.StoreFull);
            refused.Message.ShouldContain("free some space");
        }

        (await Done(store, leased[0])).ShouldBeTrue();

        Fill(leave: 0);
        (await Should.ThrowAsync<PosthouseException>(() => store.SettleAsync(leased[1].Lease, Result(1 << 20)))).Code.ShouldBe(ErrorCodes.StoreFull);
        File.Delete(Path.Combine(_mounted, "filling"));
        (await Done(store, leased[1])).ShouldBeTrue();
        await using var after = Open(database);
        (await after.EnqueueAsync([Draft("c")])).ShouldHaveSingleItem().Kind.ShouldBe(AdmissionKind.Accepted);
        (await after.CountAsync()).Done.ShouldBe(2);
    }

    [Theory]
    [Trait("Needs", "strace")]
    [InlineData("12")]
    [InlineData("12..20")]
    [InlineData("12+")]
    public async Task After_a_failed_flush_nothing_acknowledged_is_lost(string calls)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace makes the calls fail");
        var trace = Path.Combine(Folder, "trace");
        using (var producer = Prober.StartUnder(
            ["/usr/bin/strace", "-f", "-qq", "-o", trace, "-e", "trace=fsync,fdatasync", "-e", $"inject=fsync,fdatasync:error=EIO:when={calls}"],
            "enqueue", _ledger.Database, "n", "3000"))
        {
            await producer.Ends(); // For ever broken, it gives up; what it was told must stand all the same.
        }

        File.ReadAllText(trace).ShouldContain("(INJECTED)");
        if (calls != "12+")
            _ledger.Acknowledged.Count.ShouldBe(3000);
        using var worker = Prober.Start("dispatch", _ledger.Database);
        await worker.Says("ready");
        await using (var store = Open(_ledger.Database))
        {
            while (await store.LastPositionAsync() is var position && (await store.CountAsync()).Open > 0)
                await store.ChangedAsync(position, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        }

        worker.AskToEnd();
        await worker.EndsWell();
        _ledger.ShouldBalance(deaths: 0);
    }

    private static SqliteJobStore Open(string path) =>
        SqliteJobStore.Open(new SqliteStoreOptions { Path = path, Time = TimeProvider.System, Ids = SystemIds.Instance }, new JobRegistry());

    private static JobDraft Draft(string id) => new(JobId.Parse(id), "nobody.knows", 1, "{}"u8.ToArray(), "{}"u8.ToArray());

    private static Task<bool> Done(SqliteJobStore store, LeasedJob job) => store.SettleAsync(job.Lease, Result(2));

    private static Settlement Result(int bytes) => new(SettlementKind.Done) { Result = new byte[bytes] };

    private void Fill(long leave)
    {
        var path = Path.Combine(_mounted!, "filling");
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write);
        file.Seek(0, SeekOrigin.End);
        var chunk = new byte[4096];
        while (new DriveInfo(_mounted!).AvailableFreeSpace > leave)
        {
            try
            {
                file.Write(chunk);
                file.Flush();
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
