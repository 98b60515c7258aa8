namespace Posthouse.Vcs;

/// <summary>The room's error codes. Stable; a message beside one says what to do next.</summary>
public static class VcsErrors
{
    /// <summary>The folder is not inside a project.</summary>
    public const string NotAProject = "NOT_A_PROJECT";

    /// <summary>The project has no remote of that name.</summary>
    public const string NoRemote = "NO_REMOTE";

    /// <summary>The remote cannot do what is asked, for example because it has several push addresses.</summary>
    public const string RemoteUnsupported = "REMOTE_UNSUPPORTED";

    /// <summary>Git is missing or too old.</summary>
    public const string GitMissing = "GIT_MISSING";

    /// <summary>The network or the far side's machine is away.</summary>
    public const string NetworkUnavailable = "NETWORK_UNAVAILABLE";

    /// <summary>The far side cannot serve now.</summary>
    public const string ServerUnavailable = "SERVER_UNAVAILABLE";

    /// <summary>The far side asked for fewer requests.</summary>
    public const string RateLimited = "RATE_LIMITED";

    /// <summary>Somebody else changes the same thing at this moment.</summary>
    public const string RemoteBusy = "REMOTE_BUSY";

    /// <summary>The request may have been applied.</summary>
    public const string OutcomeUnknown = "OUTCOME_UNKNOWN";

    /// <summary>The lock is held by another.</summary>
    public const string LockConflict = "LOCK_CONFLICT";

    /// <summary>A lock that this clone held is not its own any more.</summary>
    public const string LockLost = "LOCK_LOST";

    /// <summary>No lock of this clone is there.</summary>
    public const string LockNotHeld = "LOCK_NOT_HELD";

    /// <summary>Locks are turned off by the configuration (<c>Locks:Backend</c> none).</summary>
    public const string LocksOff = "LOCKS_OFF";

    /// <summary>The lock's id is not the one that was named.</summary>
    public const string LockIdMismatch = "LOCK_ID_MISMATCH";

    /// <summary>The remote is ahead, or the two have parted.</summary>
    public const string Diverged = "DIVERGED";

    /// <summary>There is work here that was not pushed.</summary>
    public const string UnpushedWork = "UNPUSHED_WORK";

    /// <summary>The work tree has changes that a pull would overwrite.</summary>
    public const string LocalChanges = "LOCAL_CHANGES";

    /// <summary>No or wrong credentials.</summary>
    public const string AuthenticationFailed = "AUTHENTICATION_FAILED";

    /// <summary>The far side's rules forbid it.</summary>
    public const string Forbidden = "FORBIDDEN";

    /// <summary>There is no such repository, or it is hidden from who asks.</summary>
    public const string RepositoryNotFound = "REPOSITORY_NOT_FOUND";

    /// <summary>The far side's certificate is not trusted.</summary>
    public const string CertificateRejected = "CERTIFICATE_REJECTED";

    /// <summary>The far side refused the request's form.</summary>
    public const string RequestRejected = "REQUEST_REJECTED";

    /// <summary>This machine could not do its part.</summary>
    public const string LocalFailure = "LOCAL_FAILURE";

    /// <summary>Somebody here ended it.</summary>
    public const string Cancelled = "CANCELLED";

    /// <summary>A failure that no row of the table names.</summary>
    public const string UnknownFailure = "UNKNOWN_FAILURE";
}
