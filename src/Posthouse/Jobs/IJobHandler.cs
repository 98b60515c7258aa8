namespace Posthouse.Jobs;

/// <summary>
/// Does the work of one job type. Resolved from dependency injection in a scope of its own for every try.
/// </summary>
/// <typeparam name="TJob">The job.</typeparam>
/// <typeparam name="TResult">Its result.</typeparam>
public interface IJobHandler<in TJob, TResult>
    where TJob : IJob<TResult>
{
    /// <summary>
    /// Tries once. The same job may be tried again after a crash at any point, so the far side must be given
    /// <see cref="JobContext.IdempotencyKey"/>. Do not retry inside: the queue is the one retry loop.
    /// </summary>
    /// <param name="job">The intent, read from disk.</param>
    /// <param name="context">Id, attempt, files and progress.</param>
    /// <param name="cancellationToken">Fires when the process stops, the job is cancelled, or the lease is about to end.</param>
    /// <returns>How the try ended. An exception is classified by <see cref="Retry.IFailureClassifier"/>.</returns>
    Task<Outcome<TResult>> HandleAsync(TJob job, JobContext context, CancellationToken cancellationToken);
}

/// <summary>What a handler may know and do besides its job.</summary>
public abstract class JobContext
{
    /// <summary>The job's id.</summary>
    public abstract JobId Id { get; }

    /// <summary>The key to send to the far side; the same on every try, after a crash and after a decision to retry.</summary>
    public string IdempotencyKey => Id.Value;

    /// <summary>Which try this is, from 1: tries that were counted, plus this one.</summary>
    public abstract int Attempt { get; }

    /// <summary>Whether an earlier try ended without an answer, so that the far side may already have it.</summary>
    public abstract bool PreviousOutcomeUnknown { get; }

    /// <summary>The lease's fence: rises with every claim, so that a far side can refuse a stale worker.</summary>
    public abstract long Fence { get; }

    /// <summary>When the job was accepted.</summary>
    public abstract DateTimeOffset AcceptedAt { get; }

    /// <summary>Opens a file that the queue keeps for this job.</summary>
    /// <exception cref="PosthouseException">FILE_DAMAGED: the stored copy is gone or damaged.</exception>
    public abstract Stream OpenFile(Files.JobFile file);

    /// <summary>Tells the owner how far the work is. Best effort: values may be merged on the way.</summary>
    /// <param name="fraction">From 0 to 1; other values are clamped.</param>
    /// <param name="message">A few words for people.</param>
    public abstract void ReportProgress(double fraction, string? message = null);
}
