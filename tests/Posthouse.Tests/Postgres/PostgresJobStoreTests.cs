using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Postgres;

/// <summary>The PostgreSQL store keeps the contract, on a real server.</summary>
public sealed class PostgresJobStoreTests : JobStoreContract
{
    private readonly Dictionary<IJobStore, PostgresStoreOptions> _opened = [];

    protected override bool IsDurable => true;

    protected override Task<IJobStore> OpenAsync(QueueLimits? limits = null) => Task.FromResult<IJobStore>(Open(new PostgresStoreOptions
    {
        ConnectionString = PostgresServer.One.ConnectionString,
        Schema = PostgresServer.NewSchema(),
        Limits = limits ?? new QueueLimits(),
        Time = Time,
        Ids = SystemIds.Instance,
    }));

    protected override async Task<IJobStore> ReopenAsync(IJobStore store)
    {
        await store.DisposeAsync();
        return Open(_opened[store]);
    }

    protected override Task LoseProcessAsync(IJobStore store, InstanceId instance)
    {
        // Machines know of each other by time alone.
        ((PostgresJobStore)store).Session.Instances.Abandon(instance);
        Pass(60);
        return Task.CompletedTask;
    }

    private PostgresJobStore Open(PostgresStoreOptions options)
    {
        var store = PostgresJobStore.Open(options, new JobRegistry());
        _opened[store] = options;
        return store;
    }
}
