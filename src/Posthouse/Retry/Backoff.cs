using Posthouse.Jobs;

namespace Posthouse.Retry;

/// <summary>
/// Doubling delays with jitter. Only failures that say something about the job count: not reaching the far side, being told
/// to wait, missing credentials and a stopping process cost nothing, so that a day without network poisons no backlog.
/// </summary>
public sealed record Backoff : RetryPlan
{
    /// <summary>The delay before the second try, before jitter. Default 2 s.</summary>
    public TimeSpan Base { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest delay before jitter. Default 15 min: a returning far side is noticed within the hour at the worst.</summary>
    public TimeSpan Cap { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How delays are spread. Default full.</summary>
    public Jitter Jitter { get; init; } = Jitter.Full;

    /// <summary>Counted attempts in all before the job is Poisoned. Default 5.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>The age at which even uncounted failures end: the job is Poisoned, so that nothing is tried for ever. Default 30 days.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);

    /// <inheritdoc/>
    public override RetryDecision Decide(FailedTry failed, double fraction)
    {
        switch (failed.Failure.Kind)
        {
            case FailureKind.Permanent: return RetryDecision.End(DeadReason.Rejected, counted: true);
            case FailureKind.Conflict: return RetryDecision.End(DeadReason.Conflict, counted: true);
            case FailureKind.Unauthenticated: return RetryDecision.Hold();
            case FailureKind.Shutdown: return RetryDecision.Again(TimeSpan.Zero, counted: false);
            case FailureKind.Transient: return Counted(failed, fraction);
            default:
                return failed.Age >= MaxAge ? RetryDecision.End(DeadReason.Poisoned, counted: false) : Uncounted(failed, fraction);
        }
    }

    private RetryDecision Counted(FailedTry failed, double fraction) => failed.Attempts + 1 >= (failed.MaxAttempts ?? MaxAttempts)
        ? RetryDecision.End(DeadReason.Poisoned, counted: true)
        : RetryDecision.Again(Spread(Window(failed.Attempts), Jitter, fraction), counted: true);

    private RetryDecision Uncounted(FailedTry failed, double fraction) => failed.Failure.RetryAfter is { } asked
        ? RetryDecision.Again(asked < MinRetryAfter ? MinRetryAfter : Least(asked, MaxRetryAfter), counted: false)
        : RetryDecision.Again(Spread(Window(failed.Unreached), Jitter, fraction), counted: false);

    /// <summary>The delay after <paramref name="before"/> earlier failures: base, twice base, and so on up to the cap.</summary>
    private TimeSpan Window(int before)
    {
        // In floating point, because a base of an hour doubled often is past the longest TimeSpan.
        var ticks = Base.Ticks * Math.Pow(2, Math.Min(before, 62));
        return ticks < Cap.Ticks ? TimeSpan.FromTicks((long)ticks) : Cap;
    }
}
