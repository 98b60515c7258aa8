using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Sync.Handlers;

/// <summary>Moves a lease's end, counted from the moment it is renewed.</summary>
internal sealed class RenewLockHandler(OperationRun run, IStore store) : IJobHandler<RenewLock, OperationResult>
{
    public Task<Outcome<OperationResult>> HandleAsync(RenewLock job, JobContext context, CancellationToken cancellationToken) => run.TryAsync(
        job,
        new OperationNote("vcs.renew", job.CloneId, OperationTitle.Of(job)) { Resource = job.Resource, LockId = job.LockId },
        context,
        async at =>
        {
            var key = ResourceKey.Of(job.Resource);
            var lease = job.TtlSeconds == 0 ? (TimeSpan?)null : TimeSpan.FromSeconds(job.TtlSeconds);
            var answer = await at.Policy.RenewAsync(new RenewRequest(key, lease, job.Adds, job.LockId) { Until = job.Until }, context.IdempotencyKey, cancellationToken);
            return answer is LockAnswer.Renewed renewed
                ? LockAnswers.Arrived(at, renewed.Lock, $"Renewed {LockAnswers.Name(key)}{(renewed.WasExpired ? ", whose lease was over" : "")}")
                : LockAnswers.Refused(at, key, await LockAnswers.RememberedAsync(store, at, key, answer));
        },
        cancellationToken);
}
