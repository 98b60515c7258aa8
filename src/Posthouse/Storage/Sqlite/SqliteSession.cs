using Posthouse.Jobs;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;

namespace Posthouse.Storage.Sqlite;

/// <summary>An open store in a SQLite file, which also lends transactions to the application.</summary>
internal sealed class SqliteSession : StoreSession
{
    private SqliteSession(SqliteStoreOptions options, StoreParts parts, LoopDriverFactory drive)
        : base(parts, drive)
    {
        Options = options;
        Lending = new Lending(options, parts.Writer, parts.Drafts, drive, CommittedBeside);
    }

    public SqliteStoreOptions Options { get; }

    public Lending Lending { get; }

    /// <summary>Opens, creates or upgrades the file and starts its loops.</summary>
    /// <param name="options">Where and with what.</param>
    /// <param name="drafts">Makes rows of jobs.</param>
    /// <param name="drive">What calls the loops' turns.</param>
    /// <param name="wrap">A simulation's faults around the database.</param>
    /// <param name="hang">Makes the bell; a simulation has none, for a bell has a socket and a thread.</param>
    public static SqliteSession Open(
        SqliteStoreOptions options, IJobDrafts drafts, LoopDriverFactory drive, Func<ICommitDatabase, ICommitDatabase>? wrap = null, BellFactory? hang = null)
    {
        var writer = $"{Environment.ProcessId}-{options.Ids.NextUInt64():x16}";
        var database = StoreOpening.Open(options, writer, out var quarantined);
        var path = Durable.Canonical(options.Path);
        var session = new SqliteSession(options, new StoreParts
        {
            Database = wrap?.Invoke(database) ?? database,
            Writer = writer,
            OpenSnapshot = () => new SqliteSnapshot(path),
            Presence = new LockPresence(path),
            Hang = onRing => (hang ?? Bell.Listen)(options.Path, onRing),
            Drafts = drafts,
            Limits = options.Limits,
            Time = options.Time,
            Ids = options.Ids,
            Watch = options.Watch,
        }, drive);
        if (quarantined is not null)
        {
            session.Post(group => StoreOpening.Report(group, quarantined)).GetAwaiter().GetResult();
        }

        return session;
    }

    protected override void Closing() => Lending.Dispose();
}
