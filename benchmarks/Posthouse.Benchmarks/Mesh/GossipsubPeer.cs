using System.Diagnostics;
using System.Globalization;
using Posthouse.Benchmarks.Queue;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>gossipsub of js-libp2p, twenty nodes in one process of Node 24, which its package list brings along; and what both are asked to do.</summary>
internal static class GossipsubPeer
{
    /// <summary>Messages on their way at a time, where as many as possible are sent.</summary>
    public const int Window = 32;

    /// <summary>Neighbours of each node at first: gossipsub's own degree.</summary>
    public const int Degree = 6;

    /// <summary>Messages that are sent one by one.</summary>
    public const int Paced = 100;

    /// <summary>And those before them, which nobody looks at.</summary>
    public const int WarmUp = 25;

    public const string P50 = "gossipsub of js-libp2p, p50";
    public const string P99 = "gossipsub of js-libp2p, p99";
    public const string Rate = "gossipsub of js-libp2p, 32 under way";
    public const string Processor = "gossipsub of js-libp2p, processor time of each, all nodes";

    /// <summary>The time between two of them: gossipsub in Node is far from its limits.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    /// <summary>For how long as many as possible are sent.</summary>
    public static readonly TimeSpan Flood = TimeSpan.FromSeconds(8);

    private static string Folder => Path.Combine(Peer.Folder, "gossip");

    private static string Node => Path.Combine(Folder, "node_modules", "node", "bin", "node");

    /// <summary>Runs it.</summary>
    /// <returns>False: it cannot run here.</returns>
    public static async Task<bool> RunAsync(Report report)
    {
        if (!await Peer.IsInstalledAsync(Folder) || !File.Exists(Node))
        {
            Console.Error.WriteLine("  gossipsub of js-libp2p is left out: npm is not here, or its packages or Node 24 do not install.");
            return false;
        }

        using var process = Process.Start(new ProcessStartInfo(Node,
            [Path.Combine(Folder, "spread.mjs"), Text(Degree), Text(WarmUp), Text(Paced), Text(Pace.TotalMilliseconds), Text(Window), Text(Flood.TotalMilliseconds)])
        {
            RedirectStandardOutput = true,
        })!;
        var figures = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0 || figures.Length != 5)
        {
            Console.Error.WriteLine("  gossipsub of js-libp2p is left out: it does not run here.");
            return false;
        }

        double[] values = [.. figures.Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))];
        report.Add(P50, values[0], "ms");
        report.Add(P99, values[1], "ms");
        report.Add("gossipsub of js-libp2p, arrived", values[2], "%");
        report.Add(Rate, values[3], "/s");
        report.Add(Processor, values[4], "ms");
        return true;
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
