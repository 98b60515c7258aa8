using System.Diagnostics;
using System.Globalization;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>
/// A price that changes, told to 100 watchers by WebSocket: how long that takes at 100 changes a second, and how many messages arrive when
/// it changes far more often; beside the same server and the same watchers with nothing between them but sockets. The node is a process
/// of its own, the watchers are another.
/// </summary>
internal static class FanOutRows
{
    private const string Bare = "100 WebSockets, bare messages";
    private const int Watchers = 100;
    private const int Flood = 1_000;

    private static readonly TimeSpan _long = TimeSpan.FromSeconds(4);

    public static async Task RunAsync(Report report)
    {
        await using var node = await NodeProcess.StartAsync();
        await using (var audience = await Audience.OpenAsync(new Uri(node.Url, "/ws"), Watchers))
        {
            await node.DoAsync("publish 100 300");
            await LatencyAsync(report, node, audience);
            var rate = await FloodAsync(node, audience);
            var bare = await BareAsync(node, audience.MessageBytes);
            report.Add(Bare, bare, "/s");
            report.Add("100 watchers, deliveries", rate, "/s", Bare, rate / bare);
        }
    }

    private static async Task LatencyAsync(Report report, NodeProcess node, Audience audience)
    {
        const int Changes = 800;
        audience.Begin();
        await node.DoAsync($"publish 100 {Changes}");
        await audience.SettleAsync();
        var latencies = audience.Latencies();
        report.Add("100 watchers x 100 changes a second, arrived", 100.0 * audience.Count / (Changes * Watchers), "%");
        report.Add("100 watchers x 100 changes a second, p50", latencies.P(50), "ms");
        report.Add("100 watchers x 100 changes a second, p99", latencies.P(99), "ms");
    }

    private static async Task<double> FloodAsync(NodeProcess node, Audience audience)
    {
        audience.Begin();
        var seconds = double.Parse(await node.DoAsync($"publish {Flood} {Flood * 4}"), CultureInfo.InvariantCulture);
        return audience.Count / seconds;
    }

    private static async Task<double> BareAsync(NodeProcess node, int bytes)
    {
        await using var audience = await Audience.OpenAsync(new Uri(node.Url, $"/bare?bytes={bytes}"), Watchers);
        await Task.Delay(500);
        audience.Begin();
        var began = Stopwatch.GetTimestamp();
        await Task.Delay(_long);
        return audience.Count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
