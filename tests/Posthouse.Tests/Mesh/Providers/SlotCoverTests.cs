using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Providers;

public sealed class SlotCoverTests
{
    private static readonly AssetKey Eth = new("ETH", AssetKey.AnyChain);
    private static readonly AssetKey[] Own = [OneNode.Btc, Eth];
    private readonly SlotCover _cover = new();

    public SlotCoverTests() => _cover.Begin(Own);

    [Fact]
    public void One_tick_of_one_asset_serves_no_slot()
    {
        _cover.OnPrices(OneNode.Id(1), Prices(OneNode.Btc));
        _cover.Served.ShouldBe(0);
        _cover.Missing(1).ShouldBe([Eth]);
    }

    [Fact]
    public void Ticks_and_parts_add_up_whoever_tells_them()
    {
        _cover.OnPrices(OneNode.Id(1), Prices(OneNode.Btc));
        _cover.OnPrices(OneNode.Id(1), Prices(OneNode.Btc));
        _cover.OnPrices(OneNode.Id(2), Prices(Eth));
        _cover.Served.ShouldBe(1);
        _cover.Missing(1).ShouldBe(Own, "where nothing is missing a look at the source asks for all");
        _cover.OnPrices(OneNode.Id(3), Prices(OneNode.Btc, Eth));
        _cover.Served.ShouldBe(2);
        _cover.Missing(3).ShouldBe(Own);
    }

    [Fact]
    public void Prices_of_assets_that_this_node_does_not_read_serve_nothing()
    {
        _cover.OnPrices(OneNode.Id(1), Prices(new AssetKey("SOL", AssetKey.AnyChain)));
        _cover.Served.ShouldBe(0);
    }

    [Fact]
    public void What_the_own_source_does_not_have_is_waited_for_in_the_slot_of_the_answer_and_not_after_it()
    {
        _cover.OnAnswer(Own, new HashSet<AssetKey> { OneNode.Btc });
        _cover.OnPrices(OneNode.Id(1), Prices(OneNode.Btc));
        _cover.Served.ShouldBe(0);
        _cover.NextSlot();
        _cover.Served.ShouldBe(0);
        _cover.OnPrices(OneNode.Id(2), Prices(OneNode.Btc));
        _cover.Served.ShouldBe(1);
        _cover.Missing(1).ShouldBe([Eth], "it is asked for again in a turn");
        _cover.OnAnswer([Eth], new HashSet<AssetKey> { Eth });
        _cover.NextSlot();
        _cover.OnPrices(OneNode.Id(2), Prices(OneNode.Btc));
        _cover.Served.ShouldBe(0);
    }

    [Fact]
    public void Without_assets_no_slot_is_served()
    {
        _cover.Begin([]);
        _cover.Served.ShouldBe(0);
    }

    private static PriceReading[] Prices(params AssetKey[] keys) => [.. keys.Select(key => new PriceReading(key, 1, OneNode.Noon))];
}
