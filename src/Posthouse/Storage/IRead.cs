namespace Posthouse.Storage;

/// <summary>The row a query stands on. It is valid only inside the mapping function it is given to; keep what you read, never the row.</summary>
public interface IRow
{
    /// <summary>Whether the column holds NULL.</summary>
    /// <param name="column">Position in the result, from 0.</param>
    bool IsNull(int column);

    /// <summary>The column as an integer.</summary>
    /// <param name="column">Position in the result, from 0.</param>
    /// <exception cref="InvalidOperationException">The column is NULL or not an integer.</exception>
#pragma warning disable CA1720 // Named for the width a room can rely on, as the readers of ADO.NET are.
    long Int64(int column);
#pragma warning restore CA1720

    /// <summary>The column as text.</summary>
    /// <param name="column">Position in the result, from 0.</param>
    /// <exception cref="InvalidOperationException">The column is NULL or not text.</exception>
    string Text(int column);

    /// <summary>The column as bytes, copied.</summary>
    /// <param name="column">Position in the result, from 0.</param>
    /// <exception cref="InvalidOperationException">The column is NULL or not bytes.</exception>
    byte[] Bytes(int column);

    /// <summary>The column as text, or null where it is NULL.</summary>
    /// <param name="column">Position in the result, from 0.</param>
    string? TextOrNull(int column);

    /// <summary>The column as an integer, or null where it is NULL.</summary>
    /// <param name="column">Position in the result, from 0.</param>
    long? Int64OrNull(int column);

    /// <summary>The column as bytes, copied, or null where it is NULL.</summary>
    /// <param name="column">Position in the result, from 0.</param>
    byte[]? BytesOrNull(int column);
}

/// <summary>
/// Reading statements in the SQL that every store speaks: <c>$1…$n</c> stand for the arguments, in the order given.
/// Keep statements constant: a store prepares each text once.
/// </summary>
public interface IRead
{
    /// <summary>How the database says what is not said alike everywhere.</summary>
    internal SqlDialect Dialect => SqlDialect.Sqlite;

    /// <summary>All rows of a query.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="map">Reads one row; it must not keep the row, nor run another statement: not every store can beside one.</param>
    /// <param name="args">The values of <c>$1…$n</c>.</param>
    /// <exception cref="PosthouseException">The store could not answer; see <see cref="ErrorCodes"/>.</exception>
    List<T> Query<T>(string sql, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args);

    /// <summary>The first row of a query, or the default of <typeparamref name="T"/> where there is none.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="map">Reads the row; it must not keep it, nor run another statement.</param>
    /// <param name="args">The values of <c>$1…$n</c>.</param>
    /// <exception cref="PosthouseException">The store could not answer; see <see cref="ErrorCodes"/>.</exception>
    T? QueryFirst<T>(string sql, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args);

    /// <summary>The first column of the first row as an integer; 0 where there is no row or the column is NULL.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="args">The values of <c>$1…$n</c>.</param>
    /// <exception cref="PosthouseException">The store could not answer; see <see cref="ErrorCodes"/>.</exception>
    long Scalar(string sql, params ReadOnlySpan<SqlValue> args);
}

/// <summary>Reading and changing statements, as <see cref="IRead"/> describes them.</summary>
public interface ISqlWrite : IRead
{
    /// <summary>Runs one INSERT, UPDATE or DELETE.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="args">The values of <c>$1…$n</c>.</param>
    /// <returns>How many rows it changed.</returns>
    /// <exception cref="PosthouseException">The store refused; see <see cref="ErrorCodes"/>. A broken constraint is <c>JOB_INVALID</c>.</exception>
    int Execute(string sql, params ReadOnlySpan<SqlValue> args);

    /// <summary>
    /// Runs an INSERT into a table whose key the database makes. A row's RETURNING would do the same and cost SQLite four
    /// microseconds.
    /// </summary>
    /// <param name="sql">One INSERT statement.</param>
    /// <param name="args">Its parameters.</param>
    /// <returns>The new key; 0 when nothing was inserted.</returns>
    long Insert(string sql, params ReadOnlySpan<SqlValue> args);

    /// <summary>Runs one of the last statements before the commit, of which nobody asks how many rows it changed: where a statement is a journey to a server, the commit takes it along.</summary>
    internal void ExecuteLast(string sql, params ReadOnlySpan<SqlValue> args) => Execute(sql, args);
}
