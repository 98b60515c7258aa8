using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Prices;

public sealed class PriceExpiryTests
{
    [Theory]
    [InlineData("BTC", true)]
    [InlineData("btc@multi", true)]
    [InlineData("BTC@base", false)]
    [InlineData("B*", true)]
    [InlineData("*", true)]
    [InlineData("*@multi", true)]
    [InlineData("*@m*", true)]
    [InlineData("BT", false)]
    [InlineData("", false)]
    public void A_pattern_names_assets(string pattern, bool matches) => new AssetPattern(pattern).Matches(OneNode.Btc).ShouldBe(matches);

    [Fact]
    [Trait("Requirement", "9.1")]
    public void A_price_is_kept_for_ever_unless_a_rule_says_otherwise()
    {
        var node = new OneNode();
        node.Price(1, 100, age: 0);
        node.Now = node.Now.After(TimeSpan.FromDays(3_650));
        node.Book.Tick(node.Now);
        node.Served().ShouldSatisfyAllConditions(served => served.Price.ShouldBe(100), served => served.Freshness.Kind.ShouldBe(FreshnessKind.Stale));
    }

    [Fact]
    public void Retention_drops_a_price_that_is_older_than_its_age()
    {
        var node = NodeWith(ExpiryKind.Retention, PriceExpiry.DefaultRetention);
        node.Price(1, 100);
        node.Now = node.Now.After(TimeSpan.FromDays(7));
        node.Book.Tick(node.Now);
        node.Served().Price.ShouldBe(100);
        node.Pass(1);
        node.Book.GetPriceData(OneNode.Btc, node.Now.Wall).ShouldBeNull();
        node.Book.GetAllPriceData(node.Now.Wall).ShouldBeEmpty();
        node.Book.Map.Assets.ShouldBe(0);
        node.Told<PricesExpired>().ShouldHaveSingleItem().Key.ShouldBe(OneNode.Btc);
        node.Price(1, 100, age: 7 * 86_400 + 1);
        node.Book.GetPriceData(OneNode.Btc, node.Now.Wall).ShouldBeNull("whoever still has it");
        node.Book.CountOf(MergeOutcome.Expired).ShouldBe(1);
        node.Price(1, 101);
        node.Served().Price.ShouldBe(101);
    }

    [Fact]
    public void Max_age_hides_a_price_but_keeps_it_stored()
    {
        var node = NodeWith(ExpiryKind.MaxAge, TimeSpan.FromMinutes(5));
        node.Price(1, 100);
        node.Pass(299.999);
        node.Served().Price.ShouldBe(100);
        node.Pass(0.001);
        node.Book.GetPriceData(OneNode.Btc, node.Now.Wall).ShouldBeNull();
        node.Book.GetPriceData("BTC", node.Now.Wall).ShouldBeNull();
        node.Book.GetAllPriceData(node.Now.Wall).ShouldBeEmpty();
        node.Book.Map.Assets.ShouldBe(1);
    }

    [Theory]
    [InlineData(ExpiryKind.MaxAge)]
    [InlineData(ExpiryKind.Retention)]
    public void An_age_without_end_is_for_ever_and_overflows_nothing(ExpiryKind kind)
    {
        var node = NodeWith(kind, TimeSpan.MaxValue);
        node.Price(1, 100);
        node.Pass(3_700);
        node.Served().Price.ShouldBe(100);
    }

    [Fact]
    public void The_first_rule_that_names_an_asset_is_its_own()
    {
        var expiry = new PriceExpiry
        {
            Rules = [new(new("USD*"), ExpiryKind.Keep, default), new(new("*"), ExpiryKind.MaxAge, TimeSpan.FromHours(1))],
        };
        expiry.Of(new("USDC", "base")).Kind.ShouldBe(ExpiryKind.Keep);
        expiry.Of(OneNode.Btc).Kind.ShouldBe(ExpiryKind.MaxAge);
        new PriceExpiry().Of(OneNode.Btc).Kind.ShouldBe(ExpiryKind.Keep);
    }

    private static OneNode NodeWith(ExpiryKind kind, TimeSpan age) =>
        new(options: new() { Expiry = new() { Rules = [new(new("BTC"), kind, age)] } });
}
