using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Posthouse.Jobs;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;

namespace Posthouse.Storage.Sqlite;

/// <summary>The durable store of one machine: one SQLite file that any number of processes may enqueue to and dispatch from.</summary>
public sealed class SqliteJobStore : SqlJobStore
{
    private readonly DiskReserve _reserve;

    internal SqliteJobStore(SqliteSession session, Func<string, long>? freeBytes = null)
        : base(session, session.Options.Files)
    {
        Session = session;
        _reserve = new DiskReserve(session.Options.Path, session.Options.Time, freeBytes ?? Durable.FreeBytes);
    }

    internal SqliteSession Session { get; }

    /// <summary>Opens, and if needed creates or upgrades, a store.</summary>
    /// <param name="options">Where and with what.</param>
    /// <param name="registry">The job types that <see cref="IWrite.Enqueue"/> may be given.</param>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE, STORE_BUSY or SCHEMA_NEWER. A damaged file is put aside and a
    /// fresh one started, with an event <c>StoreQuarantined</c> that names the old file.</exception>
    public static SqliteJobStore Open(SqliteStoreOptions options, JobRegistry registry) =>
        new(SqliteSession.Open(options, new JobDrafts(registry, options.Time, options.Ids), LoopThread.Start));

    /// <inheritdoc/>
    [RequiresUnreferencedCode(LentTransaction.TrimWarning)]
    public override Task<StoreTransaction> BeginAsync() => Session.Lending.BeginAsync();

    /// <inheritdoc/>
    public override Task<T> EnqueueAsync<T>(IReadOnlyList<JobDraft> drafts, DbTransaction transaction, Func<IReadOnlyList<Admission>, T> shape)
    {
        if (Refusal() is { } refusal)
        {
            return Task.FromException<T>(refusal);
        }

        try
        {
            return Task.FromResult(Session.Lending.Run(transaction, group => shape([.. drafts.Select(draft => Admit.One(group, draft))])));
        }
        catch (PosthouseException e)
        {
            return Task.FromException<T>(e);
        }
    }

    private protected override PosthouseException? Refusal() => _reserve.Refusal();

    private protected override PosthouseException? FlowRefusal() => Session.Lending.Refusal();
}
