namespace Posthouse.Storage.Sqlite;

/// <summary>
/// The prepared statements of one connection. Statements are constants, so the same string object comes again: the
/// first look compares references and never reads the text; only a text built at run time is compared by content.
/// </summary>
internal sealed class StatementCache : IDisposable
{
    /// <summary>A room has some dozens of statements; beyond this the oldest goes, so that built texts cannot fill memory.</summary>
    internal const int Limit = 256;

    private readonly Dictionary<object, SqliteStatement> _byReference = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, SqliteStatement> _byText = new(StringComparer.Ordinal);
    private readonly Queue<SqliteStatement> _byAge = new();

    /// <summary>How many statements are kept.</summary>
    public int Count => _byText.Count;

    /// <summary>The statement of this text, if it is kept.</summary>
    public SqliteStatement? Find(string sql)
    {
        if (_byReference.TryGetValue(sql, out var statement))
            return statement;
        if (!_byText.TryGetValue(sql, out statement))
            return null;
        if (_byReference.Count >= Limit * 2)
            _byReference.Clear(); // Equal texts built again and again; constants find their way back at their next use.
        _byReference.Add(sql, statement);
        return statement;
    }

    /// <summary>Keeps a statement; the oldest that nobody steps goes when the limit is passed.</summary>
    public void Add(SqliteStatement statement)
    {
        if (_byText.Count >= Limit)
            Evict();
        statement.Kept = true;
        _byText.Add(statement.Sql, statement);
        _byReference.TryAdd(statement.Sql, statement);
        _byAge.Enqueue(statement);
    }

    public void Dispose()
    {
        foreach (var statement in _byAge)
            statement.Dispose();
        _byAge.Clear();
        _byText.Clear();
        _byReference.Clear();
    }

    private void Evict()
    {
        for (var looked = _byAge.Count; looked > 0; looked--)
        {
            var oldest = _byAge.Dequeue();
            if (oldest.InUse)
            {
                _byAge.Enqueue(oldest);
                continue;
            }

            _byText.Remove(oldest.Sql);
            _byReference.Clear(); // Several string objects may lead to the one that goes.
            oldest.Dispose();
            return;
        }
    }
}
