using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Queue;

/// <summary>A job that is safe on disk, in the caller's hand.</summary>
/// <typeparam name="TResult">The job's result.</typeparam>
public sealed class JobHandle<TResult>
{
    private readonly JobQueue _queue;
    private readonly Func<ReadOnlySpan<byte>, TResult?> _read;
    private Task<JobCompletion<TResult>>? _completion;

    internal JobHandle(JobQueue queue, Admission admission, Func<ReadOnlySpan<byte>, TResult?> read)
    {
        (_queue, _read) = (queue, read);
        (Id, Admission) = (admission.Id, admission.Kind);
        Optimistic = read(admission.Optimistic)!;
    }

    /// <summary>The job that carries the intent: a standing one, if that answered.</summary>
    public JobId Id { get; }

    /// <summary>Whether a new job was stored, a standing one answered, or a pending one was replaced.</summary>
    public AdmissionKind Admission { get; }

    /// <summary>The result to show until the real one is there.</summary>
    public TResult Optimistic { get; }

    /// <summary>
    /// Ends when the job is Done or Dead; never faults. A dead job may be retried later by a decision: that is seen in
    /// <see cref="JobEvents"/> only, so a view should follow those.
    /// </summary>
    public Task<JobCompletion<TResult>> Completion => _completion ??= CompleteAsync();

    /// <summary>Takes the job back, if it is not too late; the answer says which.</summary>
    /// <exception cref="PosthouseException">JOB_NOT_FOUND: it was swept.</exception>
    public Task<CancelAnswer> CancelAsync() => _queue.CancelAsync(Id);

    private async Task<JobCompletion<TResult>> CompleteAsync()
    {
        switch (await _queue.Completions.WaitAsync(Id))
        {
            case JobDone done:
                return new JobCompletion<TResult>(Id, JobState.Done, (TResult?)done.Result, null);
            case JobDead dead:
                return new JobCompletion<TResult>(Id, JobState.Dead, default, dead.Reason);
            case JobDiscarded discarded:
                return new JobCompletion<TResult>(Id, JobState.Dead, default, discarded.Reason);
            default:
                var row = await _queue.GetAsync(Id);
                return new JobCompletion<TResult>(Id, row?.State ?? JobState.Dead, row?.Result is { } bytes ? _read(bytes) : default,
                    row is null ? DeadReason.Discarded : row.Reason);
        }
    }
}
