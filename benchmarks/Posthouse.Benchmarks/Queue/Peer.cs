using System.Diagnostics;
using System.Globalization;

namespace Posthouse.Benchmarks.Queue;

/// <summary>plainjob, a job queue for Node on SQLite, set to full synchronisation: the nearest peer, in the same run.</summary>
public static class Peer
{
    /// <summary>Where the peers' scripts and packages stand.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "peer");

    /// <summary>Installs the peers' packages; false: npm is not here, or they do not install.</summary>
    public static Task<bool> IsInstalledAsync() => IsInstalledAsync(Folder);

    /// <summary>Installs the packages that one folder names; false: npm is not here, or they do not install.</summary>
    public static Task<bool> IsInstalledAsync(string folder) => SucceedsAsync(folder, "npm", "ci", "--silent", "--no-audit", "--no-fund");

    public static async Task RunAsync(Report report)
    {
        if (!await IsInstalledAsync())
        {
            Console.Error.WriteLine("  plainjob is left out: npm is not here or its packages do not install.");
            return;
        }

        using var scratch = Scratch.OnDisk();
        await ReportAsync(report, "plainjob FULL, ", "node", Path.Combine(Folder, "plainjob.mjs"), scratch.File("plain.db"));
    }

    /// <summary>Runs a peer and reports the lines "what, tab, value, tab, unit" that it prints.</summary>
    public static async Task ReportAsync(Report report, string prefix, string program, params string[] arguments)
    {
        using var node = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        while (await node.StandardOutput.ReadLineAsync() is { } line)
        {
            var parts = line.Split('\t');
            report.Add($"{prefix}{parts[0]}", double.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]);
        }

        await node.WaitForExitAsync();
    }

    private static async Task<bool> SucceedsAsync(string folder, string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
