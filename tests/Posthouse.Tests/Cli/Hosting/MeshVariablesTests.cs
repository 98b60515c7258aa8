using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Hosting;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.House;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>The original's environment variables, each seen in a node that was started with it.</summary>
public sealed class MeshVariablesTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, Func<MeshOptions, object>, object> Names() => new()
    {
        { "MESH_PROVIDER_FETCH_INTERVAL_SECS", "12", options => (options.Slots.Interval, options.Prices.Aggregation.Interval), (TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(12)) },
        { "MESH_COORDINATION_WINDOW_SECS", "7", options => options.Slots.MinGrace, TimeSpan.FromSeconds(7) },
        { "MESH_MESSAGE_TTL", "10", options => options.Ttl, 10 },
        { "MESH_SEEN_MESSAGES_CACHE_SIZE", "10000", options => options.SeenIds, 10_000 },
        { "MESH_SEEN_MESSAGES_EXPIRATION_SECS", "600", options => options.SeenTime, TimeSpan.FromMinutes(10) },
        { "MESH_MAX_PEER_CONNECTIONS", "10", options => (options.Outbound, options.MaxInbound), (5, 5) },
        { "MESH_MIN_PEER_CONNECTIONS", "2", options => options.MinPeers, 2 },
        { "MESH_STALENESS_THRESHOLD_SECS", "300", options => options.Prices.StaleAfter, TimeSpan.FromMinutes(5) },
        { "MESH_OFFLINE_INDICATOR_THRESHOLD_SECS", "60", options => options.Offline.Extended, TimeSpan.FromMinutes(1) },
        { "MESH_PRICE_DISCREPANCY_THRESHOLD_PERCENT", "2.5", options => options.Prices.Aggregation.Discrepancy, 0.025m },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_variable_of_the_original_is_what_a_started_node_goes_by(string name, string value, object read, object expected)
    {
        MeshVariables.Keys.Count.ShouldBe(Names().Count);
        Tree.Read("docs/configuration.md").Text.ShouldContain($"| {name} | `{MeshVariables.Keys[name]}`");
        await using var services = Services(new() { [name] = value });
        var host = services.GetRequiredService<MeshHost>();
        await host.StartAsync(default);
        ((Func<MeshOptions, object>)read)(host.Node.Options).ShouldBe(expected);
        await host.StopAsync(default);
    }

    [Fact]
    public async Task What_the_engine_alone_knows_follows_them_too()
    {
        await using var services = Services(new() { ["MESH_SEEN_MESSAGES_CACHE_SIZE"] = "10000", ["MESH_SEEN_MESSAGES_EXPIRATION_SECS"] = "600" });
        var host = services.GetRequiredService<MeshHost>();
        await host.StartAsync(default);
        var (count, isRemembered) = await host.Node.AskAsync((engine, now) =>
        {
            for (var id = 1ul; id <= 20_001; id++)
                engine.Seen.TryMark(new MessageId(id), now.Steady);
            return (engine.Seen.Count, engine.Seen.Contains(new MessageId(20_001), now.Steady + TimeSpan.FromMinutes(15)));
        });
        count.ShouldBeLessThanOrEqualTo(10_000);
        isRemembered.ShouldBeTrue("a quarter of an hour is less than twice ten minutes");
        await host.StopAsync(default);
    }

    [Fact]
    public void Whatever_names_a_key_wins_over_a_variable()
    {
        var weak = MeshVariables.Read(new Dictionary<string, string> { ["MESH_MESSAGE_TTL"] = "10", ["MESH_MIN_PEER_CONNECTIONS"] = "", ["MESH_OTHER"] = "?" }).ToList();
        Configuration.From(weak).Count(MeshKeys.Ttl).ShouldBe(10);
        Configuration.From(weak, ConfigurationLayer.FromEnvironment(new Dictionary<string, string> { ["POSTHOUSE__MESH__TTL"] = "11" })).Count(MeshKeys.Ttl).ShouldBe(11);
        Configuration.From(weak, ConfigurationLayer.FromOptions(["Mesh:Ttl=12"])).Count(MeshKeys.Ttl).ShouldBe(12);
        Configuration.From(weak).SourceOf(MeshKeys.Ttl).ShouldBe("environment MESH_MESSAGE_TTL");
    }

    [Theory]
    [InlineData("MESH_MESSAGE_TTL", "33", "Mesh:Ttl")]
    [InlineData("MESH_SEEN_MESSAGES_CACHE_SIZE", "9999", "Mesh:SeenIds")]
    [InlineData("MESH_SEEN_MESSAGES_EXPIRATION_SECS", "299", "Mesh:SeenTime")]
    [InlineData("MESH_STALENESS_THRESHOLD_SECS", "0", "Mesh:StaleAfter")]
    [InlineData("MESH_MIN_PEER_CONNECTIONS", "41", "Mesh:MinPeers")]
    [InlineData("MESH_MAX_PEER_CONNECTIONS", "ten", "MESH_MAX_PEER_CONNECTIONS")]
    [InlineData("MESH_PROVIDER_FETCH_INTERVAL_SECS", "-1", "MESH_PROVIDER_FETCH_INTERVAL_SECS")]
    public void A_value_out_of_its_range_is_refused(string name, string value, string named) =>
        Should.Throw<PosthouseException>(() => Services(new() { [name] = value })).Message.ShouldContain(named);

    [Theory]
    [InlineData(13, 2)]
    [InlineData(100, 8)]
    [InlineData(1_000, 10)]
    [InlineData(10_000, 12)]
    public void A_message_needs_so_many_hops(int nodes, int hops) => GossipOptions.Default.HopsAmong(nodes).ShouldBe(hops);

    private ServiceProvider Services(Dictionary<string, string> variables)
    {
        var configuration = Configuration.From(MeshVariables.Read(variables), ConfigurationLayer.FromOptions(["Mesh:Trust=open", "Mesh:Enabled=true"]));
        return new ServiceCollection().AddMesh(ServeMesh.Options(configuration, _folder.Path)).BuildServiceProvider();
    }
}
