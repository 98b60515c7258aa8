using Posthouse.Jobs;
using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Sync.Handlers;

/// <summary>Takes a lock from its holder, if it is still the very lock that somebody looked at.</summary>
internal sealed class BreakLockHandler(OperationRun run) : IJobHandler<BreakLock, OperationResult>
{
    public Task<Outcome<OperationResult>> HandleAsync(BreakLock job, JobContext context, CancellationToken cancellationToken) => run.TryAsync(
        job,
        new OperationNote("vcs.break", job.CloneId, OperationTitle.Of(job)) { Resource = job.Resource, LockId = job.LockId },
        context,
        async at =>
        {
            var key = ResourceKey.Of(job.Resource);
            var answer = await at.Policy.BreakAsync(new BreakRequest(key, job.LockId, job.Reason), context.IdempotencyKey, cancellationToken);
            return answer switch
            {
                LockAnswer.Broken broken => LockAnswers.Arrived(at, broken.Lock, $"Broke the lock of {LockAnswers.Name(key)} that {broken.Lock.Record?.Owner.Named} had"),
                LockAnswer.AlreadyReleased released => LockAnswers.Arrived(at, released.Lock, $"{LockAnswers.Name(key)} had been given back already"),
                LockAnswer.NotHeld free => LockAnswers.Arrived(at, free.Now, $"Nobody had {LockAnswers.Name(key)}"),
                _ => LockAnswers.Refused(at, key, answer),
            };
        },
        cancellationToken);
}
