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
public sealed partial class MeshNodeTests : IAsyncDisposable, ISocketDial, IExchange
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
        while (await CountedAsync(provider, "mesh_provider_broadcast_success_total") < 1) { await NewsAsync(provider); }
        (await CountedAsync(reader, "mesh_network_peers_joined_total")).ShouldBe(1);

        _nodes.Remove(provider);
        await provider.DisposeAsync();
        provider.GetEvents(0).Select(happened => happened.Code).ShouldNotContain("AllProvidersOffline", "it stopped itself");
        while (reader.GetStatus().ActiveProviders.Count > 0) { await NewsAsync(reader); }
        while (await CountedAsync(reader, "mesh_network_peers_left_total") < 1) { await NewsAsync(reader); }
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
    public async Task A_provider_knows_since_when_it_is_one()
    {
        var node = await StartAsync("one", provides: true);
        await PriceAsync(node);
        var since = (await node.GetProvidersAsync()).ShouldHaveSingleItem().FirstSeen;
        (await node.GetProvidersAsync()).ShouldHaveSingleItem().FirstSeen.ShouldBe(since);
        _nodes.Remove(node);
        await node.DisposeAsync();
        var again = await StartAsync("one", provides: true);
        (await again.GetProvidersAsync()).ShouldHaveSingleItem().FirstSeen.ToUnixTimeMilliseconds().ShouldBe(since.ToUnixTimeMilliseconds());
        (again.GetStatus().NodeId, again.GetStatus().Epoch > node.GetStatus().Epoch).ShouldBe((again.Id, true));
    }

    [Fact]
    public async Task A_node_provides_when_it_is_told_to_and_stops_when_it_is_told_to()
    {
        var node = await StartAsync("one", provides: false, hasSource: true);
        node.IsProvider.ShouldBeFalse();
        (await node.EnableProviderAsync(null, default)).ShouldBeNull();
        (await node.GetProvidersAsync()).ShouldHaveSingleItem().State.ShouldBe("active", "as it tells its peers");
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
            await CertifyAsync(operatorKey, own.Public);
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

    [Fact]
    public async Task What_a_node_says_is_passed_on_as_often_as_it_was_told()
    {
        var node = await StartAsync("one", provides: true, options => options with { Ttl = 5, Prices = new() { StaleAfter = TimeSpan.FromTicks(TimeSpan.TicksPerSecond) } });
        await PriceAsync(node);
        var frame = await node.AskAsync((engine, _) => engine.Book.Snapshot.Values[0].Reading.Signed);
        frame.Span[1].ShouldBe((byte)5);
        node.GetEvents(0).ShouldNotContain(happened => happened.Code == "TtlTooLow");
        while (!node.GetPriceData("BTC").ShouldNotBeNull().IsStale) { await NewsAsync(node); }
    }

    [Fact]
    public async Task A_node_whose_messages_do_not_reach_everybody_says_so()
    {
        var node = await StartAsync("one", provides: false, options => options with { Ttl = 5, Seeds = [.. Enumerable.Range(1, 20).Select(seed => $"seed{seed}:1")] });
        while (!node.GetEvents(0).Any(happened => happened.Code == "TtlTooLow")) { await NewsAsync(node); }
        node.GetEvents(0).Count(happened => happened.Code == "TtlTooLow").ShouldBe(1);
    }

    [Fact]
    public async Task Who_lists_a_provider_follows_it_to_another_key()
    {
        NodeId old;
        using (var key = EcdsaKey.Open(Path.Combine(Directory.CreateDirectory(_folder.File("one")).FullName, NodeParts.KeyFile))) { old = key.Public.Id; }
        MeshOptions Listed(MeshOptions options) => options with { Trust = TrustMode.AllowList, Providers = [old] };
        var provider = await StartAsync("one", provides: true, Listed);
        var reader = await StartAsync("two", provides: false, Listed);
        (await PriceAsync(reader)).SourceNodeId.ShouldBe(old);

        var changed = await provider.ChangeKeyAsync();
        (changed.Old, changed.Told, provider.IsProvider, File.Exists(changed.Aside)).ShouldBe((old, 1, false, true));
        (await Should.ThrowAsync<PosthouseException>(provider.ChangeKeyAsync)).Message.ShouldContain("has not been restarted");
        _nodes.Remove(provider);
        await provider.DisposeAsync();
        (await StartAsync("one", provides: true, Listed)).Id.ShouldBe(changed.New);
        while ((await PriceAsync(reader)).SourceNodeId != changed.New) { await NewsAsync(reader); }

        // Who comes later hears it from those who know.
        var late = await StartAsync("three", provides: false, Listed);
        (await PriceAsync(late)).SourceNodeId.ShouldBe(changed.New);

        // What it signed since is in its own file, under an id that its list has not.
        var again = _nodes.Single(node => node.Id == changed.New);
        _nodes.Remove(again);
        await again.DisposeAsync();
        (await StartAsync("one", provides: false, Listed)).GetPriceData("BTC").ShouldNotBeNull().SourceNodeId.ShouldBe(changed.New);
    }

    [Fact]
    public async Task A_key_without_its_operators_word_takes_no_place()
    {
        using var operatorKey = EcdsaKey.Create();
        using var own = EcdsaKey.Open(Path.Combine(Directory.CreateDirectory(_folder.File("one")).FullName, NodeParts.KeyFile));
        await CertifyAsync(operatorKey, own.Public);
        var node = await StartAsync("one", provides: true, options => options with { Trust = TrustMode.Operator, Operators = [operatorKey.Public.ToString()], CertificateFile = _folder.File("one.cert") });
        using var next = new NodeKeys(_folder.File("one")).Next();
        (await Should.ThrowAsync<PosthouseException>(node.ChangeKeyAsync)).Message.ShouldContain(next.Public.ToString());
        node.IsProvider.ShouldBeTrue();

        await CertifyAsync(operatorKey, next.Public);
        (await node.ChangeKeyAsync()).New.ShouldBe(next.Public.Id);
    }

    private Task CertifyAsync(EcdsaKey operatorKey, PublicKey key)
    {
        var now = DateTimeOffset.UtcNow;
        return File.WriteAllTextAsync(_folder.File("one.cert"), CertificateText.Of(key, Certificate.Issue(operatorKey, NetworkId.Of("posthouse"), key, now.AddHours(-1), now.AddHours(1))));
    }

    [Fact]
    public async Task A_provider_that_nobody_believes_is_told_so_and_who_hears_it_names_it()
    {
        using var operatorKey = EcdsaKey.Create();
        MeshOptions Trusting(MeshOptions options) => options with { Trust = TrustMode.Operator, Operators = [operatorKey.Public.ToString()] };
        var provider = await StartAsync("one", provides: false, Trusting, hasSource: true);
        provider.GetStatus().SelfWarning.ShouldBeNull();
        (await provider.EnableProviderAsync(null, default)).ShouldBeNull();
        provider.GetStatus().SelfWarning.ShouldNotBeNull().ShouldContain("Mesh:CertificateFile");
        provider.GetEvents(0).ShouldContain(happened => happened.Code == "NobodyBelieves" && happened.Message == provider.GetStatus().SelfWarning);

        var reader = await StartAsync("two", provides: false, Trusting);
        while (!reader.GetEvents(0).Any(happened => happened.Code == "ProviderRefused")) { await NewsAsync(reader); }
        reader.GetEvents(0).Single(happened => happened.Code == "ProviderRefused").Message.ShouldBe($"Provider {provider.Id} is not believed here: it has no certificate of an operator.");
        await provider.DisableProviderAsync();
        provider.GetStatus().SelfWarning.ShouldBeNull();
    }

    [Fact]
    public async Task Why_a_seed_leads_to_nobody_is_told_once_and_that_it_leads_to_somebody_too()
    {
        var node = await StartAsync("one", provides: false, options => options with { Seeds = ["two:1"] });
        while (node.GetStatus().UnreachableSeeds.Count == 0) { await NewsAsync(node); }
        node.GetStatus().UnreachableSeeds.ShouldBe([new("ws://two:1/mesh/gossip", "Nobody listens")]);

        var other = await StartAsync("two", provides: false, options => options with { Network = "other" });
        while (!node.GetStatus().UnreachableSeeds.Any(seed => seed.Cause.Contains("another mesh", StringComparison.Ordinal))) { await NewsAsync(node); }
        _nodes.Remove(other);
        await other.DisposeAsync();
        await StartAsync("two", provides: false);
        while (node.GetStatus().UnreachableSeeds.Count > 0) { await NewsAsync(node); }
        (await node.GetPeersAsync()).ShouldHaveSingleItem();
        node.GetEvents(0).Where(happened => happened.Code.StartsWith("Seed", StringComparison.Ordinal)).Select(happened => happened.Message).ShouldBe(
            ["The seed ws://two:1/mesh/gossip cannot be reached: Nobody listens. It is tried on.", "The seed ws://two:1/mesh/gossip is reached now."]);
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
            Address = name + ":1",
            Seeds = [.. _nodes.Select(node => node.Options.Address!)],
            Source = provides || hasSource ? new SourceOptions { Assets = ["BTC"], Speed = 0.001 } : null,
            Provide = provides,
            Slots = new() { Interval = TimeSpan.FromSeconds(1), Spread = TimeSpan.Zero },
        };
        var node = await MeshNode.StartAsync(change?.Invoke(options) ?? options, null, this, this, this, SystemIds.Instance, TimeProvider.System, NullLogger.Instance);
        _nodes.Add(node);
        return node;
    }

    private static async Task<double> CountedAsync(MeshNode node, string name) => (await node.GetMetricsAsync()).Single(metric => metric.Name == name).Values.Single().Value;

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
