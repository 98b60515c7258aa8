using Microsoft.Extensions.Logging;
using Posthouse.Diagnostics;
using Posthouse.Storage;

namespace Posthouse.Queue;

/// <summary>
/// What happens right now, for progress bars and badges: progress reports, and stored events as a follower reads them. Best
/// effort, without replay; outcomes are read from the log.
/// </summary>
internal sealed class ProgressFeed(TimeProvider time, ILogger? logger = null)
{
    private Action<JobEvent>? _happened;

    /// <summary>Raised when somebody begins to listen.</summary>
    public event Action? Listening;

    /// <summary>Raised on the thread that reported; handlers must be short.</summary>
    public event Action<JobEvent> Happened
    {
        add
        {
            _happened += value;
            Listening?.Invoke();
        }

        remove => _happened -= value;
    }

    /// <summary>Whether anybody listens.</summary>
    public bool HasListeners => _happened is not null;

    public void Report(LeasedJob job, double fraction, string? message) =>
        Pass(new JobProgress(time.GetUtcNow(), job.Lease.Id, job.Name, job.Owner, fraction, message));

    /// <summary>Tells every listener. One that throws is logged: neither the others nor the handler that reported pay for it.</summary>
    public void Pass(JobEvent happened)
    {
        foreach (var listener in _happened?.GetInvocationList() ?? [])
        {
            try
            {
                ((Action<JobEvent>)listener)(happened);
            }
            catch (Exception e)
            {
                logger?.ListenerFailed(e);
            }
        }
    }
}
