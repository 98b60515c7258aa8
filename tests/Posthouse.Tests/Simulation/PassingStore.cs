using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Simulation;

/// <summary>A store that hands every call on; what stands between the engines and the real one overrides the calls it looks at.</summary>
internal class PassingStore(IJobStore inner) : IJobStore
{
    protected IJobStore Inner => inner;

    public Task<IReadOnlyList<Admission>> EnqueueAsync(IReadOnlyList<JobDraft> drafts) => inner.EnqueueAsync(drafts);

    public virtual Task<T> EnqueueAsync<T>(IReadOnlyList<JobDraft> drafts, Func<IReadOnlyList<Admission>, T> shape) => inner.EnqueueAsync(drafts, shape);

    public virtual Task<IReadOnlyList<LeasedJob>> ClaimAsync(ClaimRequest request) => inner.ClaimAsync(request);

    public Task WithdrawAsync(InstanceId instance) => inner.WithdrawAsync(instance);

    public virtual Task<bool> SettleAsync(Lease lease, Settlement settlement) => inner.SettleAsync(lease, settlement);

    public virtual Task<IReadOnlyList<HeldLease>> RenewAsync(InstanceId instance, TimeSpan by) => inner.RenewAsync(instance, by);

    public virtual Task<InstanceId> JoinAsync(Action hint) => inner.JoinAsync(hint);

    public virtual Task<int> TakeOverAsync(InstanceId instance) => inner.TakeOverAsync(instance);

    public Task LeaveAsync(InstanceId instance) => inner.LeaveAsync(instance);

    public virtual Task<CommandAnswer> DecideAsync(JobCommand command) => inner.DecideAsync(command);

    public Task<int> SweepAsync(TimeSpan keep) => inner.SweepAsync(keep);

    public virtual Task<JobRecord?> GetAsync(JobId id) => inner.GetAsync(id);

    public Task<IReadOnlyList<JobRecord>> ListAsync(JobQuery query) => inner.ListAsync(query);

    public Task<QueueCounts> CountAsync() => inner.CountAsync();

    public virtual Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(long after, EventFilter filter, int limit) => inner.ReadEventsAsync(after, filter, limit);

    public Task<long> LastPositionAsync() => inner.LastPositionAsync();

    public Task AcknowledgeAsync(string owner, long position) => inner.AcknowledgeAsync(owner, position);

    public Task ChangedAsync(long position, CancellationToken cancellationToken) => inner.ChangedAsync(position, cancellationToken);

    public Task StageAsync(StoredFile file) => inner.StageAsync(file);

    public void Wake() => inner.Wake();

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
