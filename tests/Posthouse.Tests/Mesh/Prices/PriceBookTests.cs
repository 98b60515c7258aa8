using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Prices;

public sealed class PriceBookTests
{
    private readonly OneNode _node = new();

    [Fact]
    [Trait("Requirement", "6.2")]
    public void An_older_reading_never_replaces_a_newer_one()
    {
        _node.Price(1, 100).ShouldBe(1);
        _node.Price(1, 90, age: 10).ShouldBe(0);
        _node.Served().Price.ShouldBe(100);
        _node.Book.CountOf(MergeOutcome.Older).ShouldBe(1);
    }

    [Theory]
    [Trait("Requirement", "6.5")]
    [InlineData(3_599.999, false)]
    [InlineData(3_600, true)]
    public void A_price_is_stale_from_an_hour_on(double age, bool stale)
    {
        _node.Price(1, 100, age);
        _node.Served().IsStale.ShouldBe(stale);
        _node.Told<DataWentStale>().Count.ShouldBe(stale ? 1 : 0);
    }

    [Theory]
    [Trait("Requirement", "6.5")]
    [InlineData(299.999, false)]
    [InlineData(300, true)]
    public void Another_age_may_be_the_one_that_is_stale(double age, bool stale)
    {
        var node = new OneNode(options: new() { StaleAfter = TimeSpan.FromMinutes(5) });
        node.Price(1, 100, age);
        (node.Served().IsStale, node.Told<DataWentStale>().Count).ShouldBe((stale, stale ? 1 : 0));
    }

    [Fact]
    [Trait("Requirement", "6.5")]
    public void Prices_that_grow_stale_together_are_told_once()
    {
        for (var n = 0; n < 50; n++)
        {
            _node.Price(1, 100, key: new("A" + n, "base"));
        }

        _node.Pass(3_599);
        _node.Told<DataWentStale>().ShouldBeEmpty();
        _node.Pass(60);
        var told = _node.Told<DataWentStale>().ShouldHaveSingleItem();
        (told.Assets, told.Oldest).ShouldBe((50, TimeSpan.FromHours(1)));
    }

    [Fact]
    [Trait("Requirement", "8.1")]
    [Trait("Requirement", "8.3")]
    public void Readings_of_three_providers_make_one_price()
    {
        _node.Price(1, 100);
        _node.Price(2, 101);
        _node.Price(3, 99);
        var served = _node.Served();
        served.Price.ShouldBe(100);
        served.Providers.Count.ShouldBe(3);
        served.Confidence.ShouldBe(1);
    }

    [Fact]
    [Trait("Requirement", "8.2")]
    [Trait("Requirement", "8.4")]
    public void A_discrepancy_is_told_once_with_both_providers_and_prices_and_shown_until_it_ends()
    {
        _node.Price(1, 100);
        for (var n = 0; n < 5; n++)
        {
            _node.Price(2, 120 + n);
            _node.Pass(1);
        }

        var told = _node.Told<PriceDiscrepancy>().ShouldHaveSingleItem();
        (told.Pair.Low.Provider, told.Pair.Low.Price, told.Pair.High.Provider, told.Pair.High.Price).ShouldBe((OneNode.Id(1), 100, OneNode.Id(2), 120));
        _node.Status.Discrepancies.ShouldHaveSingleItem().DiscrepancyPercent.ShouldBe(24);
        _node.Served().Inconsistent.ShouldBeTrue();

        _node.Price(1, 124);
        _node.Told<DiscrepancyEnded>().Count.ShouldBe(1);
        _node.Status.Discrepancies.ShouldBeEmpty();
    }

    [Fact]
    public void A_provider_that_always_contradicts_is_ejected_and_comes_back()
    {
        for (var round = 0; round < 5; round++)
        {
            _node.Told<ProviderEjected>().ShouldBeEmpty();
            _node.Price(3, 500 + round);
            _node.Pass(1);
            _node.Price(1, 100 + round);
            _node.Price(2, 100 + round);
            _node.Pass(29, Beacons);
        }

        _node.Told<ProviderEjected>().ShouldHaveSingleItem().Provider.ShouldBe(OneNode.Id(3));
        _node.Tracker.Find(OneNode.Id(3))!.Health.Score(_node.Now.Wall).ShouldBeLessThan(20);
        _node.Tracker.Find(OneNode.Id(1))!.Health.Score(_node.Now.Wall).ShouldBe(100, 0.01);
        _node.Pass(30);
        _node.Told<ProviderReadmitted>().Count.ShouldBe(1);

        void Beacons()
        {
            for (var provider = 1; provider <= 3; provider++)
            {
                _node.Beacon(provider);
            }
        }
    }

    [Fact]
    public void The_first_to_see_the_truth_is_not_ejected()
    {
        for (var round = 0; round < 8; round++)
        {
            _node.Price(3, 500);
            _node.Pass(1);
        }

        _node.Price(1, 100, age: 30);
        _node.Price(2, 100, age: 30);
        _node.Price(3, 501);
        _node.Told<CrossCheckWanted>().Count.ShouldBe(1);
        _node.Told<ProviderEjected>().ShouldBeEmpty();
    }

    [Fact]
    public void A_held_back_jump_is_told_once()
    {
        _node.Price(1, 100);
        _node.Pass(1);
        _node.Price(1, 1_000);
        _node.Pass(5);
        _node.Served().ShouldSatisfyAllConditions(served => served.Price.ShouldBe(100), served => served.Quarantined.ShouldBeTrue());
        _node.Told<PriceQuarantined>().ShouldHaveSingleItem().ShouldBe(new PriceQuarantined(OneNode.Btc, 100, 1_000));
    }

    [Fact]
    public void Caught_up_prices_prove_nobodys_life()
    {
        _node.Pass(20);
        _node.Price(1, 100, origin: PriceOrigin.Sync);
        _node.Price(1, 101, origin: PriceOrigin.Redis);
        _node.Price(1, 102, origin: PriceOrigin.Db);
        _node.Pass(1);
        _node.Status.State.ShouldBe(Posthouse.Mesh.Network.NetworkState.NoProviders);
        _node.Status.LastLiveDataAt.ShouldBeNull();
        _node.Served().ShouldSatisfyAllConditions(served => served.Price.ShouldBe(102), served => served.Live.ShouldBeFalse());
    }

    [Fact]
    public void A_symbol_is_found_without_its_chain()
    {
        _node.Price(1, 5, key: new("USDC", "base"), age: 3);
        _node.Price(1, 6, key: new("USDC", "polygon"), age: 2);
        _node.Book.GetPriceData("usdc", _node.Now.Wall)!.Blockchain.ShouldBe("polygon");
        _node.Price(1, 7, key: new("USDC", AssetKey.AnyChain), age: 9);
        _node.Book.GetPriceData("USDC", _node.Now.Wall)!.Blockchain.ShouldBe("multi");
        _node.Book.GetPriceData("XMR", _node.Now.Wall).ShouldBeNull();
    }

    [Fact]
    [Trait("Requirement", "12.4")]
    public void Only_assets_that_changed_are_named()
    {
        _node.Price(1, 5);
        _node.Book.Changed.ShouldBe([OneNode.Btc]);
        _node.Pass(1);
        _node.Book.Changed.ShouldBeEmpty();
        _node.Price(1, 5, age: 10);
        _node.Book.Changed.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Requirement", "15.2")]
    public async Task Readers_on_other_threads_never_see_a_value_go_back()
    {
        using var stop = new CancellationTokenSource();
        _node.Price(1, 1);
        var now = _node.Now.Wall;
        var reader = Task.Run(() =>
        {
            var last = 0m;
            while (!stop.IsCancellationRequested)
            {
                var price = _node.Book.GetPriceData(OneNode.Btc, now)!.Price;
                price.ShouldBeGreaterThanOrEqualTo(last);
                last = price;
                _node.Book.GetAllPriceData(now).Count.ShouldBeGreaterThan(0);
            }
        });
        for (var n = 0; n < 5_000; n++)
        {
            _node.Now = _node.Now.After(TimeSpan.FromMilliseconds(1));
            _node.Price(1, 1 + (n * 0.0001m));
            _node.Price(1, 1, key: new("A" + (n % 100), "base"));
        }

        await stop.CancelAsync();
        await reader;
    }

    [Fact]
    public void The_past_is_kept_at_even_steps_and_bounded()
    {
        for (var n = 0; n < 200; n++)
        {
            _node.Price(1, 100 + n);
            _node.Pass(10);
            _node.Price(1, 100 + n + 0.5m);
            _node.Pass(20);
        }

        var past = _node.Book.GetHistory(OneNode.Btc);
        past.Length.ShouldBe(PriceHistory.MaxPoints);
        past[^1].Price.ShouldBe(299.5m);
        past[0].Price.ShouldBe(180.5m);
        past.Zip(past.Skip(1)).ShouldAllBe(pair => pair.First.At < pair.Second.At);
    }
}
