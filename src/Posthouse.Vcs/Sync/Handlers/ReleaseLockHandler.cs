using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Sync.Handlers;

/// <summary>Gives a lock back. Twice is once; another's is never touched. To have none is what was wanted: nobody has to decide about that.</summary>
internal sealed class ReleaseLockHandler(OperationRun run, IStore store) : IJobHandler<ReleaseLock, OperationResult>
{
    public Task<Outcome<OperationResult>> HandleAsync(ReleaseLock job, JobContext context, CancellationToken cancellationToken) => run.TryAsync(
        job,
        new OperationNote("vcs.release", job.CloneId, OperationTitle.Of(job)) { Resource = job.Resource, LockId = job.LockId },
        context,
        async at =>
        {
            var key = ResourceKey.Of(job.Resource);
            var answer = await at.Policy.ReleaseAsync(new ReleaseRequest(key, job.LockId), context.IdempotencyKey, cancellationToken);
            return answer switch
            {
                LockAnswer.Released released => LockAnswers.Arrived(at, released.Lock, $"Released {LockAnswers.Name(key)}"),
                LockAnswer.AlreadyReleased already => LockAnswers.Arrived(at, already.Lock, $"{LockAnswers.Name(key)} was released already"),
                LockAnswer.NotHeld none when job.LockId is null || !none.Now.IsHeld => LockAnswers.Arrived(at, none.Now, LockAnswers.NothingToGiveBack(key, none)),
                _ => LockAnswers.Refused(at, key, await LockAnswers.RememberedAsync(store, at, key, answer)),
            };
        },
        cancellationToken);
}
