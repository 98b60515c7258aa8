using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Hosting;

namespace Posthouse.Tests.Storage;

public sealed class DiskReserveTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly ManualTimeProvider _time = new();
    private long _free = DiskReserve.Bytes;

    [Fact]
    public async Task On_the_last_of_the_disk_new_work_is_refused_and_what_runs_ends_and_is_followed()
    {
        await using var store = await OpenAsync();
        var me = await store.JoinAsync(() => { });
        await store.WriteAsync(write => write.Enqueue(new Letter("first")));
        var lease = (await store.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromMinutes(1)))).ShouldHaveSingleItem().Lease;
        _free = DiskReserve.Bytes - 1;
        _time.Advance(TimeSpan.FromSeconds(1));

        var refused = store.WriteAsync(write => write.Enqueue(new Letter("refused")));
        var settled = store.SettleAsync(lease, new Settlement(SettlementKind.Done) { Result = [], Write = write => write.Enqueue(new Letter("next")) });

        (await Should.ThrowAsync<PosthouseException>(() => refused)).Code.ShouldBe(ErrorCodes.StoreFull);
        (await settled).ShouldBeTrue();
        (await store.WriteAsync(write => write.Scalar("SELECT count(*) FROM job WHERE state = 0"))).ShouldBe(1);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<SqliteJobStore> OpenAsync()
    {
        await using var office = await Office.OpenAsync(database: null, options => options.Dispatches = false);
        var registry = (JobRegistry)office.Services.GetService(typeof(JobRegistry))!;
        var options = new SqliteStoreOptions { Path = _folder.File("app.db"), Limits = new QueueLimits(), Time = _time, Ids = SystemIds.Instance };
        return new SqliteJobStore(SqliteSession.Open(options, new JobDrafts(registry, _time, SystemIds.Instance), LoopThread.Start), _ => _free);
    }
}
