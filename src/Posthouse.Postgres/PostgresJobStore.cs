using System.Data.Common;
using Posthouse.Jobs;
using Posthouse.Postgres.Bulk;
using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;

namespace Posthouse.Postgres;

/// <summary>
/// The durable store of many machines: a schema of a PostgreSQL database that any number of processes may enqueue to and
/// dispatch from.
/// </summary>
public sealed class PostgresJobStore : SqlJobStore
{
    private readonly JoinedEnqueue _joined;

    private PostgresJobStore(PostgresStoreOptions options, StoreSession session, JoinedEnqueue joined)
        : base(session, options.Files) => (Session, _joined) = (session, joined);

    internal StoreSession Session { get; }

    /// <summary>Opens, and if needed creates or upgrades, a store. Waits for the server, at most as long as the connection string's Timeout says.</summary>
    /// <param name="options">Where and with what.</param>
    /// <param name="registry">The job types that <see cref="IWrite.Enqueue"/> may be given.</param>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: the server does not answer, or refuses the user. STORE_BUSY.
    /// SCHEMA_NEWER. OPTIONS_INVALID: the connection string or the schema's name is none, the server is too old, or a pooler stands before it.</exception>
    public static PostgresJobStore Open(PostgresStoreOptions options, JobRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(options);
        var place = PostgresPlace.Of(options);
#pragma warning disable RS0030 // Asks whether the clock is the system's; a test's own is left as it is.
        var clock = options.Time == TimeProvider.System ? new ServerTime(options.Time) : null;
#pragma warning restore RS0030
        TimeProvider time = clock is null ? options.Time : clock;
        var drafts = new JobDrafts(registry, time, options.Ids);
        var writer = $"{Environment.ProcessId}-{options.Ids.NextUInt64():x16}";
        var database = PostgresDatabase.Connect(place.ConnectionString);
        var groups = new PostgresCommitDatabase(database, writer, place.Gate, clock);
        try
        {
            groups.EnsureOpen();
            PostgresFitness.Check(database, place.ConnectionString);
            PostgresSchema.Apply(database, place.Schema, place.Gate, options.Parts);
            groups.ChangedByOthers(); // What stands now is seen by the first claim; later looks go from here.
        }
        catch
        {
            groups.Dispose();
            throw;
        }

        options.Watch?.Opened($"{database.Connection.DataSource}/{place.Schema}", database.Connection.PostgreSqlVersion.ToString(), database.Scalar("SELECT (current_setting('fsync') = 'on')::INT") == 1);
        var session = new StoreSession(new StoreParts
        {
            Database = groups,
            Writer = writer,
            OpenSnapshot = () => new PostgresSnapshot(place.ConnectionString),
            Presence = new TimedPresence(),
            Hang = onRing => PostgresBell.Hang(place.ConnectionString, place.Channel, onRing, options.Time),
            Drafts = drafts,
            Limits = options.Limits,
            Time = time,
            Ids = options.Ids,
            Bulk = new PostgresBulk(database, groups),
            Watch = options.Watch,
        }, LoopThread.Start);
        return new PostgresJobStore(options, session, new JoinedEnqueue(place.Schema, place.Gate, drafts, options.Limits, time));
    }

    /// <inheritdoc/>
    public override Task<T> EnqueueAsync<T>(IReadOnlyList<JobDraft> drafts, Func<IReadOnlyList<Admission>, T> shape)
    {
        var enqueue = new EnqueueOperation<T>(drafts, shape);
        Session.Post(enqueue);
        return enqueue.Task;
    }

    /// <inheritdoc/>
    public override Task<T> EnqueueAsync<T>(IReadOnlyList<JobDraft> drafts, DbTransaction transaction, Func<IReadOnlyList<Admission>, T> shape)
    {
        try
        {
            return Task.FromResult(_joined.Run(drafts, transaction, shape));
        }
        catch (PosthouseException e)
        {
            return Task.FromException<T>(e);
        }
    }

    /// <inheritdoc/>
    public override Task<bool> SettleAsync(Lease lease, Settlement settlement)
    {
        var settle = new SettleOperation(lease, settlement);
        Session.Post(settle);
        return settle.Task;
    }

    /// <summary>What applications' transactions added to the totals joins them, so that they are not summed up for ever.</summary>
    private protected override void Swept(Group group) => group.Execute("""
        WITH joined AS (DELETE FROM job_total_joined RETURNING open, bytes),
          added AS (SELECT coalesce(sum(open), 0)::BIGINT AS open, coalesce(sum(bytes), 0)::BIGINT AS bytes FROM joined)
        UPDATE job_total SET open = job_total.open + added.open, bytes = job_total.bytes + added.bytes FROM added
        """);
}
