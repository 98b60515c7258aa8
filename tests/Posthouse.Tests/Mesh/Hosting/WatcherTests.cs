using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Hosting;

/// <summary>What watchers hear, and in which memory.</summary>
public sealed class WatcherTests : IDisposable
{
    private readonly ManualTimeProvider _time = new(OneNode.Noon);
    private readonly PriceFeed _feed = new(OneNode.Noon);
    private readonly Watcher _watcher;
    private readonly OneNode _node = new();
    private ulong _slot;

    public WatcherTests() => _watcher = new(null, TimeSpan.Zero, _time);

    public void Dispose() => _watcher.Dispose();

    [Fact]
    public void Who_joins_hears_everything_once()
    {
        Tell(("BTC", 100), ("ETH", 10));
        var number = _feed.Join(_watcher, null);
        _watcher.Take().Prices.Select(price => price.Reading.Key.Asset).Order().ShouldBe(["BTC", "ETH"]);
        _watcher.Take().Prices.ShouldBeEmpty();
        Tell(("BTC", 101));
        (_watcher.Take().Number - number).ShouldBe(1);
    }

    [Fact]
    public void Who_comes_back_hears_what_changed_meanwhile()
    {
        Tell(("BTC", 100), ("ETH", 10));
        var number = _feed.Join(_watcher, null);
        _watcher.Take();
        _feed.Leave(_watcher);
        Tell(("ETH", 11));
        _feed.Join(_watcher, number);
        _watcher.Take().Prices.ShouldHaveSingleItem().Reading.Key.Asset.ShouldBe("ETH");
    }

    [Fact]
    public void A_number_of_another_start_of_the_node_counts_for_nothing()
    {
        Tell(("BTC", 100));
        _feed.Join(_watcher, long.MaxValue);
        _watcher.Take().Prices.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_slow_watcher_gets_the_newest_and_hears_how_much_it_skipped()
    {
        _feed.Join(_watcher, null);
        for (var price = 1; price <= 500; price++) { Tell(("BTC", 1_000 + price), ("ETH", 1_000 + price)); }
        var news = _watcher.Take();
        news.Prices.Count.ShouldBe(2);
        news.Prices.ShouldAllBe(price => price.Price == 1_500);
        news.Skipped.ShouldBe(499);
        news.Whole.ShouldBeNull();
        _watcher.Take().Skipped.ShouldBe(0);
    }

    [Fact]
    public void A_quick_watcher_shares_the_publication_with_all_others()
    {
        using var other = new Watcher(null, TimeSpan.Zero, _time);
        _feed.Join(_watcher, null);
        _feed.Join(other, null);
        Tell(("BTC", 100));
        _watcher.Take().Whole.ShouldNotBeNull().ShouldBeSameAs(other.Take().Whole);
    }

    [Fact]
    public void News_say_when_they_were_accepted_unless_the_watcher_wanted_to_wait()
    {
        _feed.Join(_watcher, null);
        Tell(("BTC", 100));
        Pass(3);
        Tell(("BTC", 101));
        _watcher.Take().At.ShouldBe(_node.Now.Steady);
        _watcher.Subscribe(null, TimeSpan.FromSeconds(1), _node.Book.Snapshot.Values);
        _watcher.Take().At.ShouldBeNull();
        Tell(("BTC", 102));
        _time.Advance(TimeSpan.FromSeconds(1));
        _watcher.Take().At.ShouldBeNull();
    }

    [Fact]
    public async Task Who_asked_for_some_assets_hears_of_no_others()
    {
        Tell(("BTC", 100), ("ETH", 10));
        _feed.Join(_watcher, null);
        _watcher.Subscribe([new AssetPattern("eth")], TimeSpan.Zero, _node.Book.Snapshot.Values);
        _watcher.Take().Prices.ShouldHaveSingleItem().Reading.Key.ShouldBe(Key("ETH"));
        Tell(("BTC", 101));
        var waits = _watcher.WaitAsync(TimeSpan.FromSeconds(15), default);
        _time.Advance(TimeSpan.FromSeconds(15));
        (await waits).ShouldBeFalse("it is told that nothing happened");
        var nothing = _watcher.Take();
        nothing.Prices.ShouldBeEmpty();
        Tell(("ETH", 11));
        var news = _watcher.Take();
        (news.Number - nothing.Number, news.Skipped).ShouldBe((2, 1), "what had nothing for it explains the gap");
    }

    [Fact]
    public async Task Prices_wait_as_long_as_a_watcher_wants_and_warnings_do_not()
    {
        _feed.Join(_watcher, null);
        _watcher.Subscribe(null, TimeSpan.FromSeconds(60), []);
        Tell(("BTC", 99));
        (await _watcher.WaitAsync(TimeSpan.FromSeconds(70), default)).ShouldBeTrue("the first is at once");
        _watcher.Take().Prices.ShouldHaveSingleItem();
        Tell(("BTC", 100));
        var waits = _watcher.WaitAsync(TimeSpan.FromSeconds(70), default);
        _time.Advance(TimeSpan.FromSeconds(20));
        waits.IsCompleted.ShouldBeFalse();
        _watcher.Offer(new MeshWarning("warning", "NO_PROVIDERS", ""));
        (await waits).ShouldBeTrue();
        var news = _watcher.Take();
        (news.Warnings.Count, news.Prices.Count).ShouldBe((1, 0));
        waits = _watcher.WaitAsync(TimeSpan.FromSeconds(70), default);
        _time.Advance(TimeSpan.FromSeconds(40));
        (await waits).ShouldBeTrue();
        _watcher.Take().Prices.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_renewed_time_is_told_only_once_ages_would_drift()
    {
        _feed.Join(_watcher, null);
        Tell(("BTC", 100));
        _watcher.Take();
        Pass(9);
        Tell(("BTC", 100));
        _watcher.Take().Prices.ShouldBeEmpty();
        Pass(2);
        Tell(("BTC", 100));
        _watcher.Take().Prices.ShouldHaveSingleItem();
    }

    [Fact]
    public void The_status_is_told_once_a_second_at_most_and_then_the_newest()
    {
        _feed.Join(_watcher, null);
        Look(statusChanged: true);
        _watcher.Take().Status.ShouldNotBeNull();
        Look(statusChanged: true);
        _watcher.Take().Status.ShouldBeNull();
        Pass(1);
        Look(statusChanged: false);
        _watcher.Take().Status.ShouldNotBeNull();
    }

    [Fact]
    public void Warnings_that_nobody_reads_take_a_fixed_room()
    {
        _feed.Join(_watcher, null);
        for (var at = 0; at <= Watcher.MaxWarnings; at++) { _feed.Warn(new MeshWarning("warning", $"W{at}", "")); }
        var warnings = _watcher.Take().Warnings;
        warnings.Count.ShouldBe(Watcher.MaxWarnings);
        warnings[0].Code.ShouldBe("W1");
    }

    [Fact]
    public async Task Whoever_waits_hears_that_nothing_happened_when_it_is_time_for_a_heartbeat()
    {
        var waits = _watcher.WaitAsync(TimeSpan.FromSeconds(15), default);
        _time.Advance(TimeSpan.FromSeconds(15));
        (await waits).ShouldBeFalse();
        _watcher.Offer(new MeshWarning("info", "W", ""));
        (await _watcher.WaitAsync(TimeSpan.FromSeconds(15), default)).ShouldBeTrue();
    }

    private static AssetKey Key(string asset) => new(asset, AssetKey.AnyChain);

    private void Tell(params (string Asset, decimal Price)[] prices)
    {
        _slot++;
        var update = new PriceUpdate(OneNode.Id(1), new Stamp(1, _slot), _slot, _node.Now.Wall, [.. prices.Select(price => new PriceReading(Key(price.Asset), price.Price, _node.Now.Wall.AddMilliseconds(_slot)))]);
        _node.Book.Accept(update, new MessageId(_slot), PriceOrigin.Live, default, 1, _node.Now);
        Look(statusChanged: false);
    }

    private void Look(bool statusChanged) => _feed.Look(_node.Book.Snapshot, () => _node.Status, statusChanged, _node.Now);

    private void Pass(double seconds) => _node.Now = _node.Now.After(TimeSpan.FromSeconds(seconds));
}
