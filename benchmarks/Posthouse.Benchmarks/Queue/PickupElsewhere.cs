using System.Diagnostics;
using System.Globalization;
using Posthouse.Jobs;

namespace Posthouse.Benchmarks.Queue;

/// <summary>
/// Pickup by another process: this one only enqueues, a child dispatches and prints the moment it was called. Both read the
/// same monotonic clock of the machine.
/// </summary>
public static class PickupElsewhere
{
    /// <summary>The argument that makes this program the child.</summary>
    public const string Role = "dispatch-and-print";

    private const int Jobs = 300;

    /// <summary>The child: dispatches until its input ends.</summary>
    public static async Task<int> ListenAsync(string database)
    {
        await using var subject = await Subject.StartAsync(database, dispatches: true);
        subject.Calls.OnCall = () => Console.Out.WriteLine(Stopwatch.GetTimestamp().ToString(CultureInfo.InvariantCulture));
        Console.Out.WriteLine("ready");
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public static async Task RunAsync(Report report)
    {
        using var folder = Scratch.OnDisk();
        var database = folder.File("q.db");
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [Role, database])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await child.StandardOutput.ReadLineAsync();
        var milliseconds = new List<double>();
        await using (var subject = await Subject.StartAsync(database, dispatches: false))
        {
            for (var i = 0; i < Jobs; i++)
            {
                await Task.Delay(5);
                var at = Stopwatch.GetTimestamp();
                await subject.Queue.EnqueueAsync(Noop.Usual);
                var called = long.Parse((await child.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
                milliseconds.Add((called - at) * 1_000.0 / Stopwatch.Frequency);
            }
        }

        child.StandardInput.Close();
        await child.WaitForExitAsync();
        milliseconds.Sort();
        report.Add("pickup, other process, p50", milliseconds[Jobs / 2], "ms");
        report.Add("pickup, other process, p99", milliseconds[Jobs * 99 / 100], "ms");
    }
}
