using Posthouse.Jobs;

namespace Posthouse.Queue;

/// <summary>Something that happened to a job. Stored in the transaction of the change, ordered, and replayable from a position.</summary>
/// <param name="Position">Where it stands in the log; acknowledge it to say that everything up to here was seen. 0 for live-only events.</param>
/// <param name="At">When it was committed.</param>
/// <param name="Id">The job.</param>
/// <param name="Name">The job's type.</param>
/// <param name="Owner">Who is told, as given at enqueue.</param>
public abstract record JobEvent(long Position, DateTimeOffset At, JobId Id, string Name, string? Owner);

/// <summary>A job is durable: its optimistic result may be shown.</summary>
/// <param name="Position">See <see cref="JobEvent"/>.</param>
/// <param name="At">See <see cref="JobEvent"/>.</param>
/// <param name="Id">The job.</param>
/// <param name="Name">The job's type.</param>
/// <param name="Owner">Who is told.</param>
/// <param name="Optimistic">The optimistic result, or null when this process does not know the type.</param>
public sealed record JobAccepted(long Position, DateTimeOffset At, JobId Id, string Name, string? Owner, object? Optimistic)
    : JobEvent(Position, At, Id, Name, Owner);

/// <summary>A try failed.</summary>
/// <param name="Position">See <see cref="JobEvent"/>.</param>
/// <param name="At">See <see cref="JobEvent"/>.</param>
/// <param name="Id">The job.</param>
/// <param name="Name">The job's type.</param>
/// <param name="Owner">Who is told.</param>
/// <param name="Attempt">Counted attempts so far.</param>
/// <param name="Failure">What went wrong.</param>
/// <param name="NextTry">When it is tried again; null when it is not, or not by itself.</param>
/// <param name="IsFinal">Whether the job is dead now.</param>
public sealed record JobAttemptFailed(
    long Position, DateTimeOffset At, JobId Id, string Name, string? Owner, int Attempt, Failure Failure, DateTimeOffset? NextTry, bool IsFinal)
    : JobEvent(Position, At, Id, Name, Owner);

/// <summary>A job arrived.</summary>
/// <param name="Position">See <see cref="JobEvent"/>.</param>
/// <param name="At">See <see cref="JobEvent"/>.</param>
/// <param name="Id">The job.</param>
/// <param name="Name">The job's type.</param>
/// <param name="Owner">Who is told.</param>
/// <param name="Result">The result, or null when this process does not know the type.</param>
public sealed record JobDone(long Position, DateTimeOffset At, JobId Id, string Name, string? Owner, object? Result)
    : JobEvent(Position, At, Id, Name, Owner);

/// <summary>A job failed for good and waits for a decision: show it as failed and offer to try again.</summary>
/// <param name="Position">See <see cref="JobEvent"/>.</param>
/// <param name="At">See <see cref="JobEvent"/>.</param>
/// <param name="Id">The job.</param>
/// <param name="Name">The job's type.</param>
/// <param name="Owner">Who is told.</param>
/// <param name="Reason">Why.</param>
/// <param name="Attempts">Counted attempts.</param>
/// <param name="Message">The last failure, for people.</param>
public sealed record JobDead(long Position, DateTimeOffset At, JobId Id, string Name, string? Owner, DeadReason Reason, int Attempts, string? Message)
    : JobEvent(Position, At, Id, Name, Owner)
{
    /// <summary>Whether it failed as often as its plan allows.</summary>
    public bool IsPoisoned => Reason is DeadReason.Poisoned;
}

/// <summary>A job will never arrive: take its optimistic result back.</summary>
/// <param name="Position">See <see cref="JobEvent"/>.</param>
/// <param name="At">See <see cref="JobEvent"/>.</param>
/// <param name="Id">The job.</param>
/// <param name="Name">The job's type.</param>
/// <param name="Owner">Who is told.</param>
/// <param name="Reason">Cancelled, Expired, Superseded or Discarded.</param>
public sealed record JobDiscarded(long Position, DateTimeOffset At, JobId Id, string Name, string? Owner, DeadReason Reason)
    : JobEvent(Position, At, Id, Name, Owner);

/// <summary>A dead job is tried again by a decision: show it as under way.</summary>
/// <param name="Position">See <see cref="JobEvent"/>.</param>
/// <param name="At">See <see cref="JobEvent"/>.</param>
/// <param name="Id">The job.</param>
/// <param name="Name">The job's type.</param>
/// <param name="Owner">Who is told.</param>
public sealed record JobRetried(long Position, DateTimeOffset At, JobId Id, string Name, string? Owner) : JobEvent(Position, At, Id, Name, Owner);

/// <summary>How far a running job is. Live only: never stored, and values may be merged on the way.</summary>
/// <param name="At">When it was reported.</param>
/// <param name="Id">The job.</param>
/// <param name="Name">The job's type.</param>
/// <param name="Owner">Who is told.</param>
/// <param name="Fraction">From 0 to 1.</param>
/// <param name="Message">A few words for people.</param>
public sealed record JobProgress(DateTimeOffset At, JobId Id, string Name, string? Owner, double Fraction, string? Message)
    : JobEvent(0, At, Id, Name, Owner);
