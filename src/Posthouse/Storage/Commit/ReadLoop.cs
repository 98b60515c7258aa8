namespace Posthouse.Storage.Commit;

/// <summary>
/// Reads, each on a consistent snapshot, on a connection and a thread of their own: a listing never waits for a commit, nor a
/// commit for a listing. Snapshots are short, so that they do not keep the log from being folded in.
/// </summary>
internal sealed class ReadLoop(Func<IReadSnapshot> open) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<Action<IReadSnapshot>> _waiting = new();
    private IReadSnapshot? _snapshot;

    /// <summary>Queues a read; the returned task ends with its value or its exception. Signal the driver afterwards.</summary>
    public Task<T> Post<T>(Func<IRead, T> read)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Enqueue(snapshot => Answer(snapshot, read, answer));
        }

        return answer.Task;
    }

    /// <summary>Runs one read; true when more wait.</summary>
    public bool Turn()
    {
        Action<IReadSnapshot>? next;
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out next))
            {
                return false;
            }
        }

        next(_snapshot ??= open());
        return true;
    }

    public void Dispose() => _snapshot?.Dispose();

    private static void Answer<T>(IReadSnapshot snapshot, Func<IRead, T> read, TaskCompletionSource<T> answer)
    {
        try
        {
            snapshot.Begin();
            try
            {
                answer.TrySetResult(read(snapshot.Sql));
            }
            finally
            {
                snapshot.End();
            }
        }
        catch (Exception e)
        {
            answer.TrySetException(e);
        }
    }
}

/// <summary>A reading connection.</summary>
internal interface IReadSnapshot : IDisposable
{
    /// <summary>Reads inside the present snapshot.</summary>
    IRead Sql { get; }

    /// <summary>Takes a snapshot.</summary>
    void Begin();

    /// <summary>Lets the snapshot go.</summary>
    void End();
}
