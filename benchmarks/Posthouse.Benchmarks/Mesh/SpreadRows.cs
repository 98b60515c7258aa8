using System.Collections.Concurrent;
using System.Diagnostics;
using Posthouse.Mesh.Hosting;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>
/// How long a signed price is on its way from its publication, its signing included, until the watchers of the other nineteen nodes have
/// it, each node having checked the signature; and how many get everywhere in a second with 32 on their way at a time. All nodes are in
/// this one process with all that a node has, and talk over real sockets; gossipsub's are in one process too, each with its defaults.
/// </summary>
internal sealed class SpreadRows : IAsyncDisposable
{
    private const int Nodes = 20;

    /// <summary>Assets of each node: a price must not be overtaken by the next one before it is everywhere.</summary>
    private const int AssetsEach = 5;

    private readonly LoopbackMesh _mesh;
    private readonly int[] _missing = new int[Nodes * AssetsEach];
    private readonly SemaphoreSlim _room = new(GossipsubPeer.Window);
    private readonly ConcurrentBag<Latencies> _latencies = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task[] _watching = [];
    private long _since;
    private long _arrived;
    private int _published;

    private SpreadRows(LoopbackMesh mesh) => _mesh = mesh;

    public static async Task RunAsync(Report report)
    {
        var peer = await GossipsubPeer.RunAsync(report);
        // Three neighbours to either side, as with the peer; what a node adds to that by itself is its own affair.
        await using var rows = new SpreadRows(await LoopbackMesh.StartAsync(Nodes, urls => [urls[1], urls[4], urls[7]]));
        await rows._mesh.JoinAsync(GossipsubPeer.Degree);
        rows.Watch();
        await rows.PacedAsync(GossipsubPeer.WarmUp);
        rows.Begin();
        await rows.PacedAsync(GossipsubPeer.Paced);
        var latencies = rows.All();
        Add(report, "price to 19 nodes at 5 a second, p50", latencies.P(50), "ms", GossipsubPeer.P50, peer);
        Add(report, "price to 19 nodes at 5 a second, p99", latencies.P(99), "ms", GossipsubPeer.P99, peer);
        report.Add("price to 19 nodes at 5 a second, arrived", 100.0 * rows._arrived / (GossipsubPeer.Paced * (Nodes - 1)), "%");
        await rows.AsFastAsync(TimeSpan.FromSeconds(2));
        rows.Begin();
        var (rate, processor) = await rows.AsFastAsync(GossipsubPeer.Flood);
        Add(report, "prices to 19 nodes, 32 under way", rate, "/s", GossipsubPeer.Rate, peer);
        Add(report, "prices to 19 nodes, processor time of each, all nodes", processor, "ms", GossipsubPeer.Processor, peer);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_watching);
        await _mesh.DisposeAsync();
        _stopping.Dispose();
        _room.Dispose();
    }

    private static void Add(Report report, string what, double value, string unit, string against, bool hasPeer) =>
        report.Add(what, value, unit, hasPeer ? against : null, hasPeer ? value / report.Value(against) : null);

    private void Begin()
    {
        Interlocked.Exchange(ref _arrived, 0);
        Volatile.Write(ref _since, Stopwatch.GetTimestamp());
        foreach (var latencies in _latencies)
        {
            latencies.Clear();
        }
    }

    private Latencies All()
    {
        var all = new Latencies();
        foreach (var latencies in _latencies)
        {
            all.Merge(latencies);
        }

        return all;
    }

    private async Task PacedAsync(int count)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var wait = (GossipsubPeer.Pace * i) - Stopwatch.GetElapsedTime(began);
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            await PublishAsync();
        }

        await EmptyAsync();
    }

    private async Task<(double Rate, double Processor)> AsFastAsync(TimeSpan length)
    {
        using var process = Process.GetCurrentProcess();
        var (began, before, used) = (Stopwatch.GetTimestamp(), _published, process.TotalProcessorTime);
        while (Stopwatch.GetElapsedTime(began) < length)
        {
            await PublishAsync();
        }

        await EmptyAsync();
        process.Refresh();
        return ((_published - before) / Stopwatch.GetElapsedTime(began).TotalSeconds, (process.TotalProcessorTime - used).TotalMilliseconds / (_published - before));
    }

    /// <summary>Waits until all that was published is everywhere.</summary>
    private async Task EmptyAsync()
    {
        for (var i = 0; i < GossipsubPeer.Window; i++)
        {
            if (!await _room.WaitAsync(TimeSpan.FromSeconds(10))) { throw new InvalidOperationException("Prices were lost on their way."); }
        }

        _room.Release(GossipsubPeer.Window);
    }

    private async Task PublishAsync()
    {
        if (!await _room.WaitAsync(TimeSpan.FromSeconds(10))) { throw new InvalidOperationException("Prices were lost on their way."); }

        var turn = _published++ % _missing.Length;
        while (Volatile.Read(ref _missing[turn]) > 0)
        {
            await Task.Delay(1);
        }

        Volatile.Write(ref _missing[turn], Nodes - 1);
        var at = Stopwatch.GetTimestamp();
        await _mesh.Nodes[turn * 7 % Nodes].AskAsync((engine, now) => engine.Publish([SamplePrices.Reading(turn, at, now.Wall)], now));
    }

    private void Watch() => _watching = [.. _mesh.Nodes.Select(WatchAsync)];

    private async Task WatchAsync(MeshNode node)
    {
        var latencies = new Latencies(10_000);
        _latencies.Add(latencies);
        using var watcher = new Watcher(null, TimeSpan.Zero, TimeProvider.System);
        node.Feed.Join(watcher, null);
        try
        {
            while (true)
            {
                await watcher.WaitAsync(TimeSpan.FromMinutes(1), _stopping.Token);
                foreach (var price in watcher.Take().Prices)
                {
                    if (price.Reading.Provider != node.Id) { Arrived((long)price.Price, price.Reading.Key.Asset, latencies); }
                }
            }
        }
        catch (OperationCanceledException)
        {
            node.Feed.Leave(watcher);
        }
    }

    private void Arrived(long published, string asset, Latencies latencies)
    {
        if (published >= Volatile.Read(ref _since))
        {
            latencies.Add(published);
            Interlocked.Increment(ref _arrived);
        }

        if (Interlocked.Decrement(ref _missing[SamplePrices.Number(asset)]) == 0) { _room.Release(); }
    }
}
