using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Tests.Storage;

/// <summary>SQLite and memory, told the same, hold the same.</summary>
public sealed class SqliteAgreementTests : StoreAgreementTests, IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private int _stores;

    protected override Task<IJobStore> OpenOtherAsync(TimeProvider time, QueueLimits limits) => Task.FromResult<IJobStore>(SqliteJobStore.Open(
        new SqliteStoreOptions { Path = _folder.File($"other-{_stores++}.db"), Limits = limits, Time = time, Ids = SystemIds.Instance }, new JobRegistry()));

    protected override Task LoseProcessOfOtherAsync(IJobStore store, InstanceId instance)
    {
        ((SqliteJobStore)store).Session.Instances.Abandon(instance);
        return Task.CompletedTask;
    }

    public void Dispose() => _folder.Dispose();
}
