using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Sqlite;

/// <summary>
/// The writing connection of a process: one group at a time, under the gate that keeps processes apart. Nothing writes while
/// something checkpoints, so the log-reset defect of SQLite before 3.51.3 has no opening.
/// </summary>
internal sealed class SqliteCommitDatabase : ICommitDatabase
{
    /// <summary>How long a group waits for another process before its callers hear STORE_BUSY.</summary>
    public static readonly TimeSpan GateLimit = TimeSpan.FromSeconds(10);

    /// <summary>The log is folded in when it has grown to so many pages of 4 KiB: large enough to be rare, small enough to stay in the page cache.</summary>
    private const int CheckpointAfterPages = 4_096;

    private readonly string _path;
    private readonly string _writer;
    private readonly WriterGate _gate;
    private readonly OpenFile _part;
    private SqliteDatabase _database;
    private WriterGate.Lease? _lease;
    private long _seenVersion;

    /// <summary>Enters the writer; the caller has the gate's turn. The other three are this object's from now on.</summary>
    public SqliteCommitDatabase(string path, string writer, WriterGate gate, OpenFile part, SqliteDatabase database)
    {
        (_path, _writer, _gate, _part, _database) = (path, writer, gate, part, database);
        _seenVersion = _database.DataVersion;
    }

    public ISqlWrite Sql => _database;

    public void Begin()
    {
        _lease = _gate.Enter(GateLimit);
        _database.Begin();
    }

    public void Commit()
    {
        _database.Commit();
        Leave();
    }

    public void Rollback()
    {
        try
        {
            _database.Rollback();
        }
        finally
        {
            Leave();
        }
    }

    public void Savepoint() => _database.Savepoint();

    public void Release() => _database.Release();

    public void RollbackToSavepoint() => _database.RollbackToSavepoint();

    public long Recover()
    {
        Leave();
        using var lease = _gate.Enter(GateLimit);
        _database.Dispose();
        _database = SqliteDatabase.OpenAfterFailure(_path);
        return CommitMark.Read(_database, _writer);
    }

    public bool ChangedByOthers()
    {
        if (_database.IsClosed)
        {
            return false; // The next group opens it again, and finds what others did.
        }

        var version = _database.DataVersion;
        var changed = version != _seenVersion;
        _seenVersion = version;
        return changed;
    }

    public void CheckpointIfGrown()
    {
        if (_database.PagesWritten >= CheckpointAfterPages)
        {
            using var lease = _gate.Enter(GateLimit);
            _database.Checkpoint(truncate: false);
            CrashPoint.Reached(CrashAt.LogFolded);
            _database.ForgetPagesWritten();
        }
    }

    public void Dispose()
    {
        Leave();
        using (_gate)
        using (_part)
        using (_gate.Enter(GateLimit))
        {
            _database.Dispose();
        }
    }

    private void Leave()
    {
        _lease?.Dispose();
        _lease = null;
    }
}

/// <summary>The reading connection of a process. Read-only: it can never checkpoint.</summary>
internal sealed class SqliteSnapshot(string path) : IReadSnapshot
{
    private readonly SqliteDatabase _database = SqliteDatabase.Open(path, readOnly: true);

    public IRead Sql => _database;

    public void Begin() => _database.BeginRead();

    public void End() => _database.Rollback();

    public void Dispose() => _database.Dispose();
}
