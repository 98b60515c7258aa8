using Microsoft.Extensions.Logging;
using Posthouse.Diagnostics;
using Posthouse.Storage;

namespace Posthouse.Dispatch;

/// <summary>Why a handler's token fired.</summary>
internal enum StopReason
{
    None,
    Stopping,
    Cancelled,
    LeaseLost,
}

/// <summary>One leased job in this process, from its claim to its settlement. Only the dispatcher's loop changes it.</summary>
internal sealed class Run(LeasedJob job, long claimedAt, ILogger logger) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public LeasedJob Job { get; } = job;

    /// <summary>The monotonic timestamp since which the lease is known to be ours.</summary>
    public long HeldSince { get; set; } = claimedAt;

    /// <summary>Whether the handler has answered and only the settlement is under way.</summary>
    public bool Answered { get; set; }

    public StopReason Reason { get; private set; }

    public CancellationToken Token => _stop.Token;

    /// <summary>Asks the handler to stop; the first reason counts.</summary>
    public void Stop(StopReason reason)
    {
        if (Reason is StopReason.None)
        {
            Reason = reason;
            _ = FireAsync();
        }
    }

    /// <summary>A token that is or will be fired is left as it is: without a timer it holds nothing, and the handler may still look at it.</summary>
    public void Dispose()
    {
        if (Reason is StopReason.None)
        {
            _stop.Dispose();
        }
    }

    /// <summary>Firing runs what the handler registered: neither its errors nor its slowness are the dispatcher's.</summary>
    private async Task FireAsync()
    {
        await Task.Yield();
        try
        {
            _stop.Cancel();
        }
        catch (AggregateException e)
        {
            logger.StopCallbackFailed(e, Job.Lease.Id);
        }
    }
}
