using Posthouse.Jobs;

namespace Posthouse.Retry;

/// <summary>How the waiting time between tries is spread, so that many clients do not come back at the same instant.</summary>
public enum Jitter
{
    /// <summary>The computed delay as it is.</summary>
    None,

    /// <summary>Half of the delay, plus a random part of the other half.</summary>
    Equal,

    /// <summary>Anything from nothing to the delay.</summary>
    Full,

    /// <summary>The delay give or take a fifth.</summary>
    PlusMinusFifth,
}

/// <summary>What a plan sees of a job whose try failed.</summary>
/// <param name="Failure">The failure.</param>
/// <param name="Attempts">Counted attempts before this one.</param>
/// <param name="Unreached">Tries in a row before this one that did not reach the far side.</param>
/// <param name="Age">Time since the job was accepted.</param>
/// <param name="MaxAttempts">The job's own limit, if the caller gave one.</param>
public readonly record struct FailedTry(Failure Failure, int Attempts, int Unreached, TimeSpan Age, int? MaxAttempts);

/// <summary>What a plan decides about a failed try. Delays, never instants: the store adds the clock.</summary>
/// <param name="Kind">What happens to the job.</param>
/// <param name="Delay">How long until the next try, for <see cref="RetryVerdict.Again"/>.</param>
/// <param name="Counted">Whether the try uses up an attempt.</param>
/// <param name="Reason">Why the job is dead, for <see cref="RetryVerdict.Dead"/>.</param>
public readonly record struct RetryDecision(RetryVerdict Kind, TimeSpan Delay, bool Counted, DeadReason? Reason)
{
    internal static RetryDecision Again(TimeSpan delay, bool counted) => new(RetryVerdict.Again, delay, counted, null);

    internal static RetryDecision Hold() => new(RetryVerdict.HoldForCredentials, TimeSpan.Zero, false, null);

    internal static RetryDecision End(DeadReason reason, bool counted) => new(RetryVerdict.Dead, TimeSpan.Zero, counted, reason);
}

/// <summary>The three things that can happen to a job whose try failed.</summary>
public enum RetryVerdict
{
    /// <summary>It is tried again after a delay.</summary>
    Again,

    /// <summary>It is held until credentials change.</summary>
    HoldForCredentials,

    /// <summary>It is dead.</summary>
    Dead,
}

/// <summary>Decides what follows a failed try. Pure: no clock, no randomness of its own.</summary>
public abstract record RetryPlan
{
    /// <summary>The longest wait that a Retry-After is honoured for: a far side's typing error must not park a job for a year.</summary>
    public static readonly TimeSpan MaxRetryAfter = TimeSpan.FromHours(24);

    /// <summary>The shortest wait after a Retry-After: such a try is not counted, so that a wait of nothing would be a loop without end.</summary>
    public static readonly TimeSpan MinRetryAfter = TimeSpan.FromSeconds(1);

    private protected RetryPlan()
    {
    }

    /// <summary>What happens to the job.</summary>
    /// <param name="failed">The failed try.</param>
    /// <param name="fraction">A random number in [0, 1).</param>
    public abstract RetryDecision Decide(FailedTry failed, double fraction);

    /// <summary>Spreads <paramref name="delay"/> by a random number in [0, 1).</summary>
    internal static TimeSpan Spread(TimeSpan delay, Jitter jitter, double fraction) => jitter switch
    {
        Jitter.None => delay,
        Jitter.Equal => (delay / 2) + (delay / 2 * fraction),
        Jitter.Full => delay * fraction,
        Jitter.PlusMinusFifth => delay * (0.8 + (0.4 * fraction)),
        _ => throw new ArgumentOutOfRangeException(nameof(jitter)),
    };

    internal static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
