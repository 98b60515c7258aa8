using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Output;

/// <summary>Redraws a transfer's line on standard error where a person sits there, and is silent anywhere else.</summary>
internal sealed class TransferBar(TextWriter error, Terminal terminal, TimeProvider time, string verb) : IDisposable
{
    /// <summary>Ten times a second looks smooth; more only makes a slow terminal the bottleneck.</summary>
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(100);

    /// <summary>A rate over less says nothing.</summary>
    private static readonly TimeSpan _leastRated = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long _began;
    private long _firstBytes;
    private long? _drawn;
    private int _width;

    /// <summary>Hears how far it is, on any thread.</summary>
    public void Report(TransferProgress progress)
    {
        if (!terminal.ShowsProgress) { return; }

        lock (_lock)
        {
            // What a resumed transfer had sent before is no rate of this one.
            if (_drawn is null) { (_began, _firstBytes) = (time.GetTimestamp(), progress.TransferredBytes); }
            var isLast = progress.TransferredBytes >= progress.TotalBytes;
            if (_drawn is { } last && !isLast && time.GetElapsedTime(last) < _interval) { return; }

            _drawn = time.GetTimestamp();
            var elapsed = time.GetElapsedTime(_began);
            double? rate = elapsed < _leastRated ? null : (progress.TransferredBytes - _firstBytes) / elapsed.TotalSeconds;
            var line = TransferLine.Text(verb, progress, rate, terminal);
            error.Write("\r" + line + new string(' ', Math.Max(0, _width - line.Length)));
            error.Flush();
            _width = line.Length;
        }
    }

    /// <summary>Leaves the line free for what is said next.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_width == 0) { return; }

            error.Write("\r" + new string(' ', _width) + "\r");
            error.Flush();
            _width = 0;
        }
    }
}
