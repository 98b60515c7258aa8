using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Mesh.Hosting;

/// <summary>Whole nodes in one process, their sockets two ends of a pipe.</summary>
public sealed class MeshNodeTests : IAsyncDisposable, ISocketDial, IExchange
{
    /// <summary>A net under a test that would wait for ever.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly List<MeshNode> _nodes = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Enumerable.Reverse(_nodes)) { await node.DisposeAsync(); }
        _folder.Dispose();
    }

    [Fact]
    public async Task A_price_goes_from_its_source_to_another_node_and_stays_when_the_provider_is_gone()
    {
        var provider = await StartAsync("one", provides: true);
        var reader = await StartAsync("two", provides: false);
        var price = await PriceAsync(reader);
        price.SourceNodeId.ShouldBe(provider.Id);
        (price.Live, price.Price).ShouldBe((true, 68_000m));

        _nodes.Remove(provider);
        await provider.DisposeAsync();
        while (reader.GetStatus().ActiveProviders.Count > 0) { await NewsAsync(reader); }
        reader.GetStatus().Notice.ShouldBe("No live data sources - serving cached data");
        var cached = reader.GetPriceData("BTC").ShouldNotBeNull();
        (cached.Live, cached.Price).ShouldBe((false, 68_000m));
    }

    [Fact]
    public async Task A_node_that_starts_again_serves_what_it_knew_at_once_under_its_own_name()
    {
        await StartAsync("one", provides: true);
        var reader = await StartAsync("two", provides: false);
        var known = await PriceAsync(reader);
        var id = reader.Id;
        foreach (var node in _nodes.ToArray())
        {
            _nodes.Remove(node);
            await node.DisposeAsync();
        }

        var again = await StartAsync("two", provides: false);
        again.Id.ShouldBe(id);
        var price = again.GetPriceData("BTC").ShouldNotBeNull();
        (price.Price, price.Origin, price.Live).ShouldBe((known.Price, PriceOrigin.Db, false));
        again.GetHistory("BTC").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_node_provides_when_it_is_told_to_and_stops_when_it_is_told_to()
    {
        var node = await StartAsync("one", provides: false, hasSource: true);
        node.IsProvider.ShouldBeFalse();
        (await node.EnableProviderAsync(null, default)).ShouldBeNull();
        (await node.EnableProviderAsync(null, default)).ShouldBeNull();
        (await PriceAsync(node)).SourceNodeId.ShouldBe(node.Id);
        node.IsProvider.ShouldBeTrue();
        await node.DisableProviderAsync();
        node.IsProvider.ShouldBeFalse();
        node.GetPriceData("BTC").ShouldNotBeNull();
    }

    [Fact]
    public async Task Without_a_source_it_says_what_to_configure()
    {
        var node = await StartAsync("one", provides: false);
        (await Should.ThrowAsync<PosthouseException>(() => node.EnableProviderAsync(null, default))).Message.ShouldContain("Mesh:Source:Use");
    }

    [Fact]
    public async Task A_certificate_of_the_operator_makes_a_provider_and_nothing_else_does()
    {
        using var operatorKey = EcdsaKey.Create();
        using (var own = EcdsaKey.Open(Path.Combine(Directory.CreateDirectory(_folder.File("one")).FullName, NodeParts.KeyFile)))
        {
            var now = DateTimeOffset.UtcNow;
            await File.WriteAllTextAsync(_folder.File("one.cert"),
                CertificateText.Of(own.Public, Certificate.Issue(operatorKey, NetworkId.Of("posthouse"), own.Public, now.AddHours(-1), now.AddHours(1))));
        }

        var certified = await StartAsync("one", provides: true, options => options with { Trust = TrustMode.Operator, Operators = [operatorKey.Public.ToString()], CertificateFile = _folder.File("one.cert") });
        var reader = await StartAsync("two", provides: false, options => options with { Trust = TrustMode.Operator, Operators = [operatorKey.Public.ToString()] });
        (await PriceAsync(reader)).SourceNodeId.ShouldBe(certified.Id);
        (await Should.ThrowAsync<PosthouseException>(() => StartAsync("three", provides: true, options => options with
        {
            Trust = TrustMode.Operator,
            Operators = [operatorKey.Public.ToString()],
            CertificateFile = _folder.File("one.cert"),
        }))).Message.ShouldContain("is for the node");
    }

    async Task<WebSocket> ISocketDial.DialAsync(Uri address, CancellationToken cancellationToken)
    {
        var (near, far) = DuplexPipe.Pair();
        var listener = _nodes.Find(node => node.Options.Address == address.Authority) ?? throw new WebSocketException("Nobody listens.");
        _ = listener.ServePeerAsync(WebSocket.CreateFromStream(far, new WebSocketCreationOptions { IsServer = true }), IPAddress.Loopback);
        await Task.Yield();
        return WebSocket.CreateFromStream(near, new WebSocketCreationOptions());
    }

    Task<ExchangeResponse> IExchange.SendAsync(ExchangeRequest request, CancellationToken cancellationToken) => throw new InvalidOperationException("No source here is asked over HTTP.");

    private async Task<MeshNode> StartAsync(string name, bool provides, Func<MeshOptions, MeshOptions>? change = null, bool hasSource = false)
    {
        var options = new MeshOptions
        {
            Folder = _folder.File(name),
            Trust = TrustMode.Open,
            Address = name,
            Seeds = [.. _nodes.Select(node => node.Options.Address!)],
            Source = provides || hasSource ? new SourceOptions { Assets = ["BTC"], Speed = 0.001 } : null,
            Provide = provides,
            Slots = new() { Interval = TimeSpan.FromSeconds(1), Spread = TimeSpan.Zero },
        };
        var node = await MeshNode.StartAsync(change?.Invoke(options) ?? options, null, this, this, this, SystemIds.Instance, TimeProvider.System, NullLogger.Instance);
        _nodes.Add(node);
        return node;
    }

    private static async Task<ServedPrice> PriceAsync(MeshNode node)
    {
        while (true)
        {
            if (node.GetPriceData("BTC") is { Live: true } price) { return price; }
            await NewsAsync(node);
        }
    }

    /// <summary>Waits until a watcher would hear something, or for a moment: some of what tests wait for is told to nobody.</summary>
    private static async Task NewsAsync(MeshNode node)
    {
        using var watcher = new Watcher(null, TimeSpan.Zero, TimeProvider.System);
        using var limit = new CancellationTokenSource(_patience);
        node.Feed.Join(watcher, long.MaxValue - 1);
        watcher.Take();
        try
        {
            await watcher.WaitAsync(TimeSpan.FromMilliseconds(100), limit.Token);
        }
        finally
        {
            node.Feed.Leave(watcher);
        }
    }
}
