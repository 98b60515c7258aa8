namespace Posthouse.Benchmarks.Mesh;

/// <summary>
/// One node of the price mesh, and twenty: what it verifies, tells and serves, beside the bare work of the same minute; and how long a
/// price is on its way, beside gossipsub of js-libp2p.
/// </summary>
public static class MeshNodeBenchmark
{
    public static async Task RunAsync(Report report)
    {
        VerifyRows.Run(report);
        await FanOutRows.RunAsync(report);
        await SleeperRows.RunAsync(report);
        await FrozenRows.RunAsync(report);
        await MemoryRows.RunAsync(report);
        await SpreadRows.RunAsync(report);
    }
}
