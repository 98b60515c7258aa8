using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Posthouse.Postgres;
using Posthouse.Storage;

namespace Posthouse.Cli.Moving;

/// <summary>A table as both databases have it: its columns with their kinds, and the key in whose order it is read.</summary>
/// <param name="Name">The table.</param>
/// <param name="Columns">Its columns, as the file has them.</param>
/// <param name="Key">The places of the key's columns.</param>
internal sealed record MovedTable(string Name, IReadOnlyList<(string Name, SqlKind Kind)> Columns, IReadOnlyList<int> Key)
{
    /// <summary>Rows of one page: with contents in them a hundred are some megabytes at the most usual sizes.</summary>
    private const int PageWithBytes = 100;

    private const int PageWithoutBytes = 2_000;

    /// <summary>How many rows are read at once.</summary>
    public int Page => Columns.Any(column => column.Kind == SqlKind.Bytes) ? PageWithBytes : PageWithoutBytes;

    /// <summary>What a file knows of a table.</summary>
    public static MovedTable Of(IRead file, string name)
    {
        var columns = file.Query($"SELECT name, type, pk FROM pragma_table_info('{name}') ORDER BY cid", row => (Name: row.Text(0), Kind: KindOf(row.Text(1)), Key: row.Int64(2)));
        var key = columns.Where(column => column.Key > 0).OrderBy(column => column.Key).Select(column => column.Name).ToList();
        if (key.Count == 0)
        {
            var unique = file.QueryFirst($"SELECT name FROM pragma_index_list('{name}') WHERE \"unique\" = 1 AND partial = 0 ORDER BY seq", row => row.Text(0))
                ?? throw new InvalidOperationException($"Table {name} has no key.");
            key = file.Query($"SELECT name FROM pragma_index_info('{unique}') ORDER BY seqno", row => row.Text(0));
        }

        return new MovedTable(name, columns.ConvertAll(column => (column.Name, column.Kind)), key.ConvertAll(part => columns.FindIndex(column => column.Name == part)));
    }

    public long Count(IRead read) => read.Scalar($"SELECT count(*) FROM {Name}");

    /// <summary>The rows behind a key in the key's order, at most a page of them. Both databases compare texts and bytes alike.</summary>
    public List<SqlValue[]> After(IRead read, SqlValue[]? key)
    {
        var names = string.Join(", ", Key.Select(at => Columns[at].Name));
        var behind = key is null ? "" : $"WHERE ({names}) > ({string.Join(", ", Enumerable.Range(1, Key.Count).Select(number => "$" + number.ToString(CultureInfo.InvariantCulture)))}) ";
        return read.Query($"SELECT {string.Join(", ", Columns.Select(column => column.Name))} FROM {Name} {behind}ORDER BY {names} LIMIT {Page}", Row, key ?? []);
    }

    /// <summary>The last row's key, or null where there is none.</summary>
    public SqlValue[]? LastKey(IRead read)
    {
        var names = Key.Select(at => Columns[at].Name).ToList();
        return read.QueryFirst($"SELECT {string.Join(", ", names)} FROM {Name} ORDER BY {string.Join(", ", names.Select(name => name + " DESC"))} LIMIT 1",
            row => Enumerable.Range(0, names.Count).Select(at => Value(row, at, Columns[Key[at]].Kind)).ToArray());
    }

    public SqlValue[] KeyOf(SqlValue[] row) => [.. Key.Select(at => row[at])];

    /// <summary>The hash of all rows in the key's order; texts as the server can hold them.</summary>
    public string Hash(IRead read)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        List<SqlValue[]> rows;
        for (SqlValue[]? key = null; (rows = After(read, key)).Count > 0; key = KeyOf(rows[^1]))
        {
            foreach (var value in rows.SelectMany(row => row)) { Append(hash, value); }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, SqlValue value)
    {
        Span<byte> head = stackalloc byte[9];
        var bytes = value.Kind switch
        {
            SqlKind.Text => Encoding.UTF8.GetBytes(PostgresText.Value(value.Text)),
            SqlKind.Bytes => value.Bytes,
            _ => ReadOnlyMemory<byte>.Empty,
        };
        head[0] = (byte)value.Kind;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], value.Kind == SqlKind.Integer ? value.Int64 : bytes.Length);
        hash.AppendData(head);
        hash.AppendData(bytes.Span);
    }

    private SqlValue[] Row(IRow row) => [.. Columns.Select((column, at) => Value(row, at, column.Kind))];

    private static SqlValue Value(IRow row, int at, SqlKind kind) => row.IsNull(at) ? SqlValue.Null : kind switch
    {
        SqlKind.Integer => row.Int64(at),
        SqlKind.Text => row.Text(at),
        _ => row.Bytes(at),
    };

    private static SqlKind KindOf(string type) => type.ToUpperInvariant() switch
    {
        "INTEGER" or "BIGINT" => SqlKind.Integer,
        "TEXT" => SqlKind.Text,
        "BLOB" or "BYTEA" => SqlKind.Bytes,
        _ => throw new InvalidOperationException($"A column of type {type} cannot be moved."),
    };
}
