using System.Diagnostics;
using System.Globalization;
using Posthouse.Mesh.Prices;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>
/// What a node's process holds that five providers told 500 assets each, with the past hour of all of them and as many remembered messages
/// as there may be. The providers are nodes in this process and tell it all over real connections.
/// </summary>
internal static class MemoryRows
{
    private const int Providers = 5;
    private const int Assets = 500;
    private const int PricesEach = 10;

    public static async Task RunAsync(Report report)
    {
        await using var node = await NodeProcess.StartAsync();
        await using var providers = await LoopbackMesh.StartAsync(Providers, _ => [node.Url.AbsoluteUri]);
        await providers.JoinAsync(links: 1);
        for (var point = 0; point < PriceHistory.MaxPoints; point++)
        {
            await TellAsync(providers, Assets, TimeSpan.FromSeconds(-PriceHistory.Spacing.TotalSeconds * (PriceHistory.MaxPoints - point)));
        }

        await TellAsync(providers, PricesEach, TimeSpan.Zero);
        await Task.Delay(2_000); // Written to the disk by now.
        double[] told = [.. (await node.DoAsync("weigh")).Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        report.Add("memory: prices of assets by provider", told[0], "");
        report.Add("memory: messages remembered", told[1], "");
        report.Add("memory: managed heap of the process", told[2] / (1024 * 1024), "MiB");
        report.Add("memory: whole process", told[3] / (1024 * 1024), "MiB");
    }

    private static async Task TellAsync(LoopbackMesh providers, int pricesEach, TimeSpan ago)
    {
        for (var first = 0; first < Assets; first += pricesEach)
        {
            foreach (var provider in providers.Nodes)
            {
                var from = first;
                await provider.AskAsync((engine, now) => engine.Publish(
                    [.. Enumerable.Range(from, pricesEach).Select(asset => SamplePrices.Reading(asset, Stopwatch.GetTimestamp(), now.Wall + ago))], now));
            }

            await Task.Delay(20); // Less than a peer may send, and than waits for one at a time.
        }
    }
}
