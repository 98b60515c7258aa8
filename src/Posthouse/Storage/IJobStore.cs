using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Posthouse.Files;
using Posthouse.Jobs;

namespace Posthouse.Storage;

/// <summary>
/// Where jobs and their events are kept: the port behind the queue and the dispatcher. Every call is one transaction that
/// also appends the events of its changes, and its task completes when the change is durable. An application can bring a
/// store of its own; the contract is the abstract test suite <c>JobStoreContract</c>, with
/// <c>MemoryJobStore</c> as its readable specification.
/// </summary>
public interface IJobStore : IAsyncDisposable
{
    /// <summary>Admits jobs, all or none: ids, deduplication, limits, lane and After edges, sequence and event.</summary>
    /// <exception cref="PosthouseException">JOB_ID_REUSED, DUPLICATE_JOB, QUEUE_FULL, JOB_NOT_FOUND (an After id),
    /// STORE_BUSY, STORE_FULL: nothing was stored. UNKNOWN: repeat with the same ids.</exception>
    Task<IReadOnlyList<Admission>> EnqueueAsync(IReadOnlyList<JobDraft> drafts);

    /// <summary>Admits jobs and answers with something made of the admissions, so that a caller's answer needs no further hop.</summary>
    /// <param name="drafts">As above.</param>
    /// <param name="shape">Runs when the jobs are admitted, before anybody hears of it, on whatever thread knows it; short and pure, and may run more than once.</param>
    async Task<T> EnqueueAsync<T>(IReadOnlyList<JobDraft> drafts, Func<IReadOnlyList<Admission>, T> shape) => shape(await EnqueueAsync(drafts));

    /// <summary>
    /// Begins a transaction of the application on the store's own database. While a flow holds one, it writes to the store only
    /// through it. Call it in the flow that uses it: what an async method of yours begins, its caller does not know to hold.
    /// </summary>
    /// <exception cref="PosthouseException">STORE_BUSY: others wrote for too long. OPTIONS_INVALID: this flow holds one already, or the
    /// store lends none: one on a database server joins the application's own transaction instead.</exception>
    [RequiresUnreferencedCode("The connection comes from a database library that may not be annotated for trimming.")]
    Task<StoreTransaction> BeginAsync() => Task.FromException<StoreTransaction>(
        new PosthouseException(ErrorCodes.OptionsInvalid, "This store lends no transactions."));

    /// <summary>Admits jobs inside a transaction: they are there once it is committed. Runs on the calling thread.</summary>
    /// <param name="drafts">As above.</param>
    /// <param name="transaction">A transaction that this store can join: with SQLite, one of <see cref="BeginAsync"/>.</param>
    /// <param name="shape">As above.</param>
    /// <exception cref="PosthouseException">As above; OPTIONS_INVALID: the transaction is none of this store's. TRANSACTION_ENDED.</exception>
    Task<T> EnqueueAsync<T>(IReadOnlyList<JobDraft> drafts, DbTransaction transaction, Func<IReadOnlyList<Admission>, T> shape) =>
        Task.FromException<T>(new PosthouseException(ErrorCodes.OptionsInvalid, "This store joins no transactions. Enqueue without one."));

    /// <summary>
    /// A standing claim: completes as soon as at least one job was leased to the instance, or with an empty list when it was
    /// withdrawn. One per instance at a time.
    /// </summary>
    Task<IReadOnlyList<LeasedJob>> ClaimAsync(ClaimRequest request);

    /// <summary>Ends the instance's standing claim; jobs it was already given are still in its answer.</summary>
    Task WithdrawAsync(InstanceId instance);

    /// <summary>Ends a try. Does nothing and answers false when the lease is not the job's present one.</summary>
    Task<bool> SettleAsync(Lease lease, Settlement settlement);

    /// <summary>Gives all leases of the instance a new end and lists those it still holds.</summary>
    Task<IReadOnlyList<HeldLease>> RenewAsync(InstanceId instance, TimeSpan by);

    /// <summary>Enters a dispatching process, and takes over at once the leases of processes that are gone.</summary>
    /// <param name="hint">Called, on any thread, when something about the instance's leases may have been changed by others,
    /// a cancel for example; the instance then renews to see what.</param>
    Task<InstanceId> JoinAsync(Action hint);

    /// <summary>Looks for processes that are gone and takes over their leases; returns how many leases that were.</summary>
    Task<int> TakeOverAsync(InstanceId instance);

    /// <summary>Leaves: every lease still held is given back uncounted.</summary>
    Task LeaveAsync(InstanceId instance);

    /// <summary>Carries out a decision about one job or all of them.</summary>
    /// <exception cref="PosthouseException">JOB_NOT_FOUND or JOB_STATE_CONFLICT.</exception>
    Task<CommandAnswer> DecideAsync(JobCommand command);

    /// <summary>Removes what is finished, acknowledged and older than <paramref name="keep"/>, at most 500 jobs; returns how many.</summary>
    Task<int> SweepAsync(TimeSpan keep);

    /// <summary>One job, or null.</summary>
    Task<JobRecord?> GetAsync(JobId id);

    /// <summary>A page of jobs in the order they were accepted.</summary>
    Task<IReadOnlyList<JobRecord>> ListAsync(JobQuery query);

    /// <summary>How many jobs stand where.</summary>
    Task<QueueCounts> CountAsync();

    /// <summary>Events after a position, in order.</summary>
    Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(long after, EventFilter filter, int limit);

    /// <summary>The position of the newest event there has ever been, also when it was swept; 0 when there was none.</summary>
    Task<long> LastPositionAsync();

    /// <summary>Says that an owner has seen everything up to a position, and registers the owner if it is new.</summary>
    Task AcknowledgeAsync(string owner, long position);

    /// <summary>Completes when there may be events after the position, from whatever process.</summary>
    Task ChangedAsync(long position, CancellationToken cancellationToken);

    /// <summary>Announces a file that is about to be put into custody, so that no sweep takes it before its job is admitted.</summary>
    Task StageAsync(StoredFile file);

    /// <summary>Looks again at what may be claimed now: after a change of connectivity, or at a hint from outside.</summary>
    void Wake();
}
