using Posthouse.Jobs;
using Posthouse.Queue;

namespace Posthouse.Storage.Memory;

/// <summary>What a settlement's own change may do without a database: say that something happened, and nothing else.</summary>
internal sealed class MemoryWrite(Books books) : IWrite
{
    private bool _isClosed;

    public DateTimeOffset Now => JobRow.Instant(books.Now);

    public void Append(EventDraft draft)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        books.Events.Append(books.Now, draft);
    }

    public JobId Enqueue<TResult>(IJob<TResult> job, EnqueueOptions? options = null) => throw NoDatabase();

    public List<T> Query<T>(string sql, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args) => throw NoDatabase();

    public T? QueryFirst<T>(string sql, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args) => throw NoDatabase();

    public long Scalar(string sql, params ReadOnlySpan<SqlValue> args) => throw NoDatabase();

    public int Execute(string sql, params ReadOnlySpan<SqlValue> args) => throw NoDatabase();

    public long Insert(string sql, params ReadOnlySpan<SqlValue> args) => throw NoDatabase();

    /// <summary>The transaction is over: a function that kept this view must not write past the lock.</summary>
    public void Close() => _isClosed = true;

    private static NotSupportedException NoDatabase() =>
        new("Rooms need a database, and this queue is kept in memory: use the SQLite store, a temporary folder will do.");
}
