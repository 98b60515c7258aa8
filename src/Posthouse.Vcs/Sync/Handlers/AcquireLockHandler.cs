using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Sync.Handlers;

/// <summary>
/// Takes a lock, perhaps hours after it was asked for: its lease begins now, and one that another took meanwhile is a conflict that
/// is shown and never tried again by itself, unless its owner chose to wait.
/// </summary>
internal sealed class AcquireLockHandler(OperationRun run, IStore store, SyncOptions options) : IJobHandler<AcquireLock, OperationResult>
{
    public Task<Outcome<OperationResult>> HandleAsync(AcquireLock job, JobContext context, CancellationToken cancellationToken) => run.TryAsync(
        job,
        new OperationNote("vcs.acquire", job.CloneId, OperationTitle.Of(job)) { Resource = job.Resource },
        context,
        at => WorkAsync(at, job, context, cancellationToken),
        cancellationToken);

    private async Task<OperationAnswer> WorkAsync(Workplace at, AcquireLock job, JobContext context, CancellationToken cancellationToken)
    {
        var key = ResourceKey.Of(job.Resource);
        var branches = new BranchState(at.Git, at.Project);
        var mine = await branches.BaseAsync(job.Branch, cancellationToken);
        // What this clone has already, perhaps by an earlier try whose answer was lost, is not refused for what came after it.
        if (options.RequireLatest && !job.AllowStale && await branches.StalenessAsync(job.Branch, cancellationToken) is { } stale
            && await at.Policy.ReadAsync(key, cancellationToken) is not { IsMine: true, IsHeld: true })
        {
            return GaveUp(at, job, context, key, new OperationAnswer.Failed(stale));
        }

        var answer = await at.Policy.AcquireAsync(
            new AcquireRequest(key, TimeSpan.FromSeconds(job.TtlSeconds))
            {
                Base = mine,
                Heartbeat = job.HeartbeatSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                Message = job.Message,
            },
            context.IdempotencyKey,
            cancellationToken);
        return answer switch
        {
            LockAnswer.Acquired acquired => LockAnswers.Arrived(at, acquired.Lock, $"Locked {LockAnswers.Name(key)}{Taken(acquired)}"),
            LockAnswer.AlreadyMine already => LockAnswers.Arrived(at, already.Lock, $"{LockAnswers.Name(key)} was locked by this clone already"),
            LockAnswer.Conflict conflict when job.WaitOnConflict => await WaitAsync(at, conflict.Holder),
            LockAnswer.Conflict => GaveUp(at, job, context, key, LockAnswers.Refused(at, key, answer)),
            _ => LockAnswers.Refused(at, key, answer),
        };
    }

    /// <summary>A try that ends so leaves nothing in the log. Who looks at the queue finds in the book for whom it waits.</summary>
    private async Task<OperationAnswer> WaitAsync(Workplace at, LockView holder)
    {
        await store.WriteAsync(write => LockBook.Keep(write, at.Me, holder.Key, holder.Version, holder.Record));
        return new OperationAnswer.Waits(options.PollEvery);
    }

    /// <summary>The lock will not come: what waits behind it for that lock alone goes too.</summary>
    private static OperationAnswer GaveUp(Workplace at, AcquireLock job, JobContext context, ResourceKey key, OperationAnswer answer) => answer with
    {
        Write = answer.Write + (write => OperationQueue.AcquireFailed(write, job.CloneId, context.Id, key)),
    };

    private static string Taken(LockAnswer.Acquired acquired) => acquired.TookOver is { } before ? $", whose lease {before.Owner.Named} had let run out" : "";
}
