using SQLitePCL;

namespace Posthouse.Storage.Sqlite;

/// <summary>
/// One connection, straight on SQLite's C API, used by one thread at a time. A read-write connection is opened, written,
/// checkpointed and closed only while its caller holds the <see cref="WriterGate"/>; opening itself is in the other half.
/// </summary>
internal sealed partial class SqliteDatabase : ISqlWrite, IDisposable
{
    private readonly sqlite3 _connection;
    private readonly StatementCache _statements = new();
    private bool _borrowed;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>A number that changes whenever <em>another</em> connection has committed. Cheap: it reads one shared counter.</summary>
    public long DataVersion => Scalar("PRAGMA data_version");

    /// <summary>Whether a transaction is open. SQLite ends one by itself after some errors.</summary>
    public bool InTransaction => !IsClosed && raw.sqlite3_get_autocommit(_connection) == 0;

    /// <summary>Whether the connection is gone, as after a failure that could not be recovered from yet.</summary>
    public bool IsClosed => _connection.IsClosed;

    /// <inheritdoc/>
    public List<T> Query<T>(string sql, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args)
    {
        var statement = Take(sql);
        try
        {
            Check(statement.Bind(args));
            var rows = new List<T>();
            while (StepsToRow(statement))
                rows.Add(map(statement));
            return rows;
        }
        finally
        {
            GiveBack(statement);
        }
    }

    /// <inheritdoc/>
    public T? QueryFirst<T>(string sql, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args)
    {
        var statement = Take(sql);
        try
        {
            Check(statement.Bind(args));
            if (!StepsToRow(statement))
                return default;
            var row = map(statement);
            while (StepsToRow(statement)) // A changing statement with RETURNING is complete only when it was stepped to its end.
            {
            }

            return row;
        }
        finally
        {
            GiveBack(statement);
        }
    }

    /// <inheritdoc/>
    public long Scalar(string sql, params ReadOnlySpan<SqlValue> args)
    {
        var statement = Take(sql);
        try
        {
            Check(statement.Bind(args));
            return StepsToRow(statement) && !statement.IsNull(0) ? statement.Int64(0) : 0;
        }
        finally
        {
            GiveBack(statement);
        }
    }

    /// <inheritdoc/>
    public int Execute(string sql, params ReadOnlySpan<SqlValue> args)
    {
        var statement = Take(sql);
        try
        {
            Check(statement.Bind(args));
            while (StepsToRow(statement))
            {
            }

            return raw.sqlite3_changes(_connection);
        }
        finally
        {
            GiveBack(statement);
        }
    }

    /// <inheritdoc/>
    public long Insert(string sql, params ReadOnlySpan<SqlValue> args) => Execute(sql, args) == 0 ? 0 : raw.sqlite3_last_insert_rowid(_connection);

    /// <summary>Runs many statements without arguments, such as a migration.</summary>
    public void ExecuteScript(string sql) => Check(raw.sqlite3_exec(_connection, sql));

    /// <summary>Begins a transaction that may write. It waits for no reader, and takes the write lock at once.</summary>
    public void Begin() => Execute("BEGIN IMMEDIATE");

    /// <summary>Begins a transaction that reads one state of the database, fixed by its first statement.</summary>
    public void BeginRead() => Execute("BEGIN");

    /// <summary>Makes the transaction durable.</summary>
    /// <exception cref="StoreIoException"><c>UNKNOWN</c>: the system failed on the way; whether it stands is not known.</exception>
    public void Commit()
    {
        var statement = Take("COMMIT");
        try
        {
            var result = statement.Step();
            if (result != raw.SQLITE_DONE)
                throw Failure(result, committing: true);
        }
        finally
        {
            GiveBack(statement);
        }
    }

    /// <summary>Undoes the transaction. Does nothing where SQLite has ended it already, as it does on some errors.</summary>
    public void Rollback()
    {
        if (InTransaction)
            Execute("ROLLBACK");
    }

    /// <summary>Marks a place inside the transaction to which a failing part can be undone. May be nested.</summary>
    public void Savepoint() => Execute("SAVEPOINT part");

    /// <summary>Keeps what was done since the innermost <see cref="Savepoint"/>.</summary>
    public void Release() => Execute("RELEASE part");

    /// <summary>Undoes what was done since the innermost <see cref="Savepoint"/>, and forgets that place.</summary>
    public void RollbackToSavepoint()
    {
        Execute("ROLLBACK TO part");
        Execute("RELEASE part"); // ROLLBACK TO leaves the savepoint standing.
    }

    /// <summary>Copies the log into the database file.</summary>
    /// <param name="truncate">Whether the log file shall be emptied too, which no reader may then be using.</param>
    /// <returns>Whether all was copied (a reader may prevent it, which is no error), and the frames the log had.</returns>
    public (bool Done, int WalFrames) Checkpoint(bool truncate)
    {
        // A reader must not hold up the writer: whoever is in the way now is passed by, and the next checkpoint tries again.
        Check(raw.sqlite3_busy_timeout(_connection, 0));
        var mode = truncate ? raw.SQLITE_CHECKPOINT_TRUNCATE : raw.SQLITE_CHECKPOINT_PASSIVE;
        var result = raw.sqlite3_wal_checkpoint_v2(_connection, "main", mode, out var frames, out var copied);
        var failure = (result & 0xff) is raw.SQLITE_OK or raw.SQLITE_BUSY ? null : Failure(result);
        Check(raw.sqlite3_busy_timeout(_connection, BusyMilliseconds));
        return failure is null ? (result == raw.SQLITE_OK && copied == frames, frames) : throw failure;
    }

    public void Dispose()
    {
        _statements.Dispose();
        if (!_borrowed)
            _connection.Dispose();
    }

    private SqliteStatement Take(string sql)
    {
        ObjectDisposedException.ThrowIf(_connection.IsClosed, this);
        var statement = _statements.Find(sql);
        if (statement is null)
            _statements.Add(statement = Prepare(sql));
        else if (statement.InUse)
            statement = Prepare(sql);
        statement.InUse = true;
        return statement;
    }

    private static void GiveBack(SqliteStatement statement)
    {
        statement.Reset();
        statement.InUse = false;
        if (!statement.Kept)
            statement.Dispose(); // A second one of the same text, made for a nested use.
    }

    private SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        return new SqliteStatement(statement, sql);
    }

    private bool StepsToRow(SqliteStatement statement) => statement.Step() switch
    {
        raw.SQLITE_ROW => true,
        raw.SQLITE_DONE => false,
        var result => throw Failure(result),
    };

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            throw Failure(result);
    }

    private Exception Failure(int result, bool committing = false)
    {
        if ((result & 0xff) == raw.SQLITE_CORRUPT)
            Suspicion.Raise(Path);
        return SqliteErrors.From(result, raw.sqlite3_errmsg(_connection).utf8_to_string(), Path, committing);
    }
}
