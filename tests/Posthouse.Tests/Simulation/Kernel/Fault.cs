namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>The kinds of fault a run may draw. Rates are probabilities per occasion, or events per virtual second.</summary>
internal enum Fault
{
    /// <summary>Per exchange: the request never arrives.</summary>
    RequestLost,

    /// <summary>Per exchange: the effect happens and the caller does not learn it.</summary>
    ReplyLost,

    /// <summary>Per exchange: the request arrives twice.</summary>
    RequestTwice,

    /// <summary>Per exchange: fifty times the usual delay.</summary>
    Straggler,

    /// <summary>Per second: a node crashes and boots again.</summary>
    Crash,

    /// <summary>Per second: a node stands still for a while.</summary>
    Pause,

    /// <summary>Per second: one direction between a node and a destination is cut, and healed later.</summary>
    Cut,

    /// <summary>Per second: a destination is away for a while.</summary>
    Outage,

    /// <summary>Per second: a node's wall clock steps forwards or backwards.</summary>
    ClockJump,

    /// <summary>Per store operation: the store is busy.</summary>
    StoreBusy,

    /// <summary>Per store operation: the disk is full.</summary>
    StoreFull,

    /// <summary>Per store operation: reading or writing fails.</summary>
    StoreError,

    /// <summary>Per commit: the process dies before it.</summary>
    CrashBeforeCommit,

    /// <summary>Per commit: the process dies after it and before the answers.</summary>
    CrashAfterCommit,
}
