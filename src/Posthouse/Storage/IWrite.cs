using Posthouse.Jobs;
using Posthouse.Queue;

namespace Posthouse.Storage;

/// <summary>
/// A room's view of the present transaction: SQL, one more job, one more event, and nothing else. Valid only inside the
/// function it was given to.
/// </summary>
public interface IWrite : ISqlWrite
{
    /// <summary>The wall-clock time of this transaction.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Admits a job in this transaction. Jobs with files cannot be admitted here: their files need time to be copied.</summary>
    /// <exception cref="PosthouseException">JOB_INVALID, JOB_ID_REUSED, DUPLICATE_JOB or QUEUE_FULL; the function may go on.</exception>
    JobId Enqueue<TResult>(IJob<TResult> job, EnqueueOptions? options = null);

    /// <summary>Appends an event to the one log, in this transaction.</summary>
    void Append(EventDraft draft);
}

/// <summary>An event to be appended.</summary>
/// <param name="Room">Which room speaks: <c>jobs</c>, <c>ivxp</c>, …</param>
/// <param name="Subject">What it is about: a job id, an order id.</param>
/// <param name="Kind">What happened, as a word.</param>
/// <param name="Owner">Who has to see it, or null.</param>
/// <param name="Body">Details as JSON, UTF-8; empty for none.</param>
public sealed record EventDraft(string Room, string Subject, string Kind, string? Owner, ReadOnlyMemory<byte> Body);

/// <summary>A stored event. Positions rise in the order of commit and are otherwise opaque.</summary>
/// <param name="Position">Where it stands in the log.</param>
/// <param name="At">When it was committed, by the writer's clock.</param>
/// <param name="Room">Which room spoke.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Owner">Who has to see it, or null.</param>
/// <param name="Body">Details as JSON, UTF-8; empty for none.</param>
public sealed record StoredEvent(
    long Position, DateTimeOffset At, string Room, string Subject, string Kind, string? Owner, ReadOnlyMemory<byte> Body);

/// <summary>Which events a reader wants; null members match all.</summary>
/// <param name="Owner">Only events of this owner.</param>
/// <param name="Room">Only events of this room.</param>
/// <param name="Subject">Only events about this subject.</param>
public sealed record EventFilter(string? Owner = null, string? Room = null, string? Subject = null);

/// <summary>
/// The one way for a room to change and read stored state. Functions are synchronous and short: they run on the store's own
/// thread inside the present group commit, each in a savepoint of its own.
/// </summary>
public interface IStore
{
    /// <summary>
    /// Runs <paramref name="change"/> in a transaction and completes when it is on disk. If it throws, its changes are undone
    /// and only this caller hears of it. It may be run more than once, of which the last run counts.
    /// </summary>
    /// <exception cref="PosthouseException">STORE_BUSY, STORE_FULL: nothing happened. UNKNOWN: it may have happened.</exception>
    Task<T> WriteAsync<T>(Func<IWrite, T> change);

    /// <summary>Runs <paramref name="read"/> on a consistent snapshot.</summary>
    Task<T> ReadAsync<T>(Func<IRead, T> read);
}
