using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage.Jobs;

namespace Posthouse.Storage.Commit;

/// <summary>
/// One transaction, as everything inside it sees it: SQL, the time, the totals that limits are checked against, the event
/// log, and what is to be done once it is on disk.
/// </summary>
internal sealed class Group(ISqlWrite sql, DateTimeOffset now, IJobDrafts drafts, QueueLimits limits, IBulk? bulk = null) : IWrite
{
    private readonly List<Action> _afterCommit = [];
    private Totals? _totals;
    private Func<PosthouseException?>? _refusal;

    public DateTimeOffset Now => now;

    /// <summary>The time as rows store it.</summary>
    public long NowMs { get; } = now.ToUnixTimeMilliseconds();

    public QueueLimits Limits => limits;

    /// <summary>What does many rows at once; null: nothing does.</summary>
    public IBulk? Bulk => bulk;

    /// <summary>Statements that changed something; an operation that failed without raising it left nothing behind.</summary>
    public int Changes { get; private set; }

    /// <summary>Position of the last event of this group; 0 when there is none.</summary>
    public long LastPosition { get; private set; }

    SqlDialect IRead.Dialect => sql.Dialect;

    public Totals Totals => _totals ??= new Totals(sql);

    public void AfterCommit(Action action) => _afterCommit.Add(action);

    public List<T> Query<T>(string text, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args) => Counted(text).Query(text, map, args);

    public T? QueryFirst<T>(string text, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args) => Counted(text).QueryFirst(text, map, args);

    public long Scalar(string text, params ReadOnlySpan<SqlValue> args) => Counted(text).Scalar(text, args);

    public int Execute(string text, params ReadOnlySpan<SqlValue> args)
    {
        Changes++;
        return sql.Execute(text, args);
    }

    public long Insert(string text, params ReadOnlySpan<SqlValue> args)
    {
        Changes++;
        return sql.Insert(text, args);
    }

    public JobId Enqueue<TResult>(IJob<TResult> job, EnqueueOptions? options = null) => _refusal?.Invoke() is { } refusal
        ? throw new ReserveReachedException(refusal)
        : Admit.One(this, drafts.Draft(job, options)).Id;

    /// <summary>Runs a change that ends no job, so that what it enqueues is new work, which may be refused. The outcome of a job never is.</summary>
    public T FromOutside<T>(Func<IWrite, T> change, Func<PosthouseException?> refusal)
    {
        _refusal = refusal;
        try
        {
            return change(this);
        }
        finally
        {
            _refusal = null;
        }
    }

    /// <summary>Something was changed beside this object's own statements.</summary>
    /// <param name="position">Position of the last event that was appended with it; 0: none was.</param>
    public void Changed(long position)
    {
        Changes++;
        LastPosition = Math.Max(LastPosition, position);
    }

    public void Append(EventDraft draft) => Append(draft.Room, draft.Subject, draft.Kind, draft.Owner, draft.Body.ToArray());

    public void Append(string room, string subject, string kind, string? owner, byte[] body) => LastPosition = Insert(
        "INSERT INTO event(at, room, subject, kind, owner, body) VALUES ($1, $2, $3, $4, $5, $6)", NowMs, room, subject, kind, owner, body);

    /// <summary>
    /// A statement with RETURNING changes rows and is asked like a query. What does not surely only read counts as a change: one
    /// too many costs a flush, one too few would leave an unknown commit without the mark that tells whether it is there.
    /// </summary>
    private ISqlWrite Counted(string text)
    {
        var statement = text.AsSpan().TrimStart();
        var reads = StartsWith(statement, "SELECT") || StartsWith(statement, "PRAGMA")
            || (StartsWith(statement, "WITH") && !statement.Contains("RETURNING", StringComparison.OrdinalIgnoreCase));
        Changes += reads ? 0 : 1;
        return sql;
    }

    private static bool StartsWith(ReadOnlySpan<char> statement, string word) => statement.StartsWith(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>A point that totals and effects can go back to, beside the database's savepoint.</summary>
    public (Totals? Totals, int Effects) Mark() => (_totals?.Copy(), _afterCommit.Count);

    public void Restore((Totals? Totals, int Effects) mark)
    {
        _totals = mark.Totals;
        _afterCommit.RemoveRange(mark.Effects, _afterCommit.Count - mark.Effects);
    }

    /// <summary>Writes what was counted; the last statement before the commit.</summary>
    /// <returns>The turn that the mark shows now: a group that changed nothing leaves it, and needs no flush.</returns>
    public long Close(string writer, long turn)
    {
        if (Changes == 0)
        {
            return turn;
        }

        _totals?.Save(sql);
        CommitMark.Write(sql, writer, turn + 1, NowMs);
        return turn + 1;
    }

    public void RunEffects()
    {
        foreach (var effect in _afterCommit)
        {
            effect();
        }
    }
}
