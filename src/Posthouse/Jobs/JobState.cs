namespace Posthouse.Jobs;

/// <summary>Where a job stands. The numbers are stored and never change.</summary>
public enum JobState
{
    /// <summary>Accepted and waiting: for a free worker, for its time, for another job, or held; see <see cref="Gate"/>.</summary>
    Pending = 0,

    /// <summary>Leased to a worker.</summary>
    Running = 1,

    /// <summary>Its handler answered Done.</summary>
    Done = 2,

    /// <summary>It will not run again by itself; see <see cref="DeadReason"/>.</summary>
    Dead = 3,
}

/// <summary>What a Pending job waits for. Not a state: it is kept so that a claim touches only rows it may take.</summary>
public enum Gate
{
    /// <summary>Nothing: the next free worker may take it.</summary>
    Open = 0,

    /// <summary>Its time has not come.</summary>
    Time = 1,

    /// <summary>Earlier jobs have to end first.</summary>
    After = 2,

    /// <summary>Something outside the queue has to change; see <see cref="HoldReason"/>.</summary>
    Hold = 3,
}

/// <summary>Why a Pending job is held.</summary>
public enum HoldReason
{
    /// <summary>No registry of a dispatching process knows its type, or it was written by a newer version.</summary>
    UnknownType = 1,

    /// <summary>The far side refused the credentials; released when new ones are there.</summary>
    Credentials = 2,

    /// <summary>Its account is signed out.</summary>
    SignedOut = 3,
}

/// <summary>Why a job is Dead. The first four need a decision by a person or a policy; the others are closed.</summary>
public enum DeadReason
{
    /// <summary>It failed as often as its plan allows.</summary>
    Poisoned = 1,

    /// <summary>The far side, or the handler, refused it for good.</summary>
    Rejected = 2,

    /// <summary>The far side holds something newer; the handler could not settle it.</summary>
    Conflict = 3,

    /// <summary>Its worker's process died three times in a row while running it.</summary>
    Crashed = 4,

    /// <summary>Taken back before it ran.</summary>
    Cancelled = 5,

    /// <summary>Its time ran out before it was done.</summary>
    Expired = 6,

    /// <summary>A newer job with the same deduplication key took its place.</summary>
    Superseded = 7,

    /// <summary>Given up by a decision, after it needed one or because a job it waited for was given up.</summary>
    Discarded = 8,
}

/// <summary>What a dead job does to those that wait behind it.</summary>
public enum WhenDead
{
    /// <summary>They wait until it is retried to Done or discarded. The default wherever a lane or After is declared.</summary>
    Block = 0,

    /// <summary>They go on at once.</summary>
    Skip = 1,

    /// <summary>They are discarded with it, each with its rollback event.</summary>
    DiscardDependents = 2,
}

/// <summary>What an enqueue does when an open job has the same deduplication key.</summary>
public enum OnDuplicate
{
    /// <summary>The standing job, pending or running, answers; nothing is stored.</summary>
    ReturnExisting = 0,

    /// <summary>A pending one is superseded. A running one is never replaced: the newcomer waits behind it.</summary>
    ReplacePending = 1,

    /// <summary>The call fails with DUPLICATE_JOB.</summary>
    Reject = 2,
}
