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

    private SqliteJobStore Open(string path, QueueLimits limits) =>
        SqliteJobStore.Open(new SqliteStoreOptions { Path = path, Limits = limits, Time = Time, Ids = SystemIds.Instance }, new JobRegistry());
}
