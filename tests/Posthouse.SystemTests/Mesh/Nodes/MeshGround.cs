using System.Globalization;
using System.Text;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;
using Posthouse.SystemTests.Vcs;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>
/// Twelve nodes as processes in two networks with a cable between them, six in each; the first three provide prices, two of them in one
/// network and one in the other; all share a Redis server. Each test leaves it whole.
/// </summary>
public sealed class MeshGround : IAsyncLifetime
{
    /// <summary>The mesh's name.</summary>
    internal const string Network = "twelve";

    private const int Count = 12;
    private const int ProviderCount = 3;
    private const int FirstPort = 7101;

    /// <summary>Time between two fetches of the whole mesh: as short as leaves a busy machine the time for them.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Time without providers that makes an outage a long one: ten minutes are for a manual clock's tests.</summary>
    internal static readonly TimeSpan OfflineAfter = TimeSpan.FromSeconds(4);

    /// <summary>What the providers know the prices of.</summary>
    internal static readonly IReadOnlyList<string> Assets = ["BTC", "ETH", "SOL"];

    /// <summary>No test waits for time to pass; this only ends one that would wait for ever on a busy machine.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    /// <summary>Nodes that start at a time: as many as there are cores, or each is slow.</summary>
    private static readonly int _atOnce = Environment.ProcessorCount;

    private readonly string _root = Directory.CreateTempSubdirectory("posthouse-mesh-").FullName;
    private readonly TwoNetworks _networks = new();

    /// <summary>Describes the nodes, and makes the providers' keys, which are the only ones believed.</summary>
    public MeshGround()
    {
        Redis = new RedisServer(_networks.InServer, TwoNetworks.Server);
        var replay = Path.Combine(_root, "prices.csv");
        File.WriteAllText(replay, RisingPrices());
        string[] addresses = [.. Enumerable.Range(0, Count).Select(at => $"{(IsInServer(at) ? TwoNetworks.Server : TwoNetworks.Laptop)}:{FirstPort + at}")];
        string[] shared =
        [
            "Mesh:Enabled=true", "Mesh:Network=" + Network, "Mesh:Trust=allowlist", $"Mesh:Interval={Interval}", $"Mesh:OfflineAfter={OfflineAfter}", "Mesh:Redis:Endpoint=" + Redis.Endpoint,
            .. addresses[..ProviderCount].Select((seed, at) => $"Mesh:Seeds:{at}={seed}"),
            .. addresses[..ProviderCount].Select((provider, at) => $"Mesh:Providers:{at}={KeyOf(provider)}"),
        ];
        string[] provides = ["Mesh:Provide=true", "Mesh:Source:Use=replay", "Mesh:Source:ReplayFile=" + replay];
        Nodes = [.. addresses.Select((address, at) =>
            new MeshNodeProcess(_root, IsInServer(at) ? _networks.InServer : _networks.InLaptop, address, at < ProviderCount ? [.. shared, .. provides] : shared))];
    }

    internal IReadOnlyList<MeshNodeProcess> Nodes { get; }

    internal IEnumerable<MeshNodeProcess> Providers => Nodes.Take(ProviderCount);

    internal IEnumerable<MeshNodeProcess> Consumers => Nodes.Skip(ProviderCount);

    /// <summary>Those on one side of the cable; Redis is on it, too.</summary>
    internal IEnumerable<MeshNodeProcess> ServerSide => Nodes.Where((_, at) => IsInServer(at));

    /// <summary>Those on its other side.</summary>
    internal IEnumerable<MeshNodeProcess> LaptopSide => Nodes.Where((_, at) => !IsInServer(at));

    internal RedisServer Redis { get; }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await Redis.StartAsync();
        foreach (var some in Nodes.Chunk(_atOnce))
        {
            await Task.WhenAll(some.Select(node => node.StartAsync()));
        }

        await WholeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Nodes.Select(node => node.DisposeAsync().AsTask()));
        await Redis.DisposeAsync();
        _networks.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    /// <summary>The cable between the two networks.</summary>
    internal TwoNetworks Cable => _networks;

    /// <summary>Waits until every node knows three providers that are alive, and all serve the same.</summary>
    internal async Task WholeAsync()
    {
        await AllAsync(Nodes, async node => await node.StatusAsync() is { State: NetworkState.Online, ActiveProviders.Count: ProviderCount }, "knows three providers");
        await AllAsync(Nodes, async node => await node.PricesAsync() is { Count: > 0 } prices && prices.Values.All(price => price.Live), "serves live prices");
        await SameAsync(Nodes);
    }

    /// <summary>Waits until these nodes serve the same.</summary>
    internal static Task SameAsync(IEnumerable<MeshNodeProcess> nodes) => UntilAsync(
        async () => (await ServedAsync(nodes)).Distinct().ToList() is [var one] && one.Split('\n').Length == Assets.Count,
        async () => "All nodes should serve the same, and serve:\n" + string.Join("\n\n", await ServedAsync(nodes)));

    /// <summary>What a node serves, in words.</summary>
    internal static async Task<string> ServedAsync(MeshNodeProcess node) => InWords(await node.PricesAsync());

    /// <summary>Of each asset the price, its time and its source.</summary>
    internal static string InWords(Dictionary<string, ServedPrice> prices) => string.Join('\n', prices.OrderBy(price => price.Key, StringComparer.Ordinal)
        .Select(price => string.Create(CultureInfo.InvariantCulture, $"{price.Key} {price.Value.Price} of {price.Value.Timestamp:O} by {price.Value.SourceNodeId.Short}")));

    /// <summary>Waits until something holds of all these nodes.</summary>
    internal static async Task AllAsync(IEnumerable<MeshNodeProcess> nodes, Func<MeshNodeProcess, Task<bool>> holds, string what)
    {
        foreach (var node in nodes)
        {
            await UntilAsync(() => holds(node), async () => $"{node.Address} should come to this: {what}. {await DescribeAsync(node)}");
        }
    }

    /// <summary>Waits until something holds.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> holds, Func<Task<string>> otherwise)
    {
        var (clock, start) = (TimeProvider.System, TimeProvider.System.GetTimestamp());
        while (!await holds())
        {
            if (clock.GetElapsedTime(start) > _patience) { throw new TimeoutException(await otherwise()); }

            await Task.Delay(50);
        }
    }

    private static async Task<string[]> ServedAsync(IEnumerable<MeshNodeProcess> nodes) => await Task.WhenAll(nodes.Select(ServedAsync));

    private static async Task<string> DescribeAsync(MeshNodeProcess node)
    {
        var status = await node.StatusAsync();
        return $"It is {status.State} with {status.ActiveProviders.Count} providers and {status.ConnectedPeers} peers:\n"
            + string.Join('\n', (await node.EventsAsync()).Select(happened => $"{happened.At:HH:mm:ss.fff} {happened.Message}"));
    }

    /// <summary>The sides take turns.</summary>
    private static bool IsInServer(int at) => at % 2 == 0;

    private NodeId KeyOf(string address)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, address[(address.LastIndexOf(':') + 1)..], "mesh")).FullName;
        using var key = EcdsaKey.Open(Path.Combine(folder, NodeParts.KeyFile));
        return key.Public.Id;
    }

    /// <summary>Prices that change every second, for longer than a test takes: a millionth of the first each time, which no rule calls a jump.</summary>
    private static string RisingPrices()
    {
        var (text, begin) = (new StringBuilder("time,asset,price\n"), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        for (var second = 0; second < 3600; second++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{begin.AddSeconds(second):yyyy-MM-ddTHH:mm:ssZ},BTC,{68_000 + (second * 0.07m)}\n");
            text.Append(CultureInfo.InvariantCulture, $"{begin.AddSeconds(second):yyyy-MM-ddTHH:mm:ssZ},ETH,{3_500 + (second * 0.004m)}\n");
            text.Append(CultureInfo.InvariantCulture, $"{begin.AddSeconds(second):yyyy-MM-ddTHH:mm:ssZ},SOL,{150 + (second * 0.0002m)}\n");
        }

        return text.ToString();
    }
}
