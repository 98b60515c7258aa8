using System.Globalization;
using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Heartbeat;

/// <summary>What to do about one kept lock, as functions of what is known.</summary>
internal static class HeartbeatRules
{
    /// <summary>A lease must survive two renewals that fail.</summary>
    public const int BeatsPerLease = 3;

    /// <summary>Beats of many machines must not fall together.</summary>
    public const double Jitter = 0.1;

    /// <summary>The wall clock ran so much further than the monotonic one: the machine slept, or its clock was set.</summary>
    public static readonly TimeSpan Sleep = TimeSpan.FromSeconds(30);

    private static readonly int[] _warnings = [50, 80, 100];

    /// <summary>How often a lock is renewed.</summary>
    /// <param name="kept">The lock.</param>
    /// <param name="lease">Its lease.</param>
    /// <param name="options">What is configured.</param>
    /// <param name="random">From 0 to 1.</param>
    public static TimeSpan Interval(KeptLock kept, TimeSpan lease, HeartbeatOptions options, double random)
    {
        var (wanted, most) = (kept.Interval ?? options.Interval, lease / BeatsPerLease);
        return (wanted < most ? wanted : most) * (1 - Jitter + (2 * Jitter * random));
    }

    /// <summary>Why a lock is not to be kept any longer before its remote is even asked; null: it is.</summary>
    public static HeartbeatEnd? EndOf(KeptState state, DateTimeOffset now, bool isProcessAlive, HeartbeatOptions options) =>
        state.End ?? (!isProcessAlive ? HeartbeatEnd.ProcessEnded : now - state.Lock.Since >= (state.Lock.MaxHold ?? options.MaxHold) ? HeartbeatEnd.MaxHold : null);

    /// <summary>The warning that is due: how many hundredths of the lease went by without a renewal; null: none that was not given.</summary>
    public static int? WarningOf(KeptState state, DateTimeOffset now)
    {
        if (state.RenewedAt is not { } from || state.ExpiresAt is not { } to || to <= from)
            return null;
        var share = (now - from) / (to - from) * 100;
        var due = _warnings.LastOrDefault(warning => share >= warning);
        return due > state.Warned ? due : null;
    }

    /// <summary>How it goes on after a renewal was tried.</summary>
    /// <param name="state">Before.</param>
    /// <param name="answer">How the renewal ended.</param>
    /// <param name="now">The time.</param>
    /// <param name="options">What is configured.</param>
    /// <param name="random">From 0 to 1.</param>
    public static KeptState After(KeptState state, LockAnswer answer, DateTimeOffset now, HeartbeatOptions options, double random)
    {
        switch (answer)
        {
            case LockAnswer.Renewed { Lock.Record: { } record }:
                return new KeptState(state.Lock, now + Interval(state.Lock, LeaseClock.LeaseOf(record), options, random)) { RenewedAt = record.RenewedAt, ExpiresAt = record.ExpiresAt };
            case LockAnswer.Lost:
                return state with { End = HeartbeatEnd.Lost };
            case LockAnswer.NotHeld { Now.IsHeld: true }: // Another's: a takeover between two beats.
                return state with { End = HeartbeatEnd.Lost };
            case LockAnswer.NotHeld or LockAnswer.Mismatch:
                return state with { End = HeartbeatEnd.Released };
            case LockAnswer.Failed failed:
                return Failed(state, failed.Failure, now, options);
            case LockAnswer.Unknown unknown:
                return Failed(state, unknown.Failure, now, options);
            default:
                throw new InvalidOperationException($"A renewal does not end as {answer.GetType().Name}.");
        }
    }

    /// <summary>One line about an end.</summary>
    public static string TextOf(HeartbeatEnd end, KeptLock kept) => end switch
    {
        HeartbeatEnd.Lost => $"LOST: the lock of {kept.Resource} is not yours any more. Do not push before you have looked: posthouse lock status",
        HeartbeatEnd.ProcessEnded => $"The lock of {kept.Resource} is renewed no longer: the program that it was held for has ended.",
        HeartbeatEnd.MaxHold => $"The lock of {kept.Resource} is renewed no longer: it was kept as long as is allowed.",
        HeartbeatEnd.Stopped => $"The lock of {kept.Resource} is renewed no longer, as you asked.",
        _ => $"The lock of {kept.Resource} was released.",
    };

    /// <summary>One line about a warning.</summary>
    public static string TextOf(int warning, KeptState state) => warning >= 100
        ? $"The lease of {state.Lock.Resource} is over and could not be renewed: others may take the lock."
        : string.Create(CultureInfo.InvariantCulture, $"{warning} % of the lease of {state.Lock.Resource} is over and it could not be renewed; it ends {state.ExpiresAt:u}.");

    private static KeptState Failed(KeptState state, RemoteFailure failure, DateTimeOffset now, HeartbeatOptions options)
    {
        var usual = state.Lock.Interval ?? options.Interval;
        var soon = failure.IsTransient || failure.Category == FailureCategory.Ambiguous ? options.RetryAfter : usual;
        soon = soon < usual ? soon : usual;
        return state with { DueAt = now + (failure.RetryAfter > soon ? failure.RetryAfter.Value : soon), Failures = state.Failures + 1, LastError = failure.Message };
    }
}
