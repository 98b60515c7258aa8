using System.Runtime.InteropServices;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// Ctrl+C and SIGTERM while a verb runs: the first one cancels it and decides its exit code, and it gets some time to end; the second
/// one ends the process as the system does. The command line's library would cancel too, but keeps to itself which signal it was.
/// </summary>
internal sealed class EndingSignals : IDisposable
{
    private readonly CancellationTokenSource _ends = new();
    private readonly TaskCompletionSource _overdue = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _heard;
    private readonly TimeProvider _time;
    private readonly TimeSpan _endWithin;
    private ITimer? _timer;

    /// <summary>Listens from now on.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="endWithin">How long the verb gets to end.</param>
    public EndingSignals(TimeProvider time, TimeSpan endWithin)
    {
        (_time, _endWithin) = (time, endWithin);
        _heard = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear)];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _ends.Token;

    /// <summary>The exit code of a verb that is cut off.</summary>
    public int Code { get; private set; } = ExitCodes.Interrupted;

    /// <summary>Completes when the verb has used up its time to end.</summary>
    public Task Overdue => _overdue.Task;

    public void Dispose()
    {
        foreach (var signal in _heard) { signal.Dispose(); }
        _timer?.Dispose();
        _ends.Dispose();
    }

    private void Hear(PosixSignalContext context)
    {
        if (_ends.IsCancellationRequested) { return; }

        context.Cancel = true;
        Code = context.Signal is PosixSignal.SIGTERM ? ExitCodes.Terminated : ExitCodes.Interrupted;
        _timer = _time.CreateTimer(_ => _overdue.TrySetResult(), null, _endWithin, Timeout.InfiniteTimeSpan);
        _ends.Cancel();
    }
}
