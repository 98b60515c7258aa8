using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Hosting;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Prices;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>What <c>serve</c> makes of the keys of the mesh.</summary>
public sealed class ServeMeshTests
{
    [Theory]
    [InlineData("Mesh:Operators", "Mesh:Trust=operator")]
    [InlineData("Mesh:Operators", "Mesh:Trust=operator", "Mesh:Operators:0=bm8=")]
    [InlineData("Mesh:Providers", "Mesh:Trust=allowlist")]
    [InlineData("Mesh:Source:Use", "Mesh:Provide=true")]
    [InlineData("Mesh:Source:Use", "Mesh:Promote=true")]
    [InlineData("Mesh:Source:KeyFile", "Mesh:Provide=true", "Mesh:Source:Use=coinmarketcap-v1", "Mesh:Source:Assets:0=BTC")]
    [InlineData("Mesh:Interval", "Mesh:Interval=0.5s")]
    [InlineData("Mesh:Interval", "Mesh:Interval=2h")]
    [InlineData("Mesh:OfflineAfter", "Mesh:OfflineAfter=0s")]
    [InlineData("Mesh:Trust is 'opn', expected operator, allowlist or open", "Mesh:Trust=opn")]
    [InlineData("Mesh:Rule is 'preferred', expected auto, newest, median or quorum", "Mesh:Rule=preferred")]
    [InlineData("Mesh:Expiry:0:Kind is 'drop', expected keep, retention or max-age", "Mesh:Expiry:0:Assets=*", "Mesh:Expiry:0:Kind=drop")]
    public void What_is_refused_names_the_key_to_set(string named, params string[] sets) => Should.Throw<PosthouseException>(() => Checked(sets)).Message.ShouldContain(named);

    [Fact]
    public void A_source_without_assets_names_the_key_to_set() => Should.Throw<PosthouseException>(() =>
        Checked("Mesh:Source:Use=coinbase").Source!.AssetKeys()).Message.ShouldContain("Mesh:Source:Assets:0");

    [Theory]
    [InlineData("max-age", ExpiryKind.MaxAge)]
    [InlineData("MaxAge", ExpiryKind.MaxAge)]
    [InlineData("retention", ExpiryKind.Retention)]
    public void Hyphens_and_case_make_no_difference(string written, ExpiryKind kind) =>
        Checked("Mesh:Expiry:0:Assets=*", "Mesh:Expiry:0:Kind=" + written).Prices.Expiry.Rules.ShouldHaveSingleItem().Kind.ShouldBe(kind);

    private static MeshOptions Checked(params string[] sets)
    {
        var configuration = Configuration.From(ConfigurationLayer.FromOptions(["Mesh:Trust=open"]), ConfigurationLayer.FromOptions(["Mesh:Enabled=true", .. sets]));
        var options = ServeMesh.Options(configuration, "data");
        _ = new ServiceCollection().AddMesh(options);
        return options;
    }
}
