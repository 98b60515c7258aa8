using System.Net.WebSockets;
using System.Text.Json;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Wire;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>The mesh as it runs: providers, Redis and the network fail as they do in earnest, and who reads prices notices no error.</summary>
/// <param name="ground">The nodes.</param>
/// <param name="output">Takes how long things took.</param>
[TestCaseOrderer(typeof(DeclaredOrder))]
public sealed class TwelveNodesTests(MeshGround ground, ITestOutputHelper output) : IClassFixture<MeshGround>
{
    /// <summary>How much longer than promised things may take here: this machine runs twelve nodes and other tests on few cores.</summary>
    private const int Busy = 3;

    /// <summary>How long messages travelled.</summary>
    private const string Travels = "mesh_message_propagation_latency_seconds";

    /// <summary>What a killed node may lose: the last second.</summary>
    private static readonly TimeSpan _mayBeLost = TimeSpan.FromSeconds(1);

    private static readonly bool _isLong = Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") == "1";

    /// <summary>Kills of a node that writes.</summary>
    private static readonly int _kills = _isLong ? 100 : 3;

    /// <summary>How a network is cut. One that is deaf one way is noticed by silence alone, which takes its time.</summary>
    public static TheoryData<string> Cuts => _isLong ? ["both ways", "one way"] : ["both ways"];

    [Fact]
    public async Task Providers_go_one_by_one_and_all_at_once_and_prices_stay()
    {
        await using var reader = new PriceReader(ground.Consumers);
        await using var watcher = await ground.Nodes[^1].WatchAsync();
        var initial = await watcher.HearsAsync(_ => true);
        PriceWatcher.Type(initial).ShouldBe("PriceMeshInitial");
        initial.GetProperty("data").EnumerateObject().Select(price => price.Name).Order().ShouldBe(MeshGround.Assets);
        await watcher.HearsAsync(message => PriceWatcher.Type(message) == "PriceMeshUpdate");
        var marks = await MarksAsync();

        await KillServingProviderAsync();
        await KillAllProvidersAsync();
        await watcher.HearsAsync(message => PriceWatcher.Warns(message, "NO_PROVIDERS"));
        var left = watcher.Number;
        await using var later = await ground.Nodes[^1].WatchAsync(left);
        (await later.HearsAsync(_ => true)).GetProperty("since").GetInt64().ShouldBe(left);

        var start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(ground.Providers.Select(provider => provider.StartAsync()));
        await ground.WholeAsync();
        Took("All providers were started, and all is as before", start);
        foreach (var (node, mark) in marks)
        {
            var events = (await node.EventsAsync(mark)).Select(happened => happened.Code).ToList();
            events.Count(code => code == "AllProvidersOffline").ShouldBe(1);
            events.Count(code => code == "ExtendedOffline").ShouldBe(1);
            events.Count(code => code == "NetworkRecovered").ShouldBe(1);
            events.Count(code => code == "ProviderReconnected").ShouldBe(3);
            events.ShouldNotContain("ProviderDiscovered");
        }

        await later.HearsAsync(message => PriceWatcher.Warns(message, "NETWORK_RECOVERED"));
        (await later.HearsAsync(message => PriceWatcher.Type(message) == "PriceMeshUpdate")).GetProperty("seq").GetInt64().ShouldBeGreaterThan(left);
        if (!later.Heard.Exists(IsStatus)) { await later.HearsAsync(IsStatus); }

        output.WriteLine(await reader.NeverFailedAsync());
    }

    [Fact]
    public async Task Redis_dies_and_freezes_while_a_provider_is_frozen_and_no_read_fails()
    {
        var (frozen, others) = (ground.Nodes[1], ground.Nodes.Where((_, at) => at != 1).ToList());
        await using var reader = new PriceReader(others);
        frozen.Freeze();
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            await ground.Redis.KillAsync();
            await RedisIsAsync(false);
            await ground.Redis.StartAsync();
            await RedisIsAsync(true);
            ground.Redis.Freeze();
            await RedisIsAsync(false);
            ground.Redis.Thaw();
            await RedisIsAsync(true);
            await MeshGround.AllAsync(others, async node => (await node.StatusAsync()).ActiveProviders.All(one => one.NodeId != frozen.Id), "misses the frozen provider");
            Took("A provider was frozen, and Redis killed, started, frozen and thawed meanwhile; all noticed and recovered", start);
        }
        finally
        {
            frozen.Thaw();
        }

        start = TimeProvider.System.GetTimestamp();
        await ground.WholeAsync();
        Took("The provider was thawed, and all is as before", start);
        output.WriteLine(await reader.NeverFailedAsync());

        async Task RedisIsAsync(bool available)
        {
            await MeshGround.AllAsync(others, async node => await node.MetricsAsync() is var metrics
                && metrics["mesh_tier_available{tier=\"redis\"}"] == (available ? 1 : 0)
                && (!available || metrics["mesh_tier_lag_seconds{tier=\"redis\"}"] < MeshGround.Interval.TotalSeconds), available ? "reaches Redis, and has written all" : "misses Redis");
        }
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Both_halves_of_a_cut_network_serve_and_are_one_again_when_it_heals(string cut)
    {
        await using var reader = new PriceReader(ground.Nodes);
        var start = TimeProvider.System.GetTimestamp();
        Action heal = cut == "one way" ? () => ground.Cable.Widen(both: false) : ground.Cable.Connect;
        if (cut == "one way") { ground.Cable.Mute(); } else { ground.Cable.Disconnect(); }

        try
        {
            await MeshGround.AllAsync(ground.ServerSide, async node => (await node.StatusAsync()).ActiveProviders.Count == 2, "misses the other half's provider");
            await MeshGround.AllAsync(ground.LaptopSide, async node => (await node.StatusAsync()).ActiveProviders.Count == 1, "misses the other half's providers");
            Took("The network was cut, and all noticed", start);
            var alone = new Dictionary<MeshNodeProcess, double>();
            foreach (var node in ground.Nodes) { alone[node] = await UpdatesAsync(node); }

            await MeshGround.AllAsync(ground.Nodes, async node => await UpdatesAsync(node) > alone[node], "gets prices of its own half");
            Took("and all got prices of their own half", start);
        }
        finally
        {
            heal();
        }

        start = TimeProvider.System.GetTimestamp();
        await ground.WholeAsync();
        Took("The network was healed, and all nodes serve the same", start).ShouldBeLessThan(TimeSpan.FromSeconds(10 * Busy));
        output.WriteLine(await reader.NeverFailedAsync());
    }

    [Fact]
    public async Task A_narrow_line_that_loses_what_comes_in_a_rush_keeps_no_price_for_long()
    {
        await using var reader = new PriceReader(ground.Nodes);
        ground.Cable.Narrow();
        try
        {
            var before = await Task.WhenAll(ground.LaptopSide.Select(node => node.MetricsAsync()));
            for (var slot = 0; slot < 5; slot++)
            {
                var now = TimeProvider.System.GetUtcNow();
                await MeshGround.AllAsync(ground.Nodes, async node => (await node.StatusAsync()).LastUpdateTime > now, "gets prices over the narrow line");
            }

            var after = await Task.WhenAll(ground.LaptopSide.Select(node => node.MetricsAsync()));
            double Came(string bucket) => after.Zip(before).Sum(pair => pair.First[Travels + bucket] - pair.Second[Travels + bucket]);
            output.WriteLine(FormattableString.Invariant($"{Came("_count")} messages came over the narrow line, {Came("_bucket{le=\"2.5\"}")} of them within 2.5 s"));
            Came("_bucket{le=\"2.5\"}").ShouldBeGreaterThanOrEqualTo(Came("_count") * 0.99);
        }
        finally
        {
            ground.Cable.Widen(both: true);
        }

        await ground.WholeAsync();
        output.WriteLine(await reader.NeverFailedAsync());
    }

    [Fact]
    public async Task A_node_that_is_killed_while_it_writes_keeps_what_is_a_second_old_and_serves_at_once_when_it_is_back()
    {
        var node = ground.Nodes[^2];
        for (var life = 0; life < _kills; life++)
        {
            var (before, start) = (await node.PricesAsync(), TimeProvider.System.GetTimestamp());
            await MeshGround.UntilAsync(
                async () => TimeProvider.System.GetElapsedTime(start) > _mayBeLost && await MeshGround.ServedAsync(node) != MeshGround.InWords(before),
                () => Task.FromResult($"{node.Address} should get new prices."));
            await node.KillAsync();
            // Each source by itself: which of them is served changes with time alone.
            var kept = node.KeptPrices();
            foreach (var price in before.Values) { kept[(price.Asset, price.SourceNodeId)].ShouldBeGreaterThanOrEqualTo(price.Timestamp); }

            await node.StartAsync();
            foreach (var price in (await node.PricesAsync()).Values) { kept[(price.Asset, price.SourceNodeId)].ShouldBeLessThanOrEqualTo(price.Timestamp); }

            (await node.EventsAsync()).ShouldContain(happened => happened.Code == "NodeStarted" && !happened.Message.Contains(" 0 prices"));
        }

        await ground.WholeAsync();
    }

    [Fact]
    public async Task Who_does_not_keep_to_the_protocol_is_counted_and_moves_no_price()
    {
        var node = ground.Nodes[^1];
        await using var reader = new PriceReader(ground.Consumers);
        var before = await node.MetricsAsync();
        var heard = await PriceUpdateAsync(node);
        for (var one = 0; one < 50; one++)
        {
            using var stranger = await node.ConnectAsync();
            await stranger.SendAsync(new byte[] { (byte)FrameType.Hello });
            await stranger.IsSentAwayAsync();
        }

        await SendAsync(node, [0xEE]);
        await SendAsync(node, new byte[MeshProtocol.MaxFrameBytes + 1]);
        await SendAsync(node, [(byte)FrameType.Ping]);
        await SendAsync(node, "{}"u8.ToArray(), WebSocketMessageType.Text);
        // A believed provider's own words, with another price: one bit of the body.
        heard[^80] ^= 1;
        await SendAsync(node, heard);
        using (var key = EcdsaKey.Create())
        {
            var now = TimeProvider.System.GetUtcNow();
            await SendAsync(node, new Signatory(key, NetworkId.Of(MeshGround.Network), 1)
                .Sign(new PriceContent(1, [new PriceReading(AssetKey.Of("BTC"), 1, now)]), now).Envelope.Frame.ToArray());
        }

        string[] reasons = ["Truncated", "UnknownType", "TooLong", "OutOfPlace", "SignatureInvalid", "SignerNotAllowed"];
        await MeshGround.AllAsync([node], async one => await one.MetricsAsync() is var after && reasons.All(reason => Refused(after, reason) > Refused(before, reason)), "has counted all");
        var counts = await node.MetricsAsync();
        (Refused(counts, "Truncated") - Refused(before, "Truncated")).ShouldBeGreaterThan(50);
        (await node.PricesAsync())["BTC"].Price.ShouldBeGreaterThan(60_000);
        await ground.WholeAsync();
        output.WriteLine(await reader.NeverFailedAsync());
    }

    /// <summary>Updates that a node took or made. The served price may be an older one's as long as that counts: it is the median of three.</summary>
    private static async Task<double> UpdatesAsync(MeshNodeProcess node) =>
        await node.MetricsAsync() is var metrics ? metrics[Travels + "_count"] + metrics["mesh_provider_fetch_success_total"] : 0;

    private static bool IsStatus(JsonElement message) => PriceWatcher.Type(message) == "NetworkStatusUpdate";

    private static double Refused(Dictionary<string, double> metrics, string reason) => metrics[$"mesh_messages_refused_total{{reason=\"{reason}\"}}"];

    /// <summary>A believed provider's prices, as a node passes them on.</summary>
    private static async Task<byte[]> PriceUpdateAsync(MeshNodeProcess node)
    {
        using var key = EcdsaKey.Create();
        using var peer = await node.ConnectAsync();
        await peer.GreetAsync(key, MeshGround.Network);
        return await peer.HearsAsync(FrameType.PriceUpdate);
    }

    /// <summary>Greets as nobody did before, and says one thing.</summary>
    private static async Task SendAsync(MeshNodeProcess node, byte[] message, WebSocketMessageType type = WebSocketMessageType.Binary)
    {
        using var key = EcdsaKey.Create();
        using var peer = await node.ConnectAsync();
        await peer.GreetAsync(key, MeshGround.Network);
        await peer.SendAsync(message, type);
        // What follows is answered after it, so that it was read; or the node closed.
        await peer.SendAsync(FrameCodec.Encode(new Ping(1, TimeProvider.System.GetUtcNow())));
        while (await peer.ReceiveAsync() is { } answer && answer[0] != (byte)FrameType.Pong)
        {
        }
    }

    /// <summary>Kills the provider of what is served: the others go on in its place.</summary>
    private async Task KillServingProviderAsync()
    {
        var serving = (await ground.Nodes[^1].PricesAsync())["BTC"].SourceNodeId;
        var (start, at) = (TimeProvider.System.GetTimestamp(), TimeProvider.System.GetUtcNow());
        await ground.Providers.Single(provider => provider.Id == serving).KillAsync();
        await MeshGround.AllAsync(ground.Consumers, async node => (await node.StatusAsync()).LastUpdateTime > at, "gets prices of another provider");
        Took("The serving provider was killed, and prices came from another", start).ShouldBeLessThan(TimeSpan.FromSeconds(6 * Busy));
        await MeshGround.AllAsync(ground.Consumers, async node => (await node.StatusAsync()).ActiveProviders.Count == 2, "misses the killed provider");
        Took("and all missed it", start).ShouldBeLessThan(TimeSpan.FromSeconds(20 * Busy));
    }

    /// <summary>Kills the providers that are left: what is served stays what it was.</summary>
    private async Task KillAllProvidersAsync()
    {
        var start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(ground.Providers.Select(provider => provider.KillAsync()));
        await MeshGround.AllAsync(ground.Consumers, async node => (await node.StatusAsync()).State is NetworkState.NoProviders or NetworkState.ExtendedOffline, "misses all providers");
        Took("All providers were killed, and all missed them", start).ShouldBeLessThan(TimeSpan.FromSeconds(21 * Busy));
        var served = await Task.WhenAll(ground.Consumers.Select(MeshGround.ServedAsync));
        served.Distinct().Count().ShouldBe(1);
        await MeshGround.AllAsync(ground.Consumers, async node => (await node.StatusAsync()) is { ExtendedOffline: true, Notice: "Offline for 0 minutes" }, "calls the outage a long one");
        Took("and called it a long outage", start);
        (await Task.WhenAll(ground.Consumers.Select(MeshGround.ServedAsync))).ShouldBe(served);
        (await ground.Nodes[^1].PricesAsync()).Values.ShouldAllBe(price => !price.Live);
    }

    private async Task<List<(MeshNodeProcess Node, long Mark)>> MarksAsync()
    {
        var marks = new List<(MeshNodeProcess, long)>();
        foreach (var node in ground.Consumers)
        {
            marks.Add((node, await node.LastEventAsync()));
        }

        return marks;
    }

    private TimeSpan Took(string what, long start)
    {
        var took = TimeProvider.System.GetElapsedTime(start);
        output.WriteLine(FormattableString.Invariant($"{what}: {took.TotalSeconds:0.0} s"));
        return took;
    }
}
