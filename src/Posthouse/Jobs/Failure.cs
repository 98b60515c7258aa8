namespace Posthouse.Jobs;

/// <summary>What kind of failure a try met; the retry plan decides by it. The numbers are stored and never change.</summary>
public enum FailureKind
{
    /// <summary>The far side was not reached: no route, no name, connection refused, handshake timed out. Never counted by Backoff.</summary>
    NotReached = 1,

    /// <summary>The far side, or the way back, failed after the request was sent. Counted; whether it took effect is not known.</summary>
    Transient = 2,

    /// <summary>The far side said when to come back. Not counted.</summary>
    Throttled = 3,

    /// <summary>The far side wants other credentials. Not counted: the job is held until they are there.</summary>
    Unauthenticated = 4,

    /// <summary>The far side holds something newer. Dead with reason Conflict.</summary>
    Conflict = 5,

    /// <summary>The far side will never take it. Dead with reason Rejected.</summary>
    Permanent = 6,

    /// <summary>This process is stopping. Not counted.</summary>
    Shutdown = 7,
}

/// <summary>One failed try, as data.</summary>
/// <param name="Kind">What decides about the next try.</param>
/// <param name="Message">A sentence for people. Never contains a payload.</param>
public sealed record Failure(FailureKind Kind, string Message)
{
    /// <summary>Most characters of a stored message: enough for a sentence, too few to fill a disk.</summary>
    public const int MaxMessageLength = 1_000;

    /// <summary>The HTTP status, where there was one.</summary>
    public int? StatusCode { get; init; }

    /// <summary>When the far side wants to be asked again, counted from now.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The exception's type name, where one was thrown.</summary>
    public string? ExceptionType { get; init; }
}
