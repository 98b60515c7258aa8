using Posthouse.Jobs;

namespace Posthouse.Retry;

/// <summary>
/// A list of delays, each counted from the end of the try before. Every try counts, whatever its cause, and is made at its
/// time, online or not; only a handler's own Dead ends it early. For pushes and mails, where somebody was promised when the next try comes.
/// </summary>
public sealed record Schedule : RetryPlan
{
    /// <summary>The delay before each try; the first one belongs to the first try and is the job's own not-before.</summary>
    public required IReadOnlyList<TimeSpan> Delays { get; init; }

    /// <summary>The delay between all further tries; null: after the list the job is Poisoned.</summary>
    public TimeSpan? Tail { get; init; }

    /// <summary>How delays are spread. Default ±20 %.</summary>
    public Jitter Jitter { get; init; } = Jitter.PlusMinusFifth;

    /// <inheritdoc/>
    public override RetryDecision Decide(FailedTry failed, double fraction)
    {
        if (failed.Failure.Kind is FailureKind.Shutdown)
        {
            return RetryDecision.Again(TimeSpan.Zero, counted: false);
        }

        var next = failed.Attempts + 1;
        var delay = next < Math.Min(Delays.Count, failed.MaxAttempts ?? int.MaxValue) ? Delays[next]
            : failed.MaxAttempts is { } most && next >= most ? null
            : Tail;
        return delay is { } wait
            ? RetryDecision.Again(Later(Spread(wait, Jitter, fraction), failed.Failure.RetryAfter), counted: true)
            : RetryDecision.End(DeadReason.Poisoned, counted: true);
    }

    private static TimeSpan Later(TimeSpan planned, TimeSpan? asked) =>
        asked is { } wait && wait > planned ? Least(wait, MaxRetryAfter) : planned;
}
