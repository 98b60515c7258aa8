using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using Posthouse.Storage;

namespace Posthouse.Postgres;

/// <summary>
/// One connection, used by one thread at a time, which speaks the house's SQL. Npgsql prepares each text at its second use.
/// A lost connection is opened again when it is next asked for.
/// </summary>
internal sealed class PostgresDatabase : ISqlWrite, IDisposable
{
    /// <summary>Open jobs, their bytes and those of their files, with what applications have admitted in transactions of their own.</summary>
    public const string Totals = """
        SELECT open + coalesce((SELECT sum(open)::BIGINT FROM job_total_joined), 0) AS open, bytes + coalesce((SELECT sum(bytes)::BIGINT FROM job_total_joined), 0) AS bytes, file_bytes
        FROM job_total WHERE one = 1
        """;

    private readonly NpgsqlConnection _connection;
    private readonly bool _borrowed;
    private readonly ConditionalWeakTable<string, PostgresStatement> _statements = [];
    private readonly Dictionary<string, string> _inserts = new(StringComparer.Ordinal);
    private readonly List<NpgsqlBatchCommand> _last = [];

    private PostgresDatabase(NpgsqlConnection connection, bool borrowed) => (_connection, _borrowed) = (connection, borrowed);

    /// <inheritdoc/>
    SqlDialect IRead.Dialect { get; } = new("SELECT greatest((SELECT max(position) FROM event), (SELECT max(position) FROM event_swept))", Totals);

    /// <summary>Whether a statement failed since the transaction, or its last part, began: nothing can be asked until that is undone.</summary>
    public bool IsAborted { get; private set; }

    private bool IsOpen => _connection.FullState.HasFlag(System.Data.ConnectionState.Open);

    /// <summary>The connection itself, for statements on arrays.</summary>
    public NpgsqlConnection Connection => _connection;

    /// <summary>A connection of its own.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: what the connection string says cannot be done.</exception>
    public static PostgresDatabase Connect(string connectionString)
    {
        try
        {
            return new(new NpgsqlConnection(connectionString), borrowed: false);
        }
        catch (Exception e) when (IsUnusable(e))
        {
            throw Unusable(e);
        }
    }

    /// <summary>A connection that belongs to an application, inside its transaction.</summary>
    public static PostgresDatabase Borrow(NpgsqlConnection connection) => new(connection, borrowed: true);

    /// <summary>Opens the connection if it is not open; answers whether it was not.</summary>
    /// <exception cref="StoreIoException">STORE_UNAVAILABLE: the server does not answer.</exception>
    public bool EnsureOpen() => Guarded(() =>
    {
        if (IsOpen)
        {
            return false;
        }

        _connection.Close();
        try
        {
            _connection.Open();
        }
        catch (Exception e) when (IsUnusable(e))
        {
            throw Unusable(e);
        }

        IsAborted = false;
        return true;
    });

    /// <inheritdoc/>
    public List<T> Query<T>(string sql, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args)
    {
        using var command = Command(sql, args);
        return Guarded(() =>
        {
            using var reader = command.ExecuteReader();
            var (row, rows) = (new PostgresRow(reader), new List<T>());
            while (reader.Read())
            {
                rows.Add(map(row));
            }

            return rows;
        });
    }

    /// <inheritdoc/>
    public T? QueryFirst<T>(string sql, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args)
    {
        using var command = Command(sql, args);
        return Guarded(() =>
        {
            using var reader = command.ExecuteReader();
            return reader.Read() ? map(new PostgresRow(reader)) : default;
        });
    }

    /// <inheritdoc/>
    public long Scalar(string sql, params ReadOnlySpan<SqlValue> args) => QueryFirst(sql, row => row.IsNull(0) ? 0 : row.Int64(0), args);

    /// <inheritdoc/>
    public int Execute(string sql, params ReadOnlySpan<SqlValue> args)
    {
        using var command = Command(sql, args);
        return Guarded(() => Math.Max(0, command.ExecuteNonQuery()));
    }

    /// <inheritdoc/>
    /// <remarks>Inside an application's transaction an event is left for the next group, which appends it in order.</remarks>
    public long Insert(string sql, params ReadOnlySpan<SqlValue> args)
    {
        if (!_inserts.TryGetValue(sql, out var returning))
        {
            var text = _borrowed ? sql.Replace("INTO event(", "INTO event_joined(", StringComparison.Ordinal) : sql;
            _inserts[sql] = returning = $"{text} RETURNING {KeyOf(text)}";
        }

        return Scalar(returning, args);
    }

    /// <summary>Runs statements without arguments, such as a migration, or one that ends a transaction or a part of one.</summary>
    public void ExecuteScript(string sql, bool committing = false) => Guarded(() =>
    {
        using var command = new NpgsqlCommand(sql, _connection);
        return command.ExecuteNonQuery();
    }, committing);

    /// <inheritdoc/>
    void ISqlWrite.ExecuteLast(string sql, params ReadOnlySpan<SqlValue> args)
    {
        var last = new NpgsqlBatchCommand(Text(sql, args, out var used));
        AddTo(last.Parameters, args, used);
        _last.Add(last);
    }

    /// <summary>Runs what was left for the last, and commits, in one journey.</summary>
    /// <exception cref="StoreIoException">The connection was lost: it is not known whether it was committed.</exception>
    public void Commit()
    {
        using var batch = new NpgsqlBatch(_connection);
        _last.ForEach(batch.BatchCommands.Add);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        Guarded(batch.ExecuteNonQuery, committing: true);
        _last.Clear();
    }

    /// <summary>Lets the connection go, and whatever transaction is on it; the next use opens another.</summary>
    public void Close()
    {
        _connection.Close();
        Undone();
    }

    /// <summary>The part, or the transaction, that failed was undone.</summary>
    public void Undone()
    {
        IsAborted = false;
        _last.Clear();
    }

    /// <summary>Runs something on the connection and turns what fails into the house's failures.</summary>
    public T Guarded<T>(Func<T> work, bool committing = false)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException)
        {
            IsAborted = true;
            throw PostgresErrors.From(e, committing);
        }
        catch (InvalidOperationException) when (!IsOpen)
        {
            IsAborted = true;
            throw PostgresErrors.From(new IOException("the connection is closed"), committing);
        }
    }

    public void Dispose()
    {
        if (!_borrowed)
        {
            _connection.Dispose();
        }
    }

    private static bool IsUnusable(Exception error) => error is ArgumentException or NotSupportedException;

    private static PosthouseException Unusable(Exception error) =>
        new(ErrorCodes.OptionsInvalid, $"The connection string cannot be used: {error.Message} It is written Host=…;Database=…;Username=…", error);

    private NpgsqlCommand Command(string sql, ReadOnlySpan<SqlValue> args)
    {
        var command = new NpgsqlCommand(Text(sql, args, out var used), _connection);
        AddTo(command.Parameters, args, used);
        return command;
    }

    private string Text(string sql, ReadOnlySpan<SqlValue> args, out ulong used) => _statements.GetValue(sql, PostgresStatement.Of).For(args, out used);

    private static void AddTo(NpgsqlParameterCollection parameters, ReadOnlySpan<SqlValue> args, ulong used)
    {
        for (var at = 0; at < args.Length; at++)
        {
            parameters.Add(Parameter(args[at], isUsed: (used >> at & 1) == 1));
        }
    }

    /// <summary>A NULL has no type of its own: the server finds it where it stands; one that stands nowhere is a text.</summary>
    private static NpgsqlParameter Parameter(in SqlValue value, bool isUsed) => value.Kind switch
    {
        SqlKind.Integer => new NpgsqlParameter<long> { TypedValue = value.Int64, NpgsqlDbType = NpgsqlDbType.Bigint },
        SqlKind.Text => new NpgsqlParameter<string> { TypedValue = PostgresText.Value(value.Text), NpgsqlDbType = NpgsqlDbType.Text },
        SqlKind.Bytes => new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = value.Bytes, NpgsqlDbType = NpgsqlDbType.Bytea },
        _ => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = isUsed ? NpgsqlDbType.Unknown : NpgsqlDbType.Text },
    };

    /// <summary>The key column of the table that a statement inserts into.</summary>
    private string KeyOf(string sql)
    {
        var table = sql.AsSpan()[(sql.IndexOf("INTO ", StringComparison.OrdinalIgnoreCase) + 5)..].TrimStart();
        var name = table[..table.IndexOfAny(' ', '(', '\n')].ToString();
        return QueryFirst("""
            SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
            WHERE indisprimary AND indrelid = to_regclass($1)
            """, row => row.Text(0), name) ?? throw new InvalidOperationException($"Table {name} has no key that the database makes.");
    }
}
