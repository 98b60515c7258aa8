using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Vcs.Sync;

/// <summary>
/// What a failed exchange means for the job that made it. The one table between this room's categories and the core's kinds; a
/// test reads it row by row.
/// </summary>
internal static class OperationPlan
{
    /// <summary>A failure that no table names is tried once more, since every operation here may be repeated, and then given up.</summary>
    private const int TriesOfTheUnknown = 2;

    /// <summary>The outcome of a try that met this failure.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="attempt">Which try it was, from 1.</param>
    /// <param name="write">What is noted in the settling transaction.</param>
    public static Outcome Of(RemoteFailure failure, int attempt, Action<IWrite> write)
    {
        return failure.Category switch
        {
            FailureCategory.Network => Again(FailureKind.NotReached),
            FailureCategory.Server when failure.RetryAfter is not null => Again(FailureKind.Throttled),
            FailureCategory.RateLimit => Again(FailureKind.Throttled),
            FailureCategory.Server or FailureCategory.Contention or FailureCategory.Ambiguous => Again(FailureKind.Transient),
            FailureCategory.Auth => Again(FailureKind.Unauthenticated),
            FailureCategory.Cancelled => Again(FailureKind.Shutdown),
            FailureCategory.LockConflict or FailureCategory.Diverged => Outcome.Dead(failure.Message, DeadReason.Conflict, write),
            FailureCategory.Unknown when attempt < TriesOfTheUnknown => Again(FailureKind.Transient),
            _ => Outcome.Dead(failure.Message, DeadReason.Rejected, write),
        };

        Outcome Again(FailureKind kind) => Outcome.Retry(new Failure(kind, failure.Message) { StatusCode = failure.StatusCode, RetryAfter = failure.RetryAfter }, write);
    }

    /// <summary>The nearest category of a failure that only the core's row tells of.</summary>
    public static FailureCategory CategoryOf(FailureKind kind) => kind switch
    {
        FailureKind.NotReached => FailureCategory.Network,
        FailureKind.Transient => FailureCategory.Server,
        FailureKind.Throttled => FailureCategory.RateLimit,
        FailureKind.Unauthenticated => FailureCategory.Auth,
        FailureKind.Conflict => FailureCategory.LockConflict,
        FailureKind.Shutdown => FailureCategory.Cancelled,
        _ => FailureCategory.Unknown,
    };
}
