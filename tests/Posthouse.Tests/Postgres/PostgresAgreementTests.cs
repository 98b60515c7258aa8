using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Postgres;

/// <summary>PostgreSQL and memory, told the same, hold the same.</summary>
public sealed class PostgresAgreementTests : StoreAgreementTests
{
    /// <summary>A run takes twenty times what one on a file takes.</summary>
    protected override int Runs => 3;

    protected override Task<IJobStore> OpenOtherAsync(TimeProvider time, QueueLimits limits) => Task.FromResult<IJobStore>(PostgresJobStore.Open(
        new PostgresStoreOptions
        {
            ConnectionString = PostgresServer.One.ConnectionString,
            Schema = PostgresServer.NewSchema(),
            Limits = limits,
            Time = time,
            Ids = SystemIds.Instance,
        },
        new JobRegistry()));

    /// <summary>It was silent for so long that it is gone.</summary>
    protected override async Task LoseProcessOfOtherAsync(IJobStore store, InstanceId instance)
    {
        var other = (PostgresJobStore)store;
        other.Session.Instances.Abandon(instance);
        await other.WriteAsync(write => write.Execute("UPDATE instance SET seen_at = 0 WHERE id = $1", instance.Value));
    }
}
