namespace Posthouse.Vcs;

/// <summary>
/// What kind of failure ended an exchange with a remote. Decides whether it is tried again, whether the operation may be queued
/// for later, and the exit code of the verb; <see cref="RemoteFailure"/> carries the table.
/// </summary>
public enum FailureCategory
{
    /// <summary>The far side was not reached, or the connection broke before anything was asked.</summary>
    Network = 1,

    /// <summary>The far side answered that it cannot serve now: 408, 425, 500, 502, 503, 504, 507, 520 to 524.</summary>
    Server = 2,

    /// <summary>The far side asked for fewer requests: 429, or 403 with a Retry-After.</summary>
    RateLimit = 3,

    /// <summary>Somebody else holds a lock file for a moment: the far side's ref or the local index.</summary>
    Contention = 4,

    /// <summary>The request may have been applied: it has to be looked up before it is repeated.</summary>
    Ambiguous = 5,

    /// <summary>The lock is another's, or this holder lost it.</summary>
    LockConflict = 6,

    /// <summary>The remote has commits that are not here.</summary>
    Diverged = 7,

    /// <summary>No or wrong credentials.</summary>
    Auth = 8,

    /// <summary>The far side's rules forbid it: 403, a hook, a protected branch, a size limit.</summary>
    Forbidden = 9,

    /// <summary>There is no such repository, or it is hidden from who asks.</summary>
    NotFound = 10,

    /// <summary>The far side's certificate is not trusted.</summary>
    Tls = 11,

    /// <summary>The request itself was wrong: 400, 405, 422 and their kin.</summary>
    ClientBug = 12,

    /// <summary>This machine: a full disk, a damaged object, no Git.</summary>
    Local = 13,

    /// <summary>Somebody here ended it.</summary>
    Cancelled = 14,

    /// <summary>Anything else.</summary>
    Unknown = 15,
}
