using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// Whether anybody still reads standard output, for a verb that goes on for ever: <c>… --watch | head</c> ends with head. The runtime's
/// console swallows the failure of a write into a pipe that nobody reads (EPIPE), so the pipe itself is asked.
/// </summary>
internal sealed class OutputReader : IDisposable
{
    private const int StandardOutput = 1;

    /// <summary>POLLERR and POLLHUP, the same on Linux and macOS: a pipe without a reader has the one there and the other here.</summary>
    private const short Gone = 0x8 | 0x10;

    /// <summary>Nobody waits for a verb's end longer than that without wondering, and asking costs a microsecond.</summary>
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _gone = new();
    private readonly ITimer _timer;

    /// <summary>Asks from now on.</summary>
    public OutputReader(TimeProvider time) => _timer = time.CreateTimer(_ => Look(), null, _interval, _interval);

    /// <summary>Cancelled when nobody reads any more.</summary>
    public CancellationToken Token => _gone.Token;

    public void Dispose()
    {
        _timer.Dispose();
        _gone.Dispose();
    }

    private void Look()
    {
        try
        {
            var polled = new NativeCalls.Polled { File = StandardOutput };
            if (NativeCalls.Poll(ref polled, 1, 0) > 0 && (polled.Told & Gone) != 0) { _gone.Cancel(); }
        }
        catch (Exception e) when (e is DllNotFoundException or ObjectDisposedException)
        {
            // The system has no such question, as Windows, and the verb goes on; or it has ended meanwhile.
        }
    }
}
