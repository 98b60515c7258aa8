using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Queue;

/// <summary>How a job ended, for whoever awaits it.</summary>
/// <typeparam name="TResult">The job's result.</typeparam>
/// <param name="Id">The job.</param>
/// <param name="State">Done or Dead.</param>
/// <param name="Result">The result, when Done.</param>
/// <param name="Reason">Why, when Dead. One that needs a decision may be retried later; that is seen in events only.</param>
public sealed record JobCompletion<TResult>(JobId Id, JobState State, TResult? Result, DeadReason? Reason);

/// <summary>
/// Ends the tasks of those who await a job. One reader follows the log for all of them, and only while somebody waits; what
/// ended before it began is found in the job's row.
/// </summary>
internal sealed class Completions
{
    /// <summary>Between two looks at a store that does not answer.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly IJobStore _store;
    private readonly JobEventReader _reader;
    private readonly ProgressFeed _feed;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<JobId, TaskCompletionSource<JobEvent?>> _waiting = [];
    private TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _following;

    public Completions(IJobStore store, JobEventReader reader, ProgressFeed feed, TimeProvider time)
    {
        (_store, _reader, _feed, _time) = (store, reader, feed, time);
        feed.Listening += Want;
    }

    /// <summary>The event that ends a job, or null when its row already says how it ended.</summary>
    public Task<JobEvent?> WaitAsync(JobId id)
    {
        TaskCompletionSource<JobEvent?>? answer;
        bool look;
        lock (_lock)
        {
            if (!_waiting.TryGetValue(id, out answer))
            {
                answer = new TaskCompletionSource<JobEvent?>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add(id, answer);
            }

            look = _following;
        }

        // A reader that follows already will see every later event; what came before is in the row.
        if (look)
        {
            _ = LookAsync(id);
        }

        Want();
        return answer.Task;
    }

    /// <summary>Follows the log while somebody waits; an engine of the process.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Wanted().WaitAsync(cancellationToken);
            try
            {
                await FollowAsync(await _store.LastPositionAsync(), cancellationToken);
            }
            catch (PosthouseException e) when (e.IsTransient)
            {
                // Beginning anew looks at the row of everybody who waits, so nothing that happened meanwhile is missed.
                await Task.Delay(Pause, _time, cancellationToken);
            }
        }
    }

    private async Task FollowAsync(long after, CancellationToken cancellationToken)
    {
        foreach (var id in BeginFollowing())
        {
            _ = LookAsync(id);
        }

        var log = new LogFollower(_store, after);
        while (StillWanted())
        {
            foreach (var stored in await log.NextAsync(cancellationToken))
            {
                if (_reader.Read(stored) is { } happened)
                {
                    Pass(happened);
                }
            }
        }
    }

    private JobId[] BeginFollowing()
    {
        lock (_lock)
        {
            _following = true;
            return [.. _waiting.Keys];
        }
    }

    private bool StillWanted()
    {
        lock (_lock)
        {
            if (_waiting.Count > 0 || _feed.HasListeners)
            {
                return true;
            }

            _following = false;
            _wanted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return false;
        }
    }

    private void Want()
    {
        lock (_lock)
        {
            _wanted.TrySetResult();
        }
    }

    private Task Wanted()
    {
        lock (_lock)
        {
            return _wanted.Task;
        }
    }

    private void Pass(JobEvent happened)
    {
        _feed.Pass(happened);
        if (happened is JobDone or JobDead or JobDiscarded)
        {
            End(happened.Id, happened);
        }
    }

    /// <summary>Looks at a job's row, again after a pause where the store does not answer.</summary>
    private async Task LookAsync(JobId id)
    {
        while (IsWaiting(id))
        {
            try
            {
                if (await _store.GetAsync(id) is null or { State: JobState.Done or JobState.Dead })
                {
                    End(id, null);
                }

                return;
            }
            catch (PosthouseException)
            {
                await Task.Delay(Pause, _time);
            }
        }
    }

    private bool IsWaiting(JobId id)
    {
        lock (_lock)
        {
            return _waiting.ContainsKey(id);
        }
    }

    private void End(JobId id, JobEvent? happened)
    {
        TaskCompletionSource<JobEvent?>? answer;
        lock (_lock)
        {
            _waiting.Remove(id, out answer);
        }

        answer?.TrySetResult(happened);
    }
}
