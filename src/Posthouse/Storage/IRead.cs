namespace Posthouse.Storage;

/// <summary>One row of a query's answer.</summary>
public interface IRow
{
    /// <summary>Whether the column is NULL.</summary>
    bool IsNull(int column);

    /// <summary>The column as an integer.</summary>
    long Int64(int column);

    /// <summary>The column as text.</summary>
    string Text(int column);

    /// <summary>The column as bytes.</summary>
    byte[] Bytes(int column);

    /// <summary>The column as text, or null.</summary>
    string? TextOrNull(int column);

    /// <summary>The column as an integer, or null.</summary>
    long? Int64OrNull(int column);

    /// <summary>The column as bytes, or null.</summary>
    byte[]? BytesOrNull(int column);
}

/// <summary>Reads with SQL that both dialects speak; parameters are <c>$1</c> to <c>$n</c>.</summary>
public interface IRead
{
    /// <summary>All rows of a query.</summary>
    List<T> Query<T>(string sql, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args);

    /// <summary>The first row of a query, or the default.</summary>
    T? QueryFirst<T>(string sql, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args);

    /// <summary>The first column of the first row as an integer; 0 when there is no row or it is NULL.</summary>
    long Scalar(string sql, params ReadOnlySpan<SqlValue> args);
}

/// <summary>Reads and changes with SQL that both dialects speak.</summary>
public interface ISqlWrite : IRead
{
    /// <summary>Runs one statement and returns how many rows it changed.</summary>
    int Execute(string sql, params ReadOnlySpan<SqlValue> args);
}
