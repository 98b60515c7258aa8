using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Posthouse.Vcs.Heartbeat;

/// <summary>A process, told from a later one with its number by when it began.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Mark">When it began, in the system's own words.</param>
internal sealed record WatchedProcess(int Id, string Mark)
{
    private const int StartField = 19; // Of /proc/PID/stat, counted behind the name, which may hold spaces and parentheses.

    /// <summary>The process with a number; null when there is none.</summary>
    public static WatchedProcess? Of(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return process.HasExited ? null : new WatchedProcess(id, TicksOf(id) ?? process.StartTime.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Whether that very process runs.</summary>
    public bool IsAlive() => Of(Id) == this;

    /// <summary>Clock ticks since the machine's start, where the system tells them: a clock that is set does not move them.</summary>
    private static string? TicksOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[StartField];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
