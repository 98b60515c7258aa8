using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Sync;

/// <summary>A newcomer in the queue.</summary>
/// <param name="Id">Its job.</param>
/// <param name="IsNeedless">Whether it ended at once, because what it would have undone never happened.</param>
internal sealed record QueuedOperation(JobId Id, bool IsNeedless)
{
    /// <summary>Whether the job is an earlier one, which wants the very same and waits still: nothing was queued.</summary>
    public bool WasThere { get; init; }

    /// <summary>Whether an earlier one, which waited or failed, was closed for it: without it, that would be gone.</summary>
    public bool TookPlace { get; init; }
}

/// <summary>
/// Puts operations into the queue: in one transaction the place in the order, what becomes needless, and the row. When this
/// completes, the operation is on disk.
/// </summary>
internal sealed class OperationQueue(IStore store, SyncOptions options)
{
    /// <summary>Queues one operation.</summary>
    /// <param name="project">The clone, which is noted as here.</param>
    /// <param name="operation">What is wanted.</param>
    /// <param name="id">The job's id, where it has one already.</param>
    /// <param name="mayStay">Whether it stays where it is not done at once. Otherwise it may be taken out again, and leaves other wishes as they are.</param>
    /// <exception cref="PosthouseException">QUEUE_FULL: too many wait; or the store's codes. Nothing was stored.</exception>
    public Task<QueuedOperation> EnqueueAsync<TJob>(Project project, TJob operation, JobId? id = null, bool mayStay = true)
        where TJob : IJob<OperationResult>, IOperation => store.WriteAsync(write => Enqueue(write, project, operation, id, mayStay));

    /// <summary>Takes out what a failed acquire leaves behind it without sense, in its settling transaction.</summary>
    public static void AcquireFailed(IWrite write, string cloneId, JobId acquire, ResourceKey key)
    {
        var open = OpenOperations.Of(write, cloneId);
        var place = open.FindIndex(operation => operation.Id == acquire);
        var behind = open[(place + 1)..];
        foreach (var id in OperationOrder.NeedlessAfterFailedAcquire([.. behind.Select(operation => operation.Ordered)], key.Hex))
        {
            Ending.Close((Group)write, behind.Find(operation => operation.Id.Value == id)!.Seq, DeadReason.Superseded, "The lock was never taken.");
        }
    }

    /// <summary>
    /// What ends with an operation that is given up. With an acquire the pushes that were to go with its lock, and what else waits to be done to
    /// that lock until it is asked for again; nothing, where the lock is, or may be, this clone's all the same. With each such push, and with
    /// one that is given up itself, the releases that wait for it: what they would give back is not there yet.
    /// </summary>
    public static IReadOnlyList<OpenOperation> StandingOn(IRead read, JobId id, IOperation operation)
    {
        if (operation is not (AcquireLock or PushCommits)) { return []; }

        var open = OpenOperations.Of(read, operation.CloneId);
        var place = open.FindIndex(one => one.Id == id);
        if (place < 0) { return []; }

        var direct = operation is AcquireLock acquire ? OnLock(read, open, place, acquire) : [];
        var releases = ReleasesBehind(read, open, [.. direct.Append(open[place]).Where(one => one.Operation is PushCommits)]);
        return [.. direct.Union(releases).OrderBy(one => one.Seq)];
    }

    private static List<OpenOperation> OnLock(IRead read, List<OpenOperation> open, int place, AcquireLock acquire)
    {
        var key = ResourceKey.Of(acquire.Resource);
        if (open[place].MayHaveArrived || LockBook.Find(read, acquire.CloneId, key)?.Standing is KnownStanding.Mine) { return []; }

        // Pushes that were queued before it wait for it where it went in the place of an earlier one.
        var first = open[..place].FindLastIndex(IsTurn) + 1;
        return [.. open[first..place].Concat(open[(place + 1)..].TakeWhile(later => later.Operation is not AcquireLock || !IsTurn(later)))
            .Where(operation => operation.Phase is OperationPhase.Waiting && operation.Operation switch
            {
                PushCommits { IsFenced: true, Needs: { } needs } => needs.Any(path => ResourceKey.Of(path) == key),
                ReleaseLock or RenewLock => operation.Ordered.Target == key.Hex,
                _ => false,
            })];

        bool IsTurn(OpenOperation operation) => operation.Operation is AcquireLock or ReleaseLock && operation.Ordered.Target == key.Hex;
    }

    /// <summary>The releases that wait for one of these pushes, but for those that wait for a later one of the branch, too: that brings the same.</summary>
    private static IEnumerable<OpenOperation> ReleasesBehind(IRead read, List<OpenOperation> open, List<OpenOperation> pushes)
    {
        if (pushes.Count == 0) { return []; }

        var pairs = read.Query("SELECT job, after FROM job_after", row => (Job: row.Int64(0), After: row.Int64(1))).ToHashSet();
        return open.Where(release => release is { Operation: ReleaseLock, Phase: OperationPhase.Waiting } && pushes.Exists(push => WaitsFor(release, push) && !open.Exists(later =>
            later.Seq > push.Seq && later.Operation is PushCommits && later.Ordered.Target == push.Ordered.Target && !pushes.Contains(later) && WaitsFor(release, later))));

        bool WaitsFor(OpenOperation release, OpenOperation push) => pairs.Contains((release.Seq, push.Seq));
    }

    private QueuedOperation Enqueue<TJob>(IWrite write, Project project, TJob operation, JobId? given, bool mayStay)
        where TJob : IJob<OperationResult>, IOperation
    {
        ProjectBook.Seen(write, project);
        var open = OpenOperations.Of(write, operation.CloneId);
        if (open.Count >= options.MaxEntries)
        {
            throw new PosthouseException(ErrorCodes.QueueFull,
                $"{open.Count} operations of {project.Name} wait already, and no more are taken. 'posthouse queue sync' sends them, 'posthouse queue clear --all' gives them up.");
        }

        IJob<OperationResult> job = operation switch
        {
            PushCommits push => WithNeeds(write, push, open),
            RenewLock { Adds: true } renew => renew with { Until = EndBefore(write, renew, open)?.AddSeconds(renew.TtlSeconds) },
            _ => operation,
        };
        var decision = OperationOrder.Decide([.. open.Select(earlier => earlier.Ordered)], OpenOperations.Ordered(default, operation), Holds(write, operation));
        if (decision.Same is { } same) { return Joined(write, JobId.Parse(same)); }
        if (!mayStay && !decision.IsNeedless) { decision = LeavingOthers(decision, operation, open); }

        var group = (Group)write;
        // What stands behind one whose place it takes will stand behind the newcomer.
        var places = decision.Replaced.Select(id => Seq(open, id)).ToList();
        bool IsBefore(long seq) => !places.Exists(taken => taken == seq || Edges.Waits(group, seq, taken));
        var after = decision.After.Where(id => IsBefore(Seq(open, id))).Select(JobId.Parse).ToList();
        var inherited = decision.Superseded.SelectMany(id => Edges.Before(group, Seq(open, id))).Distinct().Where(IsBefore).ToList();
        var behind = places.SelectMany(taken => Edges.Waiting(group, taken)).Distinct().ToList();
        foreach (var id in decision.Superseded.Concat(decision.Replaced)) { Ending.Close(group, Seq(open, id), DeadReason.Superseded); }

        var admitted = write.Enqueue(job, new EnqueueOptions
        {
            Id = given,
            After = after,
            ExpiresAt = write.Now + (operation is AcquireLock ? options.AcquireMaxAge : options.MaxAge),
            MaxAttempts = options.MaxAttempts,
        });
        var place = write.Scalar("SELECT seq FROM job WHERE id = $1", admitted.Value);
        inherited.ForEach(before => Edges.PutBehind(group, place, before));
        foreach (var waiting in behind.Where(waiting => waiting != place && !Edges.Waits(group, place, waiting))) { Edges.PutBehind(group, waiting, place); }
        if (decision.IsNeedless) { Ending.Close(group, place, DeadReason.Superseded); }
        return open.Exists(earlier => earlier.Id == admitted) ? Joined(write, admitted) : new QueuedOperation(admitted, decision.IsNeedless) { TookPlace = decision.Superseded.Count + decision.Replaced.Count > 0 };
    }

    /// <summary>A second verb waits for what the first one queued: the log keeps that, so that the first does not take it out.</summary>
    private static QueuedOperation Joined(IWrite write, JobId id)
    {
        OpenOperations.Join(write, id);
        return new QueuedOperation(id, false) { WasThere = true };
    }

    /// <summary>A release, and a pull in another way, are not what they would take out: where they may not stay themselves, they go behind it.</summary>
    private static OrderDecision LeavingOthers(OrderDecision decision, IOperation operation, List<OpenOperation> open)
    {
        if (operation is not (ReleaseLock or PullCommits)) { return decision; }

        var waiting = decision.Superseded.Concat(decision.Replaced).Where(id => open.Find(earlier => earlier.Id.Value == id)!.Phase is OperationPhase.Waiting).ToList();
        return decision with { After = [.. decision.After, .. waiting], Superseded = [], Replaced = [.. decision.Replaced.Except(waiting)] };
    }

    /// <summary>The locks that a push must have with it: those held now, and those that were asked for before it.</summary>
    private static PushCommits WithNeeds(IWrite write, PushCommits push, List<OpenOperation> open)
    {
        if (!push.IsFenced) { return push; }

        var needs = LockBook.List(write, push.CloneId).Where(known => known.Standing is not KnownStanding.NotMine).Select(known => known.Key).ToHashSet();
        foreach (var operation in open.Where(operation => operation.Phase is not OperationPhase.Failed || operation.Operation is AcquireLock))
        {
            if (operation.Operation is AcquireLock acquire) { needs.Add(ResourceKey.Of(acquire.Resource)); }
            // It is given back before this push, which may overtake it: with the lock or without.
            if (operation.Operation is ReleaseLock release) { needs.Remove(ResourceKey.Of(release.Resource)); }
        }

        return push with { Needs = [.. needs.Select(key => key.Path).Order(StringComparer.Ordinal)] };
    }

    /// <summary>The end that a lease has when all that waits is done; null where that is not known yet, or there is none.</summary>
    private static DateTimeOffset? EndBefore(IRead read, RenewLock renew, List<OpenOperation> open)
    {
        var key = ResourceKey.Of(renew.Resource);
        var before = open.FindLast(earlier => earlier.Phase is not OperationPhase.Failed && earlier.Ordered is { IsLock: true } ordered && ordered.Target == key.Hex);
        return before is not null ? (before.Operation as RenewLock)?.Until
            : LockBook.Find(read, renew.CloneId, key) is { Standing: KnownStanding.Mine, Record: { } record } && record.ExpiresAt.Year < DateTimeOffset.MaxValue.Year ? record.ExpiresAt : null;
    }

    private static bool Holds(IRead read, IOperation operation) => operation is ReleaseLock release
        && LockBook.Find(read, operation.CloneId, ResourceKey.Of(release.Resource))?.Standing is KnownStanding.Mine;

    private static long Seq(List<OpenOperation> open, string id) => open.Find(operation => operation.Id.Value == id)!.Seq;
}
