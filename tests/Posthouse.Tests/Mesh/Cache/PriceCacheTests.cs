using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Mesh.Cache;

public sealed class PriceCacheTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new(SignedPrices.Noon.AddMinutes(10));
    private readonly MemoryTier _own = new(SignedPrices.Check());
    private readonly MemoryTier _shared = new(SignedPrices.Check());
    private readonly SignedPrices _provider = new(1);
    private readonly PriceCache _cache;

    public PriceCacheTests() => _cache = new PriceCache(_own, _shared, _time, NullLogger.Instance);

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    [Fact]
    public async Task What_one_tier_has_at_the_start_the_other_gets_if_it_is_newer()
    {
        await _own.WriteAsync([.. _provider.Prices(1, "BTC", "ETH")], default);
        var newer = _provider.Update(2, "BTC");
        await _shared.WriteAsync([.. KeptPrice.Of(newer)], default);
        (_own.Writes.Count, _shared.Writes.Count).ShouldBe((1, 1));

        (await _cache.LoadOwnAsync()).Count.ShouldBe(1);
        (await _cache.LoadSharedAsync()).ShouldHaveSingleItem().Envelope.Id.ShouldBe(newer.Envelope.Id);
        _time.Advance(WriteBehind.FlushAfter);
        _own.Writes[1].ShouldHaveSingleItem().Frame.Envelope.Id.ShouldBe(newer.Envelope.Id);
        _shared.Writes[1].Select(price => price.Key.Asset).ShouldBe(["BTC", "ETH"], ignoreOrder: true);
        (await _shared.ReadAsync(SignedPrices.Btc, default)).ShouldHaveSingleItem().Envelope.Id.ShouldBe(newer.Envelope.Id);
    }

    [Fact]
    public async Task An_accepted_price_reaches_every_tier_within_a_second_and_its_copies_none()
    {
        var update = _provider.Update(1, "BTC");
        _cache.Keep(update);
        _time.Advance(TimeSpan.FromSeconds(1));
        _cache.Keep(update);
        _time.Advance(TimeSpan.FromSeconds(1));
        (_own.Writes.Count, _shared.Writes.Count).ShouldBe((1, 1));
        await _cache.DisposeAsync();
        (_own.IsClosed, _shared.IsClosed).ShouldBe((true, true));
    }

    [Fact]
    public async Task What_expired_leaves_the_own_tier_and_stays_in_the_shared_one()
    {
        _cache.Keep(_provider.Update(1, "BTC", "ETH"));
        _time.Advance(WriteBehind.FlushAfter);
        await _cache.DropAsync(SignedPrices.Btc, SignedPrices.Noon.AddDays(1));
        (await _own.ReadAsync(SignedPrices.Btc, default)).ShouldBeEmpty();
        (await _own.ReadAsync(SignedPrices.Key("ETH"), default)).Count.ShouldBe(1);
        (await _shared.ReadAsync(SignedPrices.Btc, default)).Count.ShouldBe(1);
        _own.HasLost = true;
        _cache.Keep(_provider.Update(2, "SOL"));
        _time.Advance(TimeSpan.FromMinutes(1));
        _own.Writes[^1].Select(price => price.Key.Asset).ShouldNotContain("BTC", "it is not given again either");
        _own.Trouble = () => throw new PosthouseException(ErrorCodes.StoreUnavailable, "down");
        await _cache.DropAsync(SignedPrices.Key("ETH"), SignedPrices.Noon.AddDays(1));
    }

    [Fact]
    public async Task With_every_tier_down_nothing_fails_and_later_nothing_is_missing()
    {
        _own.Trouble = _shared.Trouble = () => throw new IOException("down");
        (await _cache.LoadOwnAsync()).ShouldBeEmpty();
        (await _cache.LoadSharedAsync()).ShouldBeEmpty();
        _cache.Keep(_provider.Update(1, "BTC"));
        _time.Advance(TimeSpan.FromMinutes(1));
        (await _cache.FindAsync(SignedPrices.Key("ETH"))).Frames.ShouldBeEmpty();
        _cache.Tiers.Select(tier => (tier.State, tier.Waiting)).ShouldAllBe(tier => tier.State != TierState.Closed && tier.Waiting == 1);
        _own.Trouble = _shared.Trouble = null;
        _time.Advance(TimeSpan.FromSeconds(6));
        (_own.Writes.Count, _shared.Writes.Count).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_tier_that_hangs_costs_a_read_fifty_milliseconds_and_then_nothing()
    {
        _shared.Trouble = () => new TaskCompletionSource().Task;
        await _own.WriteAsync(_provider.Prices(1, "A", "B", "C", "D"), default);
        foreach (var asset in (string[])["A", "B", "C"])
        {
            var read = _cache.FindAsync(SignedPrices.Key(asset));
            _time.Advance(GuardedTier.ReadLimit - TimeSpan.FromTicks(1));
            read.IsCompleted.ShouldBeFalse();
            _time.Advance(TimeSpan.FromTicks(1));
            (await read).Frames.Count.ShouldBe(1, "the other tier has it");
        }

        _cache.FindAsync(SignedPrices.Key("D")).IsCompleted.ShouldBeTrue("the breaker is open");
        _shared.Trouble = null;
    }

    [Fact]
    public async Task What_is_found_says_where()
    {
        await _own.WriteAsync(_provider.Prices(1, "A", "B"), default);
        await _shared.WriteAsync(_provider.Prices(2, "B"), default);
        (await _cache.FindAsync(SignedPrices.Key("A"))).Origin.ShouldBe(PriceOrigin.Db);
        (await _cache.FindAsync(SignedPrices.Key("B"))).Origin.ShouldBe(PriceOrigin.Redis);
    }

    [Fact]
    public async Task Many_who_miss_one_asset_cause_one_look_and_another_only_after_five_seconds()
    {
        var gate = new TaskCompletionSource();
        _own.Trouble = _shared.Trouble = () => gate.Task;
        var reads = Enumerable.Range(0, 50).Select(_ => _cache.FindAsync(SignedPrices.Btc)).ToList();
        gate.SetResult();
        foreach (var read in reads)
            (await read).Frames.ShouldBeEmpty();
        (await _cache.FindAsync(SignedPrices.Btc)).Frames.ShouldBeEmpty();
        (_own.Reads, _shared.Reads).ShouldBe((1, 1));

        _time.Advance(ReadThrough.MissTime);
        await _cache.FindAsync(SignedPrices.Btc);
        (_own.Reads, _shared.Reads).ShouldBe((2, 2));
    }

    [Fact]
    public async Task An_asset_that_comes_in_is_found_at_once_though_it_was_missed_before()
    {
        await _cache.FindAsync(SignedPrices.Btc);
        _cache.Keep(_provider.Update(1, "BTC"));
        _time.Advance(WriteBehind.FlushAfter);
        (await _cache.FindAsync(SignedPrices.Btc)).Frames.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_caller_that_goes_away_does_not_take_the_look_from_the_others()
    {
        var gate = new TaskCompletionSource();
        await _shared.WriteAsync(_provider.Prices(1, "BTC"), default);
        _shared.Trouble = () => gate.Task;
        using var caller = new CancellationTokenSource();
        var (gone, other) = (_cache.FindAsync(SignedPrices.Btc, caller.Token), _cache.FindAsync(SignedPrices.Btc));
        caller.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(() => gone);
        gate.SetResult();
        (await other).Frames.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_name_that_no_asset_can_have_is_not_looked_for()
    {
        (await _cache.FindAsync(new AssetKey("../etc", "multi"))).Frames.ShouldBeEmpty();
        (await _cache.FindAsync(new AssetKey("BTC", "x:y"))).Frames.ShouldBeEmpty();
        _shared.Reads.ShouldBe(0);
    }

    [Fact]
    public async Task A_price_file_that_is_spoilt_while_it_is_used_is_put_aside_and_filled_again()
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File(PriceFile.FileName);
        var file = new PriceFile(path, _time, NullLogger.Instance);
        await using var cache = new PriceCache(new SqliteTier(file, SignedPrices.Check()), null, _time, NullLogger.Instance);
        cache.Keep(_provider.Update(1, [.. Enumerable.Range(0, 50).Select(number => $"A{number}")]));
        await Eventually(() => cache.Tiers[0].Waiting == 0);
        await Should.ThrowAsync<PosthouseException>(() => file.ReadAsync<int>(_ => throw new PosthouseException(ErrorCodes.StoreCorrupt, "a damaged page")));
        await File.WriteAllTextAsync(path, new string('x', 50_000));
        cache.Keep(_provider.Update(2, "BTC"));
        await Eventually(() => cache.Tiers[0].Waiting == 0 && file.SetAside == 1);
        (await cache.FindAsync(SignedPrices.Key("A7"))).Frames.Count.ShouldBe(1);
        (await cache.FindAsync(SignedPrices.Btc)).Frames.Count.ShouldBe(1);
    }

    /// <summary>The file has a thread of its own; only its clock is the test's.</summary>
    private async Task Eventually(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!isSo())
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(5, patience.Token);
        }
    }
}
