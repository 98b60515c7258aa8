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
        var ours = await MeasureAsync(project.Root, home, Program(), "lock", "status", "--cached");
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

    private static string Program()
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Posthouse.Cli", configuration, "Posthouse.Cli"));
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
