using Posthouse.Storage;

namespace Posthouse.Jobs;

/// <summary>How a handler's try ended.</summary>
public enum OutcomeKind
{
    /// <summary>The intent arrived.</summary>
    Done,

    /// <summary>It failed; the retry plan decides what is next.</summary>
    Retry,

    /// <summary>Not yet: come back after a time, without counting the try.</summary>
    Snooze,

    /// <summary>It will never succeed as it stands.</summary>
    Dead,
}

/// <summary>
/// What a handler answers. Answers are values: a thrown exception is classified into one. Use the factory methods;
/// those that carry no result fit every job.
/// </summary>
public sealed class Outcome
{
    private Outcome(OutcomeKind kind) => Kind = kind;

    /// <summary>How the try ended.</summary>
    public OutcomeKind Kind { get; }

    /// <summary>The failure, for Retry and Dead.</summary>
    public Failure? Failure { get; private init; }

    /// <summary>Why it is dead, for Dead.</summary>
    public DeadReason? Reason { get; private init; }

    /// <summary>How long to wait, for Snooze.</summary>
    public TimeSpan Delay { get; private init; }

    /// <summary>The handler's own change of state, made in the settling transaction.</summary>
    internal Action<IWrite>? Write { get; private init; }

    /// <summary>Joins <see cref="Write"/> when a failed try turns out to be the last one.</summary>
    internal Action<IWrite>? WhenPoisoned { get; private init; }

    /// <summary>The result, not yet serialised, for Done.</summary>
    internal object? Result { get; private init; }

    /// <summary>Done: the far side has it.</summary>
    /// <param name="result">Stored with the job and shown to its owner.</param>
    /// <param name="write">Runs in the transaction that settles the job, after the lease was found to be ours, so that a stale
    /// worker's change never happens. Short, synchronous, no I/O; may run more than once, of which the last run counts.</param>
    public static Outcome<TResult> Done<TResult>(TResult result, Action<IWrite>? write = null) =>
        new(new Outcome(OutcomeKind.Done) { Result = result, Write = write });

    /// <summary>Failed: try again as the plan says.</summary>
    /// <param name="failure">What went wrong; its kind decides whether the try counts.</param>
    /// <param name="write">As for Done: the handler's own change in the settling transaction.</param>
    /// <param name="whenPoisoned">Runs there too, if the plan allows no further try and the job becomes Poisoned.</param>
    public static Outcome Retry(Failure failure, Action<IWrite>? write = null, Action<IWrite>? whenPoisoned = null) =>
        new(OutcomeKind.Retry) { Failure = failure, Write = write, WhenPoisoned = whenPoisoned };

    /// <summary>Failed for a passing reason: counted, tried again as the plan says.</summary>
    public static Outcome Retry(string message, TimeSpan? after = null) => after is { } wait
        ? Retry(new Failure(FailureKind.Throttled, message) { RetryAfter = wait })
        : Retry(new Failure(FailureKind.Transient, message));

    /// <summary>Not yet: come back after <paramref name="delay"/>. Never counted.</summary>
    public static Outcome Snooze(TimeSpan delay) => new(OutcomeKind.Snooze) { Delay = delay };

    /// <summary>Will never succeed: kept until somebody decides.</summary>
    /// <param name="message">Why, for people.</param>
    /// <param name="reason">Rejected or Conflict.</param>
    /// <param name="write">As for Done: the handler's own change in the settling transaction.</param>
    public static Outcome Dead(string message, DeadReason reason = DeadReason.Rejected, Action<IWrite>? write = null) =>
        new(OutcomeKind.Dead)
        {
            Reason = reason,
            Failure = new Failure(reason is DeadReason.Conflict ? FailureKind.Conflict : FailureKind.Permanent, message),
            Write = write,
        };
}

/// <summary>What a handler of jobs with results of type <typeparamref name="TResult"/> answers; see <see cref="Outcome"/>.</summary>
/// <typeparam name="TResult">The job's result.</typeparam>
public sealed class Outcome<TResult>
{
    internal Outcome(Outcome inner) => Inner = inner;

    internal Outcome Inner { get; }

    /// <summary>A result alone means Done.</summary>
    public static implicit operator Outcome<TResult>(TResult result) => Outcome.Done(result);

    /// <summary>Outcomes without a result fit every job.</summary>
    public static implicit operator Outcome<TResult>(Outcome outcome) => new(outcome);
}
