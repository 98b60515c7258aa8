namespace Posthouse.Storage.Commit;

/// <summary>
/// Reads, each on a consistent snapshot, on a connection and a thread of their own: a listing never waits for a commit, nor a
/// commit for a listing. Snapshots are short, so that they do not keep the log from being folded in.
/// </summary>
internal sealed class ReadLoop(Func<IReadSnapshot> open)
{
    private readonly Lock _lock = new();
    private readonly Queue<(Action Run, Action<Exception> Refuse)> _waiting = new();
    private IReadSnapshot? _snapshot;
    private Exception? _closed;

    /// <summary>Queues a read; the returned task ends with its value or its exception, also when the loop was closed. Signal the driver afterwards.</summary>
    public Task<T> Post<T>(Func<IRead, T> read)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_closed is { } reason)
            {
                return Task.FromException<T>(reason);
            }

            _waiting.Enqueue((() => Answer(read, answer), answer.SetException));
        }

        return answer.Task;
    }

    /// <summary>Runs one read; true when more wait.</summary>
    public bool Turn()
    {
        (Action Run, Action<Exception> Refuse) next;
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out next))
            {
                return false;
            }
        }

        next.Run();
        return true;
    }

    /// <summary>Refuses what still waits and what comes later, and lets the connection go. No turn may run any more.</summary>
    public void Close(Exception reason)
    {
        lock (_lock)
        {
            _closed = reason;
            while (_waiting.TryDequeue(out var read))
            {
                read.Refuse(reason);
            }
        }

        _snapshot?.Dispose();
    }

    private void Answer<T>(Func<IRead, T> read, TaskCompletionSource<T> answer)
    {
        try
        {
            // Opened by the first read, which hears of it when that fails; the next one tries again.
            var snapshot = _snapshot ??= open();
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
