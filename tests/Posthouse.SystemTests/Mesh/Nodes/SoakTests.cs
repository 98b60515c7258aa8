using System.Globalization;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>
/// Three nodes for as long as one wants, with prices played fifty times as fast as they were written down: what a node holds after its
/// first minutes is all that it ever holds.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const int Samples = 60;
    private const string Speed = "50";

    /// <summary>What memory may vary by: the collector gives back what it likes, when it likes.</summary>
    private const double MemorySlack = 1.25;

    /// <summary>What connections and files may vary by: tests ask over some.</summary>
    private const int HandleSlack = 6;

    /// <summary>What threads may vary by: the pool lends some out and ends them later.</summary>
    private const int ThreadSlack = 6;

    /// <summary>50 MB of managed heap, in hexadecimal: what a node may need. One that wants more ends.</summary>
    private static readonly (string Name, string Value) _heap = ("DOTNET_GCHeapHardLimit", "3000000");

    private readonly string _root = Directory.CreateTempSubdirectory("posthouse-soak-").FullName;
    private readonly List<MeshNodeProcess> _nodes = [];

    /// <summary>How long: minutes in the long run, 24 hours for who wants to know; otherwise a few seconds, which only show that it runs.</summary>
    private static TimeSpan Duration =>
        Environment.GetEnvironmentVariable("POSTHOUSE_SOAK_MINUTES") is { } minutes ? TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture))
        : Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") == "1" ? TimeSpan.FromMinutes(5)
        : TimeSpan.FromSeconds(4);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task What_nodes_hold_does_not_grow_with_the_time_they_run()
    {
        string[] addresses = [.. Enumerable.Range(0, 3).Select(_ => $"127.0.0.1:{RunningProgram.FreePort()}")];
        string[] shared = ["Mesh:Enabled=true", "Mesh:Trust=open", "Mesh:Interval=00:00:01", .. addresses.Select((seed, at) => $"Mesh:Seeds:{at}={seed}")];
        string[] provides = [.. shared, "Mesh:Provide=true", "Mesh:Source:Use=replay", "Mesh:Source:Speed=" + Speed];
        _nodes.AddRange(addresses.Select((address, at) => new MeshNodeProcess(_root, [], address, at < 2 ? provides : shared, _heap)));
        await Task.WhenAll(_nodes.Select(node => node.StartAsync()));
        await MeshGround.AllAsync(_nodes, async node => await node.StatusAsync() is { ActiveProviders.Count: 2 }, "knows both providers");

        var samples = new List<ProcessFigures[]>();
        for (var sample = 0; sample < Samples; sample++)
        {
            await WorkAsync(Duration / Samples);
            samples.Add([.. _nodes.Select(node => ProcessFigures.Of(node.ProcessId))]);
        }

        for (var node = 0; node < _nodes.Count; node++)
        {
            var of = samples.ConvertAll(sample => sample[node]);
            Steady(node, "KiB of memory", [.. of.Select(figures => figures.Memory >> 10)], most => (long)(most * MemorySlack));
            Steady(node, "handles", [.. of.Select(figures => (long)figures.Handles)], most => most + HandleSlack);
            Steady(node, "threads", [.. of.Select(figures => (long)figures.Threads)], most => most + ThreadSlack);
            (await _nodes[node].EventsAsync()).ShouldAllBe(happened => happened.Level < Microsoft.Extensions.Logging.LogLevel.Error);
        }

        await MeshGround.AllAsync(_nodes, async node => (await node.PricesAsync()).Values.All(price => price.Live), "serves live prices");
    }

    /// <summary>What programs do with a node: they read, watch for a while, and come back.</summary>
    private async Task WorkAsync(TimeSpan until)
    {
        var start = TimeProvider.System.GetTimestamp();
        do
        {
            foreach (var node in _nodes)
            {
                (await node.PricesAsync()).ShouldNotBeEmpty();
                await using var watcher = await node.WatchAsync();
                await watcher.HearsAsync(message => PriceWatcher.Type(message) == "PriceMeshInitial");
                await node.MetricsAsync();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }
        while (TimeProvider.System.GetElapsedTime(start) < until);
    }

    /// <summary>The second half may have no more than the first had at most after a while, and something.</summary>
    private void Steady(int node, string what, long[] of, Func<long, long> most)
    {
        var (warm, late) = (of[(Samples / 6)..(Samples / 2)], of[(Samples / 2)..]);
        output.WriteLine($"Node {node}, {what}, medians of sixths of the time: {string.Join(", ", of.Chunk(Samples / 6).Select(Median))}; at most {warm.Max()}, then {late.Max()}");
        Median(late).ShouldBeLessThanOrEqualTo(most(warm.Max()), what);
    }

    private static long Median(long[] values) => values.Order().ElementAt(values.Length / 2);
}
