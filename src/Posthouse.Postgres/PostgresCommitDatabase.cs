using System.Globalization;
using Npgsql;
using Posthouse.Storage;
using Posthouse.Storage.Commit;

namespace Posthouse.Postgres;

/// <summary>
/// The writing connection of a process. Groups of all processes follow each other under one advisory lock of the transaction, as
/// they do under a file's gate with SQLite: so every rule about rows is argued once, for one writer at a time. The lock ends with
/// the transaction, also when the process or its machine dies; and whoever has it knows how the one before ended.
/// </summary>
internal sealed class PostgresCommitDatabase(PostgresDatabase database, string writer, long gate, ServerTime? clock) : ICommitDatabase
{
    /// <summary>Begins, takes the gate, appends what applications have committed beside, and asks the time and the totals once it is had: one journey.</summary>
    private readonly string[] _begin =
    [
        "BEGIN",
        string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({gate})"),
        $"""
        WITH joined AS (DELETE FROM event_joined RETURNING *),
          put AS (INSERT INTO event(at, room, subject, kind, owner, body) SELECT at, room, subject, kind, owner, body FROM joined ORDER BY place RETURNING position)
        SELECT (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT, (SELECT max(position) FROM put), total.open, total.bytes, total.file_bytes FROM ({PostgresDatabase.Totals}) AS total
        """,
    ];

    private long _seen;

    public ISqlWrite Sql => database;

    public bool IsAborted => database.IsAborted;

    public bool MustTakeIn { get; private set; }

    /// <summary>Position of the last event that the present group has taken in from beside; 0: there was none.</summary>
    public long TakenIn { get; private set; }

    /// <summary>Open jobs, their bytes and those of their files, when the present group began.</summary>
    public (long Open, long Bytes, long FileBytes) Totals { get; private set; }

    /// <summary>Opens the connection if it is not open. A commit is acknowledged when it is on disk, whatever the server's default.</summary>
    public void EnsureOpen()
    {
        if (database.EnsureOpen())
        {
            database.Scalar("SELECT 1 FROM set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)");
        }
    }

    public void Begin()
    {
        EnsureOpen();
        try
        {
            var now = database.Guarded(BeginInTurn);
            clock?.Set(DateTimeOffset.FromUnixTimeMilliseconds(now));
        }
        catch (PosthouseException e) when (e is not StoreIoException)
        {
            Rollback();
            throw;
        }
    }

    public void Commit()
    {
        // The server answers a COMMIT of what it has given up with no error, but with a rollback.
        if (IsAborted)
        {
            throw new PosthouseException(ErrorCodes.StoreUnavailable, "A statement of the group failed, and with it all of them; nothing was stored. Try again.");
        }

        database.Commit();
    }

    public void Rollback()
    {
        database.ExecuteScript("ROLLBACK");
        database.Undone();
    }

    public void Savepoint() => database.ExecuteScript("SAVEPOINT part");

    public void Release() => database.ExecuteScript("RELEASE SAVEPOINT part");

    public void RollbackToSavepoint()
    {
        database.ExecuteScript("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part");
        database.Undone();
    }

    /// <summary>The gate is had only after the transaction whose end is unknown has ended: its server process may be at it still.</summary>
    public long Recover()
    {
        // A server that refused the commit and stayed has the failed transaction open on this connection.
        database.Close();
        Begin();
        try
        {
            return CommitMark.Read(database, writer);
        }
        finally
        {
            Rollback();
        }
    }

    public bool ChangedByOthers()
    {
        EnsureOpen();
        var turns = OthersTurns(database, writer);
        MustTakeIn = database.Scalar("SELECT 1 FROM event_joined LIMIT 1") == 1;
        var changed = turns != _seen || MustTakeIn;
        _seen = turns;
        return changed;
    }

    public void CheckpointIfGrown()
    {
        // The server folds its log in by itself.
    }

    public void Dispose() => database.Dispose();

    private static long OthersTurns(PostgresDatabase database, string writer) =>
        database.Scalar("SELECT sum(turn)::BIGINT FROM commit_mark WHERE writer <> $1", writer);

    private long BeginInTurn()
    {
        using var batch = new NpgsqlBatch(database.Connection);
        foreach (var text in _begin)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(text));
        }

        using var reader = batch.ExecuteReader();
        reader.NextResult(); // BEGIN has no rows and so no result; the lock's is passed by.
        reader.Read();
        TakenIn = reader.IsDBNull(1) ? 0 : reader.GetInt64(1);
        Totals = (reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4));
        return reader.GetInt64(0);
    }
}

/// <summary>The reading connection of a process: each read sees one state of the database.</summary>
internal sealed class PostgresSnapshot(string connectionString) : IReadSnapshot
{
    private readonly PostgresDatabase _database = PostgresDatabase.Connect(connectionString);

    public IRead Sql => _database;

    public void Begin()
    {
        _database.EnsureOpen();
        _database.ExecuteScript("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    }

    public void End()
    {
        _database.ExecuteScript("ROLLBACK");
        _database.Undone();
    }

    public void Dispose() => _database.Dispose();
}
