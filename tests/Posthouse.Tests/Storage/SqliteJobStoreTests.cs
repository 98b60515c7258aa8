using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Tests.Storage;

/// <summary>The SQLite store keeps the contract.</summary>
public sealed class SqliteJobStoreTests : JobStoreContract
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private int _stores;

    protected override bool IsDurable => true;

    protected override Task<IJobStore> OpenAsync(QueueLimits? limits = null) =>
        Task.FromResult<IJobStore>(Open(_folder.File($"jobs-{_stores++}.db"), limits ?? new QueueLimits()));

    protected override async Task<IJobStore> ReopenAsync(IJobStore store)
    {
        var options = ((SqliteJobStore)store).Session.Options;
        await store.DisposeAsync();
        return Open(options.Path, options.Limits);
    }

    protected override Task LoseProcessAsync(IJobStore store, InstanceId instance)
    {
        ((SqliteJobStore)store).Session.Instances.Abandon(instance);
        return Task.CompletedTask;
    }

    protected override void CleanUp() => _folder.Dispose();

    [Fact]
    public async Task A_process_that_opened_the_file_by_another_name_is_alive()
    {
        await Enqueue(Draft("a"));
        var lease = await Run("a");
        var link = _folder.File("link.db");
        File.CreateSymbolicLink(link, ((SqliteJobStore)Store).Session.Options.Path);
        await using var other = Open(link, new QueueLimits());

        await other.TakeOverAsync(await other.JoinAsync(() => { }));

        (await Done(lease)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("UPDATE job SET priority = 3 RETURNING seq", true)]
    [InlineData("  with chosen AS (SELECT seq FROM job) DELETE FROM job WHERE seq IN (SELECT seq FROM chosen) RETURNING seq", true)]
    [InlineData("SELECT seq FROM job", false)]
    [InlineData("WITH chosen AS (SELECT seq FROM job) SELECT seq FROM chosen", false)]
    public async Task A_query_that_changes_rows_leaves_the_mark_by_which_an_unknown_commit_is_known(string statement, bool changes)
    {
        await Enqueue(Draft("a"));
        var store = (SqliteJobStore)Store;
        var before = await Turn(store);
        (await store.WriteAsync(write => write.Query(statement, row => row.Int64(0)))).Count.ShouldBe(1);
        (await Turn(store) > before).ShouldBe(changes);
    }

    private static Task<long> Turn(SqliteJobStore store) => store.ReadAsync(read => read.Scalar("SELECT max(turn) FROM commit_mark"));

    private SqliteJobStore Open(string path, QueueLimits limits) =>
        SqliteJobStore.Open(new SqliteStoreOptions { Path = path, Limits = limits, Time = Time, Ids = SystemIds.Instance }, new JobRegistry());
}
