using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;

namespace Posthouse.Storage;

/// <summary>
/// A durable store in a database. This class only posts: what each call does to rows stands in <c>Storage/Jobs</c>, how it is
/// committed in <see cref="CommitLoop"/>. A database of its own kind writes only what differs.
/// </summary>
public abstract class SqlJobStore : IJobStore, IStore
{
    private readonly StoreSession _session;
    private readonly IFileCustody? _files;

    internal SqlJobStore(StoreSession session, IFileCustody? files) => (_session, _files) = (session, files);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Admission>> EnqueueAsync(IReadOnlyList<JobDraft> drafts) => EnqueueAsync(drafts, admissions => admissions);

    /// <inheritdoc/>
    public virtual Task<T> EnqueueAsync<T>(IReadOnlyList<JobDraft> drafts, Func<IReadOnlyList<Admission>, T> shape) => Refusal() is { } refusal
        ? Task.FromException<T>(refusal)
        : Post(group => shape([.. drafts.Select(draft => Admit.One(group, draft))]), needsSavepoint: drafts.Count > 1, weight: drafts.Count);

    /// <inheritdoc/>
    [RequiresUnreferencedCode("The connection comes from a database library that may not be annotated for trimming.")]
    public virtual Task<StoreTransaction> BeginAsync() => Task.FromException<StoreTransaction>(
        new PosthouseException(ErrorCodes.OptionsInvalid, "This store lends no transactions: enqueue with one of your own on its database."));

    /// <inheritdoc/>
    public abstract Task<T> EnqueueAsync<T>(IReadOnlyList<JobDraft> drafts, DbTransaction transaction, Func<IReadOnlyList<Admission>, T> shape);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LeasedJob>> ClaimAsync(ClaimRequest request)
    {
        var claim = _session.Claims.Make(request);
        _session.Post(claim);
        return claim.Task;
    }

    /// <inheritdoc/>
    public Task WithdrawAsync(InstanceId instance) => Post(group =>
    {
        _session.Claims.Withdraw(group, instance);
        return true;
    });

    /// <inheritdoc/>
    public virtual Task<bool> SettleAsync(Lease lease, Settlement settlement) =>
        Post(group => Settling.Settle(group, lease, settlement), needsSavepoint: settlement.Write is not null);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HeldLease>> RenewAsync(InstanceId instance, TimeSpan by) =>
        Post<IReadOnlyList<HeldLease>>(group => _session.Instances.Renew(group, instance, by), needsSavepoint: false);

    /// <inheritdoc/>
    public Task<InstanceId> JoinAsync(Action hint) => _session.Instances.JoinAsync((work, savepoint) => _session.Post(work, savepoint), hint);

    /// <inheritdoc/>
    public Task<int> TakeOverAsync(InstanceId instance) => Post(group => _session.Instances.TakeOver(group, instance));

    /// <inheritdoc/>
    public Task LeaveAsync(InstanceId instance) => Post(group =>
    {
        _session.Instances.Leave(group, instance);
        _session.Claims.Withdraw(group, instance);
        return true;
    });

    /// <inheritdoc/>
    public Task<CommandAnswer> DecideAsync(JobCommand command) => Post(group => Decisions.Run(group, command, _session.Instances.Hint));

    /// <inheritdoc/>
    public async Task<int> SweepAsync(TimeSpan keep)
    {
        var swept = await Post(group =>
        {
            if (_files is { } files)
            {
                JobFiles.Sweep(group, files.Delete);
            }

            Swept(group);
            return Sweeping.Sweep(group, (long)keep.TotalMilliseconds);
        }, weight: Sweeping.MaxJobs);
        while (_files?.RemoveGivenUp() == true)
        {
            // Each time some of them, and with the gate free: it may be gigabytes.
        }

        return swept;
    }

    /// <inheritdoc/>
    public Task<JobRecord?> GetAsync(JobId id) => ReadAsync(read => JobReads.Get(read, id));

    /// <inheritdoc/>
    public Task<IReadOnlyList<JobRecord>> ListAsync(JobQuery query) => ReadAsync(read => JobReads.List(read, query));

    /// <inheritdoc/>
    public Task<QueueCounts> CountAsync() => ReadAsync(JobReads.Count);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(long after, EventFilter filter, int limit) =>
        ReadAsync(read => JobReads.Events(read, after, filter, limit));

    /// <inheritdoc/>
    public Task<long> LastPositionAsync() => ReadAsync(JobReads.LastPosition);

    /// <inheritdoc/>
    public Task StageAsync(StoredFile file) => Post(group => JobFiles.Stage(group, file));

    /// <inheritdoc/>
    public Task AcknowledgeAsync(string owner, long position) => Post(group => group.Execute("""
        INSERT INTO event_owner_seen(owner, position, seen_at) VALUES ($1, $2, $3)
        ON CONFLICT (owner) DO UPDATE SET seen_at = excluded.seen_at,
            position = CASE WHEN excluded.position > event_owner_seen.position THEN excluded.position ELSE event_owner_seen.position END
        """, owner, position, group.NowMs));

    /// <inheritdoc/>
    public Task ChangedAsync(long position, CancellationToken cancellationToken) => _session.ChangedAsync(position, cancellationToken);

    /// <inheritdoc/>
    public void Wake() => _session.Wake();

    /// <inheritdoc/>
    public async Task<T> WriteAsync<T>(Func<IWrite, T> change)
    {
        try
        {
            return await Post(group => group.FromOutside(change, Refusal));
        }
        catch (ReserveReachedException e)
        {
            throw e.Refusal;
        }
    }

    /// <inheritdoc/>
    public Task<T> ReadAsync<T>(Func<IRead, T> read) => _session.ReadAsync(read);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _session.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A sweep is under way: the store's own rows may be swept too.</summary>
    private protected virtual void Swept(Group group)
    {
    }

    /// <summary>Why nothing new may be admitted now; null when it may.</summary>
    private protected virtual PosthouseException? Refusal() => null;

    /// <summary>Why the calling flow may not write now; null when it may.</summary>
    private protected virtual PosthouseException? FlowRefusal() => null;

    private protected Task<T> Post<T>(Func<Group, T> work, bool needsSavepoint = true, int weight = 1) => FlowRefusal() is { } refusal
        ? Task.FromException<T>(refusal)
        : _session.Post(work, needsSavepoint, weight);
}
