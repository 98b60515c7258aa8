using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Mesh.Cache;

namespace Posthouse.Tests.Mesh.Cache;

public sealed class WriteBehindTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new(SignedPrices.Noon.AddMinutes(10));
    private readonly MemoryTier _tier = new(SignedPrices.Check());
    private readonly SignedPrices _provider = new(1);
    private readonly NewestPrices _newest = new();
    private readonly WriteBehind _writer;

    public WriteBehindTests() => _writer = new WriteBehind(new GuardedTier(_tier, _time, NullLogger.Instance), _newest, _time, NullLogger.Instance);

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _tier.DisposeAsync();
    }

    [Fact]
    public void Prices_wait_a_quarter_of_a_second_and_are_then_written_together()
    {
        Offer(1, "BTC", "ETH");
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Offer(1, "SOL");
        (_writer.Waiting, _writer.Lag).ShouldBe((3, TimeSpan.FromMilliseconds(100)));
        _time.Advance(TimeSpan.FromMilliseconds(149));
        _tier.Writes.ShouldBeEmpty();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _tier.Writes.ShouldHaveSingleItem().Count.ShouldBe(3);
        (_writer.Waiting, _writer.Lag).ShouldBe((0, TimeSpan.Zero));
    }

    [Fact]
    public void A_hundred_prices_do_not_wait()
    {
        Offer(1, [.. Enumerable.Range(0, WriteBehind.FlushAt - 1).Select(number => $"A{number}")]);
        _tier.Writes.ShouldBeEmpty();
        Offer(1, "LAST");
        _tier.Writes.ShouldHaveSingleItem().Count.ShouldBe(WriteBehind.FlushAt);
    }

    [Fact]
    public void Of_many_prices_of_one_asset_the_newest_is_written_whatever_came_last()
    {
        var (old, young) = (_provider.Prices(1, "BTC")[0], _provider.Prices(2, "BTC")[0]);
        foreach (var price in (KeptPrice[])[old, young, old])
            _writer.Offer(price);
        _time.Advance(WriteBehind.FlushAfter);
        _tier.Writes.ShouldHaveSingleItem().ShouldBe([young]);
    }

    [Fact]
    public void What_could_not_be_written_stays_and_a_tier_that_is_back_gets_only_what_is_still_newest()
    {
        _tier.Trouble = () => throw new IOException("away");
        for (var minute = 0; minute < 5; minute++)
        {
            Offer(minute, "BTC");
            _time.Advance(TimeSpan.FromSeconds(20));
        }

        _writer.Waiting.ShouldBe(1);
        _tier.Trouble = null;
        _time.Advance(TierBreaker.OpenTime + WriteBehind.FlushAfter);
        _tier.Writes.ShouldHaveSingleItem().ShouldHaveSingleItem().Reading.Price.ShouldBe(104);
        _writer.Waiting.ShouldBe(0);
    }

    [Fact]
    public void A_failing_tier_is_left_alone_between_tries()
    {
        var calls = 0;
        _tier.Trouble = () => throw new IOException($"away {calls++}");
        Offer(1, "BTC");
        _time.Advance(TimeSpan.FromMinutes(1));
        calls.ShouldBeInRange(3, 16);
    }

    [Fact]
    public async Task A_newer_price_that_comes_while_the_older_is_written_is_written_too()
    {
        var gate = new TaskCompletionSource();
        _tier.Trouble = () => gate.Task;
        Offer(1, "BTC");
        _time.Advance(WriteBehind.FlushAfter);
        Offer(2, "BTC");
        _tier.Trouble = null;
        gate.SetResult();
        (await _writer.FlushAsync()).ShouldBeTrue();
        _tier.Writes[^1].ShouldHaveSingleItem().Reading.Price.ShouldBe(102);
        _writer.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task An_orderly_stop_writes_what_waits_even_to_a_tier_that_was_being_left_alone()
    {
        _tier.Trouble = () => throw new IOException("away");
        Offer(1, "BTC");
        _time.Advance(TimeSpan.FromSeconds(2));
        _tier.Trouble = null;
        await _writer.DisposeAsync();
        _tier.Writes.ShouldHaveSingleItem();
        Offer(2, "BTC");
        _writer.Waiting.ShouldBe(0);
    }

    [Fact]
    public void A_tier_that_lost_everything_is_given_everything_again_though_nothing_new_came()
    {
        foreach (var price in _provider.Prices(1, [.. Enumerable.Range(0, 500).Select(number => $"A{number}")]))
            _newest.TryTake(price);
        _tier.HasLost = true;
        _time.Advance(WriteBehind.LookEvery);
        _tier.Writes.Sum(write => write.Count).ShouldBe(500);
        _time.Advance(WriteBehind.LookEvery);
        _tier.Writes.Sum(write => write.Count).ShouldBe(500, "once is enough");
    }

    private void Offer(int minute, params string[] assets) => _provider.Prices(minute, assets).ForEach(_writer.Offer);
}
