using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Hosting;

public sealed class MeshOptionsTests
{
    private static MeshOptions Fine { get; } = new() { Folder = "mesh", Trust = TrustMode.Open };

    [Fact]
    public void What_can_work_is_taken() => Fine.Checked().ShouldBeSameAs(Fine);

    public static TheoryData<string, MeshOptions> Wrong() => new()
    {
        { "nobody's prices", Fine with { Trust = TrustMode.Operator } },
        { "allow list", Fine with { Trust = TrustMode.AllowList } },
        { "no operator's key", Fine with { Trust = TrustMode.Operator, Operators = ["bm8="] } },
        { "source", Fine with { Provide = true } },
        { "needs a key", Fine with { Provide = true, Source = new SourceOptions { Use = "coinmarketcap-v1", Assets = ["BTC"] } } },
        { "no address", Fine with { Seeds = ["not an address"] } },
        { "no address", Fine with { Address = "http://host:1/other" } },
        { "'127.0.0.1' is no address of a node: write host:port", Fine with { Seeds = ["127.0.0.1"] } },
        { "'[::1]' is no address", Fine with { Seeds = ["[::1]"] } },
        { "'foo' is no address", Fine with { Address = "foo" } },
        { "name", Fine with { Network = "No Name" } },
        { "interval", Fine with { Slots = new() { Interval = TimeSpan.Zero } } },
        { "Mesh:Grace", Fine with { Slots = new() { MinGrace = TimeSpan.FromSeconds(0.499) } } },
        { "opens", Fine with { Outbound = 0 } },
        { "takes", Fine with { MaxInbound = -1 } },
        { "hurries", Fine with { MinPeers = 9 } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_work_is_refused_with_the_reason(string reason, object options)
    {
        var refused = Should.Throw<PosthouseException>(((MeshOptions)options).Checked);
        refused.Code.ShouldBe(ErrorCodes.OptionsInvalid);
        refused.Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("host:6060", "ws://host:6060/mesh/gossip")]
    [InlineData("http://host:6060", "ws://host:6060/mesh/gossip")]
    [InlineData("https://host", "wss://host/mesh/gossip")]
    [InlineData("ws://127.0.0.1:1/mesh/gossip", "ws://127.0.0.1:1/mesh/gossip")]
    [InlineData("[::1]:6060", "ws://[::1]:6060/mesh/gossip")]
    public void An_address_is_what_people_mean_by_it(string written, string address) => PeerAddress.Of(written).ShouldBe(address);

    [Theory]
    [InlineData("ws://10.0.0.1:6379/")]
    [InlineData("ws://host/mesh/gossip?x=1")]
    [InlineData("ws://user@host/mesh/gossip")]
    [InlineData("http://host/mesh/gossip")]
    [InlineData("ws://host/mesh/gossip#here")]
    [InlineData("gossip")]
    public void What_strangers_tell_sends_nobody_to_other_doors(string told) => PeerAddress.IsOne(told).ShouldBeFalse();
}
