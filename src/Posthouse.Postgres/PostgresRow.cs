using Npgsql;
using Posthouse.Storage;

namespace Posthouse.Postgres;

/// <summary>The row that a reader stands on.</summary>
internal sealed class PostgresRow(NpgsqlDataReader reader) : IRow
{
    public bool IsNull(int column) => reader.IsDBNull(column);

    /// <summary>Truth, which PostgreSQL keeps apart, is 1 or 0, as it is everywhere in the house.</summary>
    public long Int64(int column) => reader.GetFieldType(column) == typeof(bool) ? Get<bool>(column) ? 1 : 0 : Get<long>(column);

    public string Text(int column) => Get<string>(column);

    public byte[] Bytes(int column) => Get<byte[]>(column);

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    public byte[]? BytesOrNull(int column) => IsNull(column) ? null : Bytes(column);

    private T Get<T>(int column)
    {
        try
        {
            return reader.GetFieldValue<T>(column);
        }
        catch (InvalidCastException e)
        {
            throw new InvalidOperationException($"Column {column} ({reader.GetName(column)}) is NULL or no {typeof(T).Name}.", e);
        }
    }
}
