using System.Data.Common;
using Posthouse.Diagnostics;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;

namespace Posthouse.Queue;

/// <summary>
/// The door of the house. An enqueue completes when the job is on disk, online or not; what becomes of it is seen through
/// the handle, through <see cref="Events"/>, and by the verbs below. Thread-safe; one for each store.
/// </summary>
public sealed class JobQueue
{
    private readonly IJobStore _store;
    private readonly JobRegistry _registry;
    private readonly JobDrafts _drafts;
    private readonly IFileCustody? _files;
    private readonly PosthouseMetrics _metrics;

    internal JobQueue(IJobStore store, JobRegistry registry, JobDrafts drafts, JobEvents events, Completions completions, PosthouseMetrics metrics, IFileCustody? files)
    {
        (_store, _registry, _drafts, _files, _metrics) = (store, registry, drafts, files, metrics);
        (Events, Completions) = (events, completions);
    }

    /// <summary>What happens to jobs.</summary>
    public JobEvents Events { get; }

    internal Completions Completions { get; }

    /// <summary>Makes a job durable. Nothing of it runs on the caller's context; files are copied on the caller's own flow.</summary>
    /// <param name="job">The intent.</param>
    /// <param name="options">What this call says beyond the type's declaration.</param>
    /// <param name="cancellationToken">Ends the copying of files; once the job is handed to the store it has no effect.</param>
    /// <exception cref="PosthouseException">JOB_TYPE_UNKNOWN, JOB_INVALID, JOB_TOO_LARGE, JOB_ID_REUSED, DUPLICATE_JOB, JOB_NOT_FOUND
    /// (an After id), QUEUE_FULL, FILE_MISSING, STORE_BUSY, STORE_FULL: nothing was stored. UNKNOWN: repeat with the same id.</exception>
    public Task<JobHandle<TResult>> EnqueueAsync<TResult>(IJob<TResult> job, EnqueueOptions? options = null, CancellationToken cancellationToken = default)
    {
        var descriptor = _registry.Of(job);
        return descriptor.Files(job).Count > 0
            ? EnqueueWithFilesAsync<TResult>(descriptor, job, options, cancellationToken)
            : AdmitAsync<TResult>(descriptor, _drafts.Draft(descriptor, job, options, []));
    }

    /// <summary>
    /// Admits a job inside the application's own transaction: both become durable when it is committed, or neither. The job may
    /// not have files, and its completion is not to be awaited before the commit.
    /// </summary>
    /// <param name="job">The intent.</param>
    /// <param name="transaction">With SQLite one of <see cref="IJobStore.BeginAsync"/>.</param>
    /// <param name="options">What this call says beyond the type's declaration.</param>
    /// <exception cref="PosthouseException">As for <see cref="EnqueueAsync{TResult}(IJob{TResult}, EnqueueOptions, CancellationToken)"/>; OPTIONS_INVALID: the store cannot join
    /// this transaction. TRANSACTION_ENDED: it was held too long. After a refusal the transaction may go on.</exception>
    public Task<JobHandle<TResult>> EnqueueAsync<TResult>(IJob<TResult> job, DbTransaction transaction, EnqueueOptions? options = null)
    {
        var draft = _drafts.Draft(job, options);
        var read = Reader<TResult>(_registry.Of(job));
        return _store.EnqueueAsync([draft], transaction, admissions => Handle(admissions[0], read, draft.Name));
    }

    /// <summary>Admits a job inside a transaction of this store.</summary>
    /// <exception cref="PosthouseException">As for the overload with a <see cref="DbTransaction"/>.</exception>
    public Task<JobHandle<TResult>> EnqueueAsync<TResult>(IJob<TResult> job, StoreTransaction transaction, EnqueueOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return EnqueueAsync(job, transaction.Transaction, options);
    }

    /// <summary>Makes several jobs durable, all or none, in this order and in one transaction. They may not have files.</summary>
    /// <exception cref="PosthouseException">As for <see cref="EnqueueAsync{TResult}(IJob{TResult}, EnqueueOptions, CancellationToken)"/>.</exception>
    public Task<IReadOnlyList<JobHandle<TResult>>> EnqueueAllAsync<TResult>(IReadOnlyList<IJob<TResult>> jobs, EnqueueOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        JobDraft[] drafts = [.. jobs.Select(job => _drafts.Draft(job, options))];
        Func<ReadOnlySpan<byte>, TResult?>[] readers = [.. jobs.Select(job => Reader<TResult>(_registry.Of(job)))];
        return _store.EnqueueAsync<IReadOnlyList<JobHandle<TResult>>>(drafts,
            admissions => [.. admissions.Select((admission, i) => Handle(admission, readers[i], drafts[i].Name))]);
    }

    /// <summary>Takes a job back, if it is not too late; the answer says which.</summary>
    /// <exception cref="PosthouseException">JOB_NOT_FOUND.</exception>
    public async Task<CancelAnswer> CancelAsync(JobId id) => (await _store.DecideAsync(new JobCommand.Cancel(id))).Cancel!.Value;

    /// <summary>Tries a dead job again: same id, same idempotency key, counts at zero.</summary>
    /// <exception cref="PosthouseException">JOB_NOT_FOUND, or JOB_STATE_CONFLICT: it does not need a decision.</exception>
    public Task RetryAsync(JobId id) => _store.DecideAsync(new JobCommand.Retry(id));

    /// <summary>
    /// Puts an edited job, under a new id and so a new idempotency key, in the place of a dead one. Files that the edit leaves as
    /// they are stay in custody; those it gives by a path are copied.
    /// </summary>
    /// <returns>The new job's id.</returns>
    /// <exception cref="PosthouseException">JOB_NOT_FOUND, JOB_STATE_CONFLICT, JOB_INVALID: the stored payload is no <typeparamref name="TJob"/>,
    /// JOB_TOO_LARGE, QUEUE_FULL, FILE_MISSING, or FILE_DAMAGED: a file is not in custody any more.</exception>
    public async Task<JobId> RetryEditedAsync<TJob>(JobId id, Func<TJob, TJob> edit)
        where TJob : notnull
    {
        ArgumentNullException.ThrowIfNull(edit);
        var row = await _store.GetAsync(id) ?? throw new PosthouseException(ErrorCodes.JobNotFound, $"No job {id} is here.");
        if (!_registry.TryRestore(row.Name, row.Version, row.Payload, out var job) || job is not TJob typed)
        {
            throw new PosthouseException(ErrorCodes.JobInvalid, $"Job {id} is \"{row.Name}\", which is no {typeof(TJob)} here.");
        }

        var descriptor = _registry.Of(job);
        var (edited, files) = await TakeAsync(descriptor, edit(typed), mayKeep: true, CancellationToken.None);
        var draft = _drafts.Draft(descriptor, edited, new EnqueueOptions { Owner = row.Owner, Lane = row.Lane, Priority = row.Priority }, files);
        return (await _store.DecideAsync(new JobCommand.RetryEdited(id, draft))).Id!.Value;
    }

    /// <summary>The same for a payload that was edited as JSON: for tools, which do not know the type. Files stay as they are.</summary>
    /// <exception cref="PosthouseException">JOB_NOT_FOUND or JOB_STATE_CONFLICT.</exception>
    internal async Task<JobId> RetryEditedAsync(JobId id, byte[] payload)
    {
        var row = await _store.GetAsync(id) ?? throw new PosthouseException(ErrorCodes.JobNotFound, $"No job {id} is here.");
        var files = _store is IStore store ? await store.ReadAsync(read => Foremost.Files(read, id)) : [];
        return (await _store.DecideAsync(new JobCommand.RetryEdited(id, _drafts.Edited(row, payload, files)))).Id!.Value;
    }

    /// <summary>Gives a dead or waiting job up: its optimistic result is taken back, and what waits behind it goes on.</summary>
    /// <exception cref="PosthouseException">JOB_NOT_FOUND or JOB_STATE_CONFLICT.</exception>
    public Task DiscardAsync(JobId id) => _store.DecideAsync(new JobCommand.Discard(id));

    /// <summary>Stops claiming, for one destination or for all, until resumed; kept across restarts.</summary>
    public Task PauseAsync(string? destination = null) => _store.DecideAsync(new JobCommand.Pause(destination));

    /// <summary>Ends a pause.</summary>
    public Task ResumeAsync(string? destination = null) => _store.DecideAsync(new JobCommand.Resume(destination));

    /// <summary>Credentials changed: jobs that the far side refused for want of them are tried again. Returns how many.</summary>
    public async Task<int> CredentialsChangedAsync(string? destination = null) =>
        (await _store.DecideAsync(new JobCommand.Release(HoldReason.Credentials, destination))).Changed;

    /// <summary>Removes finished jobs now; with <paramref name="everything"/> first discards all that waits or needs a decision.</summary>
    public async Task<int> ClearAsync(bool everything = false) => (await _store.DecideAsync(new JobCommand.Clear(everything))).Changed;

    /// <summary>One job as it stands, or null.</summary>
    public Task<JobRecord?> GetAsync(JobId id) => _store.GetAsync(id);

    /// <summary>A page of jobs.</summary>
    public Task<IReadOnlyList<JobRecord>> ListAsync(JobQuery query) => _store.ListAsync(query);

    /// <summary>How many jobs stand where.</summary>
    public Task<QueueCounts> CountAsync() => _store.CountAsync();

    /// <summary>Looks again at what may run, after a change that the queue cannot see.</summary>
    public void Wake() => _store.Wake();

    private async Task<JobHandle<TResult>> EnqueueWithFilesAsync<TResult>(
        JobDescriptor descriptor, object job, EnqueueOptions? options, CancellationToken cancellationToken)
    {
        var (taken, files) = await TakeAsync(descriptor, job, mayKeep: false, cancellationToken);
        return await AdmitAsync<TResult>(descriptor, _drafts.Draft(descriptor, taken, options, files));
    }

    /// <summary>Takes a job's files into custody, except, where that is allowed, those that are there already.</summary>
    private async Task<(object Job, StoredFile[] Files)> TakeAsync(JobDescriptor descriptor, object job, bool mayKeep, CancellationToken cancellationToken)
    {
        var given = descriptor.Files(job);
        if (given.Count == 0)
        {
            return (job, []);
        }

        var custody = _files ?? throw new PosthouseException(ErrorCodes.OptionsInvalid,
            $"Job \"{descriptor.Name}\" has files, and this queue keeps none: configure a vault folder.");
        var kept = new JobFile[given.Count];
        var stored = new StoredFile[given.Count];
        for (var i = 0; i < kept.Length; i++)
        {
            stored[i] = mayKeep && given[i] is { SourcePath: null, Hash: { } hash, Size: var size }
                ? new StoredFile(hash, size)
                : await custody.StageAsync(given[i], _store.StageAsync, cancellationToken);
            kept[i] = given[i] with { SourcePath = null, Hash = stored[i].Hash, Size = stored[i].Size };
        }

        return (descriptor.WithFiles(job, kept), stored);
    }

    private Task<JobHandle<TResult>> AdmitAsync<TResult>(JobDescriptor descriptor, JobDraft draft)
    {
        var read = Reader<TResult>(descriptor);
        return _store.EnqueueAsync([draft], admissions => Handle(admissions[0], read, draft.Name));
    }

    private JobHandle<TResult> Handle<TResult>(Admission admission, Func<ReadOnlySpan<byte>, TResult?> read, string name)
    {
        _metrics.Enqueued(name);
        return new JobHandle<TResult>(this, admission, read);
    }

    private static Func<ReadOnlySpan<byte>, TResult?> Reader<TResult>(JobDescriptor descriptor) => bytes => (TResult?)descriptor.ReadResultObject(bytes);
}
