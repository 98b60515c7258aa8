using System.Globalization;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Output;

/// <summary>How far a transfer is, in one line: a bar, bytes that the far side acknowledged, rate, time left.</summary>
internal static class TransferLine
{
    /// <summary>Cells of the bar: with the figures behind it the line fits 80.</summary>
    private const int BarCells = 24;

    private static readonly string[] _units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>The line.</summary>
    /// <param name="verb">What goes on, for example <c>Pushing</c>.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="bytesPerSecond">The rate, or null while nobody can tell.</param>
    /// <param name="terminal">What can be shown.</param>
    public static string Text(string verb, TransferProgress progress, double? bytesPerSecond, Terminal terminal)
    {
        var share = progress.TotalBytes > 0 ? Math.Clamp((double)progress.TransferredBytes / progress.TotalBytes, 0, 1) : 0;
        var full = (int)(share * BarCells);
        var (done, rest) = terminal.Unicode ? ('█', '░') : ('#', '.');
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{verb} [{new string(done, full)}{new string(rest, BarCells - full)}] {share * 100,3:0}% {Bytes(progress.TransferredBytes)} of {Bytes(progress.TotalBytes)}");
        if (bytesPerSecond is not > 0) { return line; }

        var left = TimeSpan.FromSeconds(Math.Min((progress.TotalBytes - progress.TransferredBytes) / bytesPerSecond.Value, TimeSpan.FromDays(9).TotalSeconds));
        return $"{line}, {Bytes((long)bytesPerSecond)}/s, {Ages.Left(left)} left";
    }

    /// <summary>A number of bytes in its largest whole unit, for example <c>12.3 MiB</c>.</summary>
    public static string Bytes(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1024 && unit < _units.Length - 1) { (value, unit) = (value / 1024, unit + 1); }
        return unit == 0 ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B") : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {_units[unit]}");
    }
}
