using System.Buffers;
using System.Globalization;
using System.Text;
using SQLitePCL;

namespace Posthouse.Storage.Sqlite;

/// <summary>
/// One prepared statement and, while it is stepped, the row it stands on. <c>$1</c> is a name to SQLite, whose position
/// follows first appearance, so the arguments' places are read off once when the statement is prepared.
/// </summary>
internal sealed class SqliteStatement : IRow, IDisposable
{
    /// <summary>Texts up to this many characters are encoded on the stack (three bytes a character at most); ids and states fit.</summary>
    private const int StackCharacters = 170;

    private readonly sqlite3_stmt _statement;
    private readonly int[] _argumentOf;
    private readonly int _arguments;

    public SqliteStatement(sqlite3_stmt statement, string sql)
    {
        _statement = statement;
        Sql = sql;
        _argumentOf = new int[raw.sqlite3_bind_parameter_count(statement)];
        for (var i = 0; i < _argumentOf.Length; i++)
        {
            var name = raw.sqlite3_bind_parameter_name(statement, i + 1).utf8_to_string();
            if (name is not ['$', ..] || !int.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
                throw new ArgumentException($"Parameters are written $1…$n, not {name ?? "?"}, in: {sql}", nameof(sql));
            _argumentOf[i] = number - 1;
            _arguments = Math.Max(_arguments, number);
        }
    }

    /// <summary>The text it was prepared from.</summary>
    public string Sql { get; }

    /// <summary>Whether a caller is stepping it. A mapping function that runs the same text again gets a statement of its own.</summary>
    public bool InUse { get; set; }

    /// <summary>Whether the cache keeps it, and so disposes of it.</summary>
    public bool Kept { get; set; }

    /// <summary>Binds every parameter. Returns a result code.</summary>
    /// <exception cref="ArgumentException">More or fewer arguments than the statement has.</exception>
    public int Bind(ReadOnlySpan<SqlValue> args)
    {
        if (args.Length != _arguments)
            throw new ArgumentException($"{_arguments} arguments are wanted, {args.Length} were given, for: {Sql}", nameof(args));
        for (var i = 0; i < _argumentOf.Length; i++)
        {
            var result = Bind(i + 1, in args[_argumentOf[i]]);
            if (result != raw.SQLITE_OK)
                return result;
        }

        return raw.SQLITE_OK;
    }

    /// <summary>One step: <c>SQLITE_ROW</c>, <c>SQLITE_DONE</c> or an error.</summary>
    public int Step() => raw.sqlite3_step(_statement);

    /// <summary>Makes the statement ready for the next use. Its result repeats the last step's error, which was reported then.</summary>
    public void Reset() => _ = raw.sqlite3_reset(_statement);

    /// <inheritdoc/>
    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    /// <inheritdoc/>
    public long Int64(int column)
    {
        Demand(column, raw.SQLITE_INTEGER);
        return raw.sqlite3_column_int64(_statement, column);
    }

    /// <inheritdoc/>
    public string Text(int column)
    {
        Demand(column, raw.SQLITE_TEXT);
        return Encoding.UTF8.GetString(raw.sqlite3_column_blob(_statement, column)); // The bytes of the text; its length comes along.
    }

    /// <inheritdoc/>
    public byte[] Bytes(int column)
    {
        Demand(column, raw.SQLITE_BLOB);
        return raw.sqlite3_column_blob(_statement, column).ToArray();
    }

    /// <inheritdoc/>
    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <inheritdoc/>
    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    /// <inheritdoc/>
    public byte[]? BytesOrNull(int column) => IsNull(column) ? null : Bytes(column);

    public void Dispose() => _statement.Dispose();

    private int Bind(int index, in SqlValue value) => value.Kind switch
    {
        SqlKind.Integer => raw.sqlite3_bind_int64(_statement, index, value.Int64),
        SqlKind.Text => BindText(index, value.Text),
        SqlKind.Bytes when value.Bytes.IsEmpty => raw.sqlite3_bind_zeroblob(_statement, index, 0), // An empty span would arrive as NULL.
        SqlKind.Bytes => raw.sqlite3_bind_blob(_statement, index, value.Bytes.Span),
        _ => raw.sqlite3_bind_null(_statement, index),
    };

    private int BindText(int index, string text)
    {
        if (text.Length == 0)
            return raw.sqlite3_bind_text(_statement, index, utf8z.FromSpan("\0"u8)); // An empty span would arrive as NULL.
        if (text.Length <= StackCharacters)
        {
            Span<byte> buffer = stackalloc byte[StackCharacters * 3];
            return raw.sqlite3_bind_text(_statement, index, buffer[..Encoding.UTF8.GetBytes(text, buffer)]);
        }

        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            return raw.sqlite3_bind_text(_statement, index, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private void Demand(int column, int type)
    {
        var found = raw.sqlite3_column_type(_statement, column);
        if (found != type)
            throw new InvalidOperationException($"Column {column} holds {Name(found)}, not {Name(type)}, in: {Sql}");
    }

    private static string Name(int type) => type switch
    {
        raw.SQLITE_INTEGER => "an integer",
        raw.SQLITE_TEXT => "text",
        raw.SQLITE_BLOB => "bytes",
        raw.SQLITE_FLOAT => "a real number",
        _ => "NULL",
    };
}
