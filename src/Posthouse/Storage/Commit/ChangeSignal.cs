namespace Posthouse.Storage.Commit;

/// <summary>Tells followers of the event log that there may be more to read.</summary>
internal sealed class ChangeSignal
{
    private readonly Lock _lock = new();
    private readonly List<(long After, TaskCompletionSource Answer)> _waiting = [];
    private long _last;

    /// <summary>Whether somebody waits for news.</summary>
    public bool Any
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Completes when there may be events after a position.</summary>
    public Task WaitAsync(long after, CancellationToken cancellationToken)
    {
        // Asked first: who asks again and again is ended by its token even when there is always news.
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_last > after)
            {
                return Task.CompletedTask;
            }

            _waiting.Add((after, answer));
        }

        if (cancellationToken.CanBeCanceled)
        {
            var registration = cancellationToken.Register(() => Cancel(answer, cancellationToken));
            answer.Task.GetAwaiter().OnCompleted(registration.Dispose);
        }

        return answer.Task;
    }

    /// <summary>This process appended events up to a position.</summary>
    public void Appended(long position)
    {
        lock (_lock)
        {
            _last = Math.Max(_last, position);
            _waiting.RemoveAll(one => _last > one.After && one.Answer.TrySetResult());
        }
    }

    /// <summary>Another process committed something: everybody looks.</summary>
    public void Elsewhere()
    {
        lock (_lock)
        {
            _waiting.ForEach(one => one.Answer.TrySetResult());
            _waiting.Clear();
        }
    }

    private void Cancel(TaskCompletionSource answer, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _waiting.RemoveAll(one => one.Answer == answer);
        }

        answer.TrySetCanceled(cancellationToken);
    }
}
