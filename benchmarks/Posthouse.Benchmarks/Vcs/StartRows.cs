using System.ComponentModel;
using System.Diagnostics;

namespace Posthouse.Benchmarks.Vcs;

/// <summary>How long the whole program takes for what costs nothing: the state of a lock as it was seen last, beside git-lfs's.</summary>
internal static class StartRows
{
    private const int Times = 15;

    public static async Task RunAsync(Report report)
    {
        await using var ground = await Ground.OpenAsync();
        var project = await ground.CloneAsync("ana");
        using var home = Scratch.OnDisk();
        var ours = await MeasureAsync(project.Root, home, await PublishedAsync(), "lock", "status", "--cached");
        if (ours is { } mine)
        {
            report.Add("posthouse lock status --cached, whole process, p50", mine, "ms");
        }

        if (await MeasureAsync(project.Root, home, "git", "lfs", "locks", "--local") is { } lfs)
        {
            report.Add("git lfs locks --local, whole process, p50", lfs, "ms");
        }
        else
        {
            await Console.Error.WriteLineAsync("  git-lfs is not here; its row is left out");
        }
    }

    /// <summary>The program as users have it, published ReadyToRun: <c>./run</c> makes it where sources changed, and names it.</summary>
    private static async Task<string> PublishedAsync()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Posthouse.slnx"))) { root = root.Parent!; }
        using var run = Process.Start(new ProcessStartInfo(Path.Combine(root.FullName, "run"), ["version"]) { RedirectStandardOutput = true })!;
        await run.StandardOutput.ReadToEndAsync();
        await run.WaitForExitAsync();
        var folder = (await File.ReadAllTextAsync(Path.Combine(root.FullName, "artifacts", "run", "current"))).Trim();
        Environment.SetEnvironmentVariable("DOTNET_ROOT", (await File.ReadAllTextAsync(Path.Combine(folder, "dotnet-root"))).Trim());
        return Path.Combine(folder, "Posthouse.Cli");
    }

    private static async Task<double?> MeasureAsync(string folder, Scratch home, string program, params string[] words)
    {
        var latencies = new Latencies();
        for (var i = 0; i < Times; i++)
        {
            var start = new ProcessStartInfo(program, words) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["HOME"] = home.Path;
            start.Environment["XDG_DATA_HOME"] = start.Environment["XDG_STATE_HOME"] = start.Environment["XDG_CONFIG_HOME"] = home.Path;
            var at = Stopwatch.GetTimestamp();
            try
            {
                using var process = Process.Start(start)!;
                var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
                await process.WaitForExitAsync();
                latencies.Add(at);
                if (process.ExitCode != 0)
                {
                    await Console.Error.WriteLineAsync($"  {Path.GetFileName(program)} {string.Join(' ', words)} ended with {process.ExitCode}: {await output}{await errors}");
                    return null;
                }
            }
            catch (Win32Exception)
            {
                return null;
            }
        }

        return latencies.P(50);
    }
}
