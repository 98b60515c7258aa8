namespace Posthouse.Vcs.Sync;

/// <summary>The kinds of operations, as the order sees them.</summary>
internal enum OperationKind
{
    /// <summary>Takes a lock.</summary>
    Acquire,

    /// <summary>Gives one back.</summary>
    Release,

    /// <summary>Moves a lease's end.</summary>
    Renew,

    /// <summary>Takes a lock from its holder.</summary>
    Break,

    /// <summary>Sends a branch.</summary>
    Push,

    /// <summary>Fetches one.</summary>
    Pull,

    /// <summary>Exchanges comments.</summary>
    Comments,
}

/// <summary>How far an operation that has not ended is.</summary>
internal enum OperationPhase
{
    /// <summary>It waits.</summary>
    Waiting,

    /// <summary>It is being tried at this moment: nothing of it can be taken back.</summary>
    Running,

    /// <summary>It failed for good and waits for a decision.</summary>
    Failed,
}

/// <summary>An operation of one clone, as the order sees it.</summary>
/// <param name="Id">Its job.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Target">The resource's key for locks, the branch for transfers, empty for comments.</param>
internal sealed record OrderedOperation(string Id, OperationKind Kind, string Target)
{
    /// <summary>How far it is.</summary>
    public OperationPhase Phase { get; init; }

    /// <summary>For a push: whether locks go with it.</summary>
    public bool IsFenced { get; init; } = true;

    /// <summary>For a renewal: whether it adds to the lease, so that two are more than one.</summary>
    public bool Adds { get; init; }

    /// <summary>For a release: the tenure that it names, or null.</summary>
    public string? LockId { get; init; }

    /// <summary>For a pull: whether it puts local commits on top.</summary>
    public bool Rebases { get; init; }

    /// <summary>Whether an earlier try may have arrived without an answer: then it is not known to be needless.</summary>
    public bool MayHaveArrived { get; init; }

    /// <summary>Whether it is about a lock.</summary>
    public bool IsLock => Kind is OperationKind.Acquire or OperationKind.Release or OperationKind.Renew or OperationKind.Break;
}

/// <summary>Where a newcomer stands.</summary>
/// <param name="After">Operations that have to arrive first, but for those that wait for what is replaced.</param>
/// <param name="Superseded">Operations that it makes needless; what waited for them waits for their own predecessors.</param>
/// <param name="Replaced">Operations that failed, or wait for the same lock, in whose place it goes: what waited for them waits for it.</param>
/// <param name="IsNeedless">Whether with these the newcomer itself has nothing left to do.</param>
internal sealed record OrderDecision(IReadOnlyList<string> After, IReadOnlyList<string> Superseded, IReadOnlyList<string> Replaced, bool IsNeedless)
{
    /// <summary>The operation that waits already and is the very same wish: the newcomer is not queued. Null: there is none.</summary>
    public string? Same { get; init; }
}

/// <summary>
/// The order of one clone's operations: a partial one, not one by priority. A release never overtakes an earlier push or exchange of
/// comments; nothing of a resource overtakes an earlier operation on its lock; a push waits for the locks that were asked for before
/// it. What makes an earlier operation needless takes it out: the acquire of a lock that is given back unused, a renewal before
/// another, a push of a branch before another. Pure.
/// </summary>
internal static class OperationOrder
{
    /// <summary>Decides about one newcomer.</summary>
    /// <param name="open">What has not ended, in the order in which it was queued.</param>
    /// <param name="next">The newcomer.</param>
    /// <param name="holds">Whether this clone has the newcomer's lock already, as far as is known.</param>
    public static OrderDecision Decide(IReadOnlyList<OrderedOperation> open, OrderedOperation next, bool holds) => next.Kind switch
    {
        OperationKind.Release => Release(open, next, holds),
        OperationKind.Acquire or OperationKind.Renew or OperationKind.Break => Lock(open, next),
        OperationKind.Push => Push(open, next),
        OperationKind.Pull => Pull(open, next),
        _ => new OrderDecision([], [], FailedTwins(open, next), false),
    };

    /// <summary>Operations that a failed acquire makes needless: those on its lock behind it, up to the next push.</summary>
    public static IReadOnlyList<string> NeedlessAfterFailedAcquire(IReadOnlyList<OrderedOperation> behind, string resource)
    {
        var needless = new List<string>();
        foreach (var operation in behind)
        {
            // A push that waits for the lock is kept and with it the release behind it: a person decides about both.
            if (operation.Kind is OperationKind.Push || (operation.Kind is OperationKind.Acquire && operation.Target == resource)) { break; }
            if (operation.Target == resource && operation.Kind is OperationKind.Release or OperationKind.Renew && operation.Phase is OperationPhase.Waiting) { needless.Add(operation.Id); }
        }

        return needless;
    }

    private static OrderDecision Release(IReadOnlyList<OrderedOperation> open, OrderedOperation next, bool holds)
    {
        // Twice is once, for as long as nothing came in between that a second one would have to wait for.
        if (open.LastOrDefault(earlier => earlier.Kind is OperationKind.Push or OperationKind.Comments || (earlier.IsLock && earlier.Target == next.Target))
            is { Kind: OperationKind.Release, Phase: OperationPhase.Waiting } same && (next.LockId ?? same.LockId) == (same.LockId ?? next.LockId))
        {
            return new OrderDecision([], [], [], false) { Same = same.Id };
        }

        var tenure = Tenure(open, next.Target);
        var acquire = tenure.Find(operation => operation.Kind is OperationKind.Acquire);
        var isPushed = acquire is not null && open.SkipWhile(operation => operation != acquire).Any(operation => operation.Kind is OperationKind.Push && operation.IsFenced);
        // An acquire whose answer was lost may have taken the lock: then it has to be given back, whatever is known here.
        if (acquire is not null && !isPushed && !tenure.Exists(operation => operation is { Kind: OperationKind.Acquire, MayHaveArrived: true }))
        {
            if (acquire.Phase is OperationPhase.Failed && !holds) { return new OrderDecision([], Waiting(tenure), [], true); }
            if (tenure.All(operation => operation.Phase is OperationPhase.Waiting))
            {
                // Nobody was to see the lock. One that is held from before has to be given back all the same.
                return new OrderDecision(holds ? [.. Ids(Earlier(open, next)).Except(Ids(tenure))] : [], Ids(tenure), [], !holds);
            }
        }

        var renewals = tenure.Where(operation => operation is { Kind: OperationKind.Renew, Phase: OperationPhase.Waiting }).ToList();
        return new OrderDecision([.. Ids(Earlier(open, next)).Except(Ids(renewals))], Ids(renewals), FailedTwins(open, next), false);
    }

    private static OrderDecision Lock(IReadOnlyList<OrderedOperation> open, OrderedOperation next)
    {
        var needless = next is { Kind: OperationKind.Renew, Adds: false } && Tenure(open, next.Target) is [.., { Kind: OperationKind.Renew, Phase: OperationPhase.Waiting, Adds: false } last] ? [last.Id] : (List<string>)[];
        // The same lock asked for again: the later wish goes in the place of the one that waits, and what waits for that waits for it.
        var twin = next.Kind is OperationKind.Acquire && Tenure(open, next.Target) is [.., { Kind: OperationKind.Acquire, Phase: OperationPhase.Waiting, MayHaveArrived: false } asked] ? [asked.Id] : (List<string>)[];
        // One that failed in an earlier tenure is another wish then, and what waits for it is not to come behind this one.
        var failed = FailedTwins(open, next).Where(id => twin.Count == 0 || Tenure(open, next.Target).Exists(operation => operation.Id == id));
        return new OrderDecision([.. Ids(Earlier(open, next)).Except(needless).Except(twin)], needless, [.. failed, .. twin], false);
    }

    private static OrderDecision Push(IReadOnlyList<OrderedOperation> open, OrderedOperation next)
    {
        // An earlier push of the branch is needless, unless a lock was given back behind it: its commits belong to that tenure.
        var needless = open.Reverse().TakeWhile(operation => operation.Kind is not (OperationKind.Release or OperationKind.Break))
            .Where(operation => operation.Kind is OperationKind.Push && operation.Target == next.Target && operation.IsFenced == next.IsFenced && operation.Phase is OperationPhase.Waiting)
            .Select(operation => operation.Id).ToList();
        return new OrderDecision([.. Ids(Earlier(open, next)).Except(needless)], needless, FailedTwins(open, next), false);
    }

    /// <summary>Two ways to pull one branch contradict each other: the later wish goes in the place of the earlier one. The same wish is one already.</summary>
    private static OrderDecision Pull(IReadOnlyList<OrderedOperation> open, OrderedOperation next)
    {
        var other = open.Where(earlier => earlier.Kind is OperationKind.Pull && earlier.Target == next.Target && earlier.Rebases != next.Rebases).ToList();
        return new OrderDecision(
            [.. Ids(other.Where(earlier => earlier.Phase is OperationPhase.Running))], [], [.. FailedTwins(open, next), .. Ids(other.Where(earlier => earlier.Phase is OperationPhase.Waiting))], false);
    }

    /// <summary>What the newcomer must not overtake.</summary>
    private static IEnumerable<OrderedOperation> Earlier(IReadOnlyList<OrderedOperation> open, OrderedOperation next) => open.Where(earlier => next.Kind switch
    {
        // What failed on this lock before says nothing about what is asked of it now, except that a push waits for its lock.
        _ when next.IsLock && earlier.IsLock => earlier.Target == next.Target && earlier.Phase is not OperationPhase.Failed,
        OperationKind.Release => earlier.Kind is OperationKind.Push or OperationKind.Comments,
        OperationKind.Push => (earlier.Kind is OperationKind.Acquire && next.IsFenced) || (earlier.Kind is OperationKind.Pull or OperationKind.Push && earlier.Target == next.Target && earlier.Phase is not OperationPhase.Failed),
        _ => false,
    });

    /// <summary>Failed operations that the newcomer repeats.</summary>
    private static List<string> FailedTwins(IReadOnlyList<OrderedOperation> open, OrderedOperation next) =>
        [.. Ids(open.Where(earlier => earlier.Phase is OperationPhase.Failed && earlier.Kind == next.Kind && earlier.Target == next.Target))];

    /// <summary>The open operations on a lock since it was last given back or broken.</summary>
    private static List<OrderedOperation> Tenure(IReadOnlyList<OrderedOperation> open, string resource)
    {
        var of = open.Where(operation => operation.IsLock && operation.Target == resource).ToList();
        return of[(of.FindLastIndex(operation => operation.Kind is OperationKind.Release or OperationKind.Break) + 1)..];
    }

    private static List<string> Waiting(List<OrderedOperation> operations) => [.. Ids(operations.Where(operation => operation.Phase is OperationPhase.Waiting))];

    private static List<string> Ids(IEnumerable<OrderedOperation> operations) => [.. operations.Select(operation => operation.Id)];
}
