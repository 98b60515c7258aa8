using System.Diagnostics;
using System.Globalization;
using Posthouse.Mesh.Gossip;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>
/// How the cost of one price update grows with the mesh: the real engine in the simulator, on a plane of 40 to 130 ms from node to node. For each
/// size how long an update takes to half of the nodes, to 99 of 100 and to the last one, over how many hops, to what share of the living, and what
/// each node got and sent for it.
/// </summary>
public static class MeshBenchmark
{
    private static readonly Crowd[] _crowds =
    [
        new("100 nodes, mesh 8", 100),
        new("1,000 nodes, mesh 6", 1_000) { Gossip = new() { Degree = 6, LowDegree = 5, EagerDegree = 3 } },
        new("1,000 nodes, mesh 8", 1_000),
        new("1,000 nodes, mesh 8, 10 % loss", 1_000) { Loss = 0.1 },
        new("1,000 nodes, mesh 8, 30 % die", 1_000) { Dying = 0.3 },
        new("10,000 nodes, mesh 8", 10_000),
    ];

    /// <summary>Runs it.</summary>
    public static Task RunAsync(Report report)
    {
        // Row by row, for the last one takes minutes.
        Console.Error.WriteLine("| crowd | p50 / p99 / max ms | hops | delivered | duplicates per node and update | sends per node and update | wall s |");
        Console.Error.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var crowd in _crowds)
        {
            var clock = Stopwatch.StartNew();
            var rumour = Rumour.Spread(crowd);
            Add(report, crowd, rumour, clock.Elapsed);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {crowd.Name} | {rumour.At(0.5):F0} / {rumour.At(0.99):F0} / {rumour.At(1):F0} | {rumour.Hops} | {rumour.Delivered:P2} | {rumour.Duplicates:F1} | {rumour.Sends:F1} | {clock.Elapsed.TotalSeconds:F0} |"));
        }

        return Task.CompletedTask;
    }

    private static void Add(Report report, Crowd crowd, Rumour rumour, TimeSpan wall)
    {
        report.Add($"{crowd.Name}: p50", rumour.At(0.5), "ms");
        report.Add($"{crowd.Name}: p99", rumour.At(0.99), "ms");
        report.Add($"{crowd.Name}: max", rumour.At(1), "ms");
        report.Add($"{crowd.Name}: hops", rumour.Hops, "");
        report.Add($"{crowd.Name}: delivered", 100 * rumour.Delivered, "%");
        report.Add($"{crowd.Name}: duplicates per node", rumour.Duplicates, "");
        report.Add($"{crowd.Name}: sends per node", rumour.Sends, "");
        report.Add($"{crowd.Name}: the run took", wall.TotalSeconds, "s");
    }
}

/// <summary>A mesh to measure.</summary>
internal sealed record Crowd(string Name, int Nodes)
{
    public GossipOptions Gossip { get; init; } = GossipOptions.Default;

    /// <summary>The share of frames that get lost.</summary>
    public double Loss { get; init; }

    /// <summary>The share of nodes that lose their power in the instant before the first update.</summary>
    public double Dying { get; init; }
}
