using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Posthouse.Vcs.Transfer;

/// <summary>Asks ssh where its configuration leads: a name in an address is often only an alias there.</summary>
internal static class SshPlace
{
    /// <summary>The host and port that ssh would dial; null where it would go through another machine or program, or is not here.</summary>
    public static async Task<(string Host, int Port)?> ResolveAsync(string folder, RemotePlace place, CancellationToken cancellationToken)
    {
        List<string> words = ["-G"];
        if (place.Port > 0)
            words.AddRange(["-p", place.Port.ToString(CultureInfo.InvariantCulture)]);
        words.AddRange(["--", place.User is null ? place.Host.Trim('[', ']') : $"{place.User}@{place.Host.Trim('[', ']')}"]);
        var start = new ProcessStartInfo("ssh", words) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        try
        {
            using var process = Process.Start(start)!;
            try
            {
                process.StandardInput.Close();
                _ = process.StandardError.ReadToEndAsync(cancellationToken);
                return Read(await process.StandardOutput.ReadToEndAsync(cancellationToken));
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill(entireProcessTree: true);
            }
        }
        catch (Win32Exception)
        {
            return null; // No ssh: the operation will say so better.
        }
    }

    /// <summary>Reads what <c>ssh -G</c> wrote.</summary>
    public static (string Host, int Port)? Read(string settings)
    {
        string? host = null;
        var port = 0;
        foreach (var line in settings.Split('\n'))
        {
            switch (line.TrimEnd('\r').Split(' ', 2))
            {
                case ["hostname", var name]:
                    host = name;
                    break;
                case ["port", var number]:
                    _ = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out port);
                    break;
                case ["proxyjump" or "proxycommand", not "none"]:
                    return null;
            }
        }

        return host is not null && port is > 0 and <= ushort.MaxValue ? (host, port) : null;
    }
}
