using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>
/// 180 who watch one node, alone and then beside 20 who have connected and never read: how long a change takes to reach those who do. The
/// node lets go of a sleeper after ten seconds, so all is measured within them.
/// </summary>
internal static class SleeperRows
{
    private const string Alone = "180 watchers x 100 changes a second, p99";
    private const int Readers = 180;
    private const int Sleepers = 20;
    private const int Changes = 400;

    /// <summary>What fills the connection of one who does not read. That is a socket in the file system: it holds some 200 KB, where TCP holds megabytes.</summary>
    private const string Flood = "publish 1500 3000";

    public static async Task RunAsync(Report report)
    {
        await using var node = await NodeProcess.StartAsync();
        await using var audience = await Audience.OpenAsync(new Uri(node.Url, "/ws"), Readers);
        await node.DoAsync("publish 100 300");
        await node.DoAsync(Flood);
        var alone = await MeasureAsync(node, audience);
        var sleepers = await Task.WhenAll(Enumerable.Range(0, Sleepers).Select(_ => FallAsleepAsync(node.Socket)));
        await node.DoAsync(Flood);
        var beside = await MeasureAsync(node, audience);
        await AreLetGoAsync(node);
        foreach (var sleeper in sleepers) { sleeper.Dispose(); }

        report.Add(Alone, alone.P(99), "ms");
        report.Add("the same beside 20 who never read, p99", beside.P(99), "ms", Alone, beside.P(99) / alone.P(99));
    }

    private static async Task<Latencies> MeasureAsync(NodeProcess node, Audience audience)
    {
        audience.Begin();
        await node.DoAsync($"publish 100 {Changes}");
        await audience.SettleAsync();
        return audience.Latencies();
    }

    private static async Task<ClientWebSocket> FallAsleepAsync(string path)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var sleeper = new ClientWebSocket();
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        await sleeper.ConnectAsync(new Uri("ws://node/ws"), invoker, default);
        return sleeper;
    }

    /// <summary>Waits until only those are left who read: the others' connections were full, or they would be there still.</summary>
    private static async Task AreLetGoAsync(NodeProcess node)
    {
        using var client = new HttpClient { BaseAddress = node.Url };
        for (var look = 0; look < 60; look++)
        {
            var text = await client.GetStringAsync(new Uri("/api/mesh/metrics", UriKind.Relative));
            var line = text.Split('\n').First(line => line.StartsWith("mesh_watchers ", StringComparison.Ordinal));
            if (int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture) == Readers) { return; }

            await Task.Delay(250);
        }

        throw new InvalidOperationException("Those who never read were not let go: their connections were never full, and nothing was measured.");
    }
}
