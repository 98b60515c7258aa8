using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Memory;

namespace Posthouse.Tests.Storage;

/// <summary>The store in memory keeps the contract.</summary>
public sealed class MemoryJobStoreTests : JobStoreContract
{
    protected override Task<IJobStore> OpenAsync(QueueLimits? limits = null) =>
        Task.FromResult<IJobStore>(new MemoryJobStore(Time, SystemIds.Instance, limits ?? new QueueLimits()));

    protected override Task LoseProcessAsync(IJobStore store, InstanceId instance)
    {
        ((MemoryJobStore)store).DeclareGone(instance);
        return Task.CompletedTask;
    }
}
