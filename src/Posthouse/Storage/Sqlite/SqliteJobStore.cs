using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;

namespace Posthouse.Storage.Sqlite;

/// <summary>
/// The durable store: one SQLite file that any number of processes may enqueue to and dispatch from. This class only posts:
/// what each call does to rows stands in <c>Storage/Jobs</c>, how it is committed in <see cref="CommitLoop"/>.
/// </summary>
public sealed class SqliteJobStore : IJobStore, IStore
{
    private readonly SqliteSession _session;
    private readonly DiskReserve _reserve;

    internal SqliteJobStore(SqliteSession session, Func<string, long>? freeBytes = null)
    {
        _session = session;
        _reserve = new DiskReserve(session.Options.Path, session.Options.Time, freeBytes ?? Durable.FreeBytes);
    }

    /// <summary>Opens, and if needed creates or upgrades, a store.</summary>
    /// <param name="options">Where and with what.</param>
    /// <param name="registry">The job types that <see cref="IWrite.Enqueue"/> may be given.</param>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE, STORE_BUSY or SCHEMA_NEWER. A damaged file is put aside and a
    /// fresh one started, with an event <c>StoreQuarantined</c> that names the old file.</exception>
    public static SqliteJobStore Open(SqliteStoreOptions options, JobRegistry registry) =>
        new(SqliteSession.Open(options, new JobDrafts(registry, options.Time, options.Ids), LoopThread.Start));

    internal SqliteSession Session => _session;

    /// <inheritdoc/>
    public Task<IReadOnlyList<Admission>> EnqueueAsync(IReadOnlyList<JobDraft> drafts) => EnqueueAsync(drafts, admissions => admissions);

    /// <inheritdoc/>
    public Task<T> EnqueueAsync<T>(IReadOnlyList<JobDraft> drafts, Func<IReadOnlyList<Admission>, T> shape) => _reserve.Refusal() is { } refusal
        ? Task.FromException<T>(refusal)
        : Post(group => shape([.. drafts.Select(draft => Admit.One(group, draft))]), needsSavepoint: drafts.Count > 1, weight: drafts.Count);

    /// <inheritdoc/>
    [RequiresUnreferencedCode(LentTransaction.TrimWarning)]
    public Task<StoreTransaction> BeginAsync() => _session.Lending.BeginAsync();

    /// <inheritdoc/>
    public Task<T> EnqueueAsync<T>(IReadOnlyList<JobDraft> drafts, DbTransaction transaction, Func<IReadOnlyList<Admission>, T> shape)
    {
        if (_reserve.Refusal() is { } refusal)
        {
            return Task.FromException<T>(refusal);
        }

        try
        {
            return Task.FromResult(_session.Lending.Run(transaction, group => shape([.. drafts.Select(draft => Admit.One(group, draft))])));
        }
        catch (PosthouseException e)
        {
            return Task.FromException<T>(e);
        }
    }

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
    public Task<bool> SettleAsync(Lease lease, Settlement settlement) =>
        Post(group => Settling.Settle(group, lease, settlement), needsSavepoint: settlement.Write is not null);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HeldLease>> RenewAsync(InstanceId instance, TimeSpan by) =>
        Post<IReadOnlyList<HeldLease>>(group => Instances.Renew(group, instance, by), needsSavepoint: false);

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
    public Task<int> SweepAsync(TimeSpan keep) => Post(group =>
    {
        if (_session.Options.Files is { } files)
        {
            JobFiles.Sweep(group, files.Delete);
        }

        return Sweeping.Sweep(group, (long)keep.TotalMilliseconds);
    }, weight: Sweeping.MaxJobs);

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
        ON CONFLICT (owner) DO UPDATE SET position = max(event_owner_seen.position, excluded.position), seen_at = excluded.seen_at
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
            return await Post(group => group.FromOutside(change, _reserve.Refusal));
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
        _session.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<T> Post<T>(Func<Group, T> work, bool needsSavepoint = true, int weight = 1) => _session.Lending.Refusal() is { } refusal
        ? Task.FromException<T>(refusal)
        : _session.Post(work, needsSavepoint, weight);
}
