using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Cache;

/// <summary>What every tier keeps to, whoever else writes into the same place.</summary>
public abstract class PriceTierContract : IAsyncLifetime
{
    private static readonly SignedPrices _one = new(1);
    private static readonly SignedPrices _two = new(2);

    private IPriceTier _tier = null!;
    private IPriceTier _other = null!;

    public virtual ValueTask InitializeAsync()
    {
        (_tier, _other) = (Open(SignedPrices.Check()), Open(SignedPrices.Check()));
        return ValueTask.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _tier.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task What_was_written_is_read_and_loaded()
    {
        var update = _one.Update(1, "BTC", "ETH");
        await _tier.WriteAsync([.. KeptPrice.Of(update)], default);
        foreach (var asset in (string[])["BTC", "ETH"])
            Ids(await _other.ReadAsync(SignedPrices.Key(asset), default)).ShouldBe([update.Envelope.Id]);
        Ids(await _other.LoadAsync(default)).ShouldBe([update.Envelope.Id]);
        (await _other.LoadAsync(default))[0].Envelope.Frame.ToArray().ShouldBe(update.Envelope.Frame.ToArray());
    }

    [Fact]
    public async Task An_asset_that_nobody_wrote_is_not_there()
    {
        await _tier.WriteAsync(_one.Prices(1, "BTC"), default);
        (await _tier.ReadAsync(SignedPrices.Key("ETH"), default)).ShouldBeEmpty();
        (await _tier.ReadAsync(new AssetKey("BTC", "base"), default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task No_writer_takes_a_price_back_to_an_older_one()
    {
        var (old, young) = (_one.Update(1, "BTC"), _one.Update(2, "BTC"));
        await _tier.WriteAsync([.. KeptPrice.Of(young)], default);
        await _other.WriteAsync([.. KeptPrice.Of(old)], default);
        Ids(await _tier.ReadAsync(SignedPrices.Btc, default)).ShouldBe([young.Envelope.Id]);
    }

    [Fact]
    public async Task Of_two_readings_of_one_time_the_later_message_wins_whichever_comes_first()
    {
        var (first, second) = (_one.Update(1, "BTC"), _one.Update(1, "BTC"));
        await _tier.WriteAsync([.. KeptPrice.Of(second)], default);
        await _tier.WriteAsync([.. KeptPrice.Of(first)], default);
        Ids(await _tier.LoadAsync(default)).ShouldBe([second.Envelope.Id]);
    }

    [Fact]
    public async Task A_later_life_of_a_provider_is_newer_than_all_numbers_of_the_earlier()
    {
        var earlier = new SignedPrices(3, epoch: 1);
        for (var count = 0; count < 300; count++)
            earlier.Update(1, "BTC");
        var (last, first) = (earlier.Update(1, "BTC"), new SignedPrices(3, epoch: 2).Update(1, "BTC"));
        await _tier.WriteAsync([.. KeptPrice.Of(first)], default);
        await _tier.WriteAsync([.. KeptPrice.Of(last)], default);
        Ids(await _tier.LoadAsync(default)).ShouldBe([first.Envelope.Id]);
    }

    [Fact]
    public async Task Each_provider_has_its_own_price_of_an_asset()
    {
        await _tier.WriteAsync([.. _one.Prices(2, "BTC"), .. _two.Prices(1, "BTC")], default);
        (await _tier.ReadAsync(SignedPrices.Btc, default)).Select(frame => frame.Envelope.Signer).ShouldBe([_one.Id, _two.Id], ignoreOrder: true);
    }

    [Fact]
    public async Task A_message_stays_as_long_as_one_of_its_prices_is_the_newest_and_then_goes()
    {
        var both = _one.Update(1, "BTC", "ETH");
        var (btc, eth) = (_one.Update(2, "BTC"), _one.Update(2, "ETH"));
        await _tier.WriteAsync([.. KeptPrice.Of(both)], default);
        await _tier.WriteAsync([.. KeptPrice.Of(btc)], default);
        Ids(await _tier.LoadAsync(default)).ShouldBe([both.Envelope.Id, btc.Envelope.Id], ignoreOrder: true);
        (await CountMessagesAsync()).ShouldBe(2);
        await _tier.WriteAsync([.. KeptPrice.Of(eth)], default);
        Ids(await _tier.LoadAsync(default)).ShouldBe([eth.Envelope.Id, btc.Envelope.Id], ignoreOrder: true);
        (await CountMessagesAsync()).ShouldBe(2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task In_whatever_order_two_nodes_write_the_newest_of_each_provider_stands_in_the_end(int seed)
    {
        var random = new Random(seed);
        string[] assets = ["A", "B", "C", "D"];
        var providers = new[] { _one, _two };
        var prices = Enumerable.Range(0, 60).SelectMany(_ =>
            providers[random.Next(2)].Prices(random.Next(5), [.. assets.Where(_ => random.Next(2) == 0).DefaultIfEmpty("A")])).ToList();
        var newest = prices.GroupBy(price => (price.Key, price.Provider)).ToDictionary(group => group.Key, group => group.Max(price => price.Version));
        foreach (var some in prices.OrderBy(_ => random.Next()).Chunk(7))
            await (random.Next(2) == 0 ? _tier : _other).WriteAsync(some, default);

        var loaded = (await _tier.LoadAsync(default)).SelectMany(KeptPrice.Of).ToList();
        foreach (var ((key, provider), version) in newest)
            loaded.Where(price => price.Key == key && price.Provider == provider).Max(price => price.Version).ShouldBe(version);
    }

    [Fact]
    public async Task A_full_message_of_512_prices_is_kept()
    {
        var update = _one.Update(1, [.. Enumerable.Range(0, MeshProtocol.MaxPrices).Select(number => $"A{number}")]);
        await _tier.WriteAsync([.. KeptPrice.Of(update)], default);
        Ids(await _other.LoadAsync(default)).ShouldBe([update.Envelope.Id]);
    }

    [Fact]
    public async Task A_message_that_was_changed_is_not_given_out_and_the_true_one_comes_in_again()
    {
        var update = _one.Update(1, "BTC");
        await _tier.WriteAsync([.. KeptPrice.Of(update)], default);
        await TamperAsync(update, bytes => bytes[^1] ^= 1);
        (await _tier.ReadAsync(SignedPrices.Btc, default)).ShouldBeEmpty();
        (await _tier.LoadAsync(default)).ShouldBeEmpty();
        await _tier.WriteAsync([.. KeptPrice.Of(update)], default);
        Ids(await _tier.ReadAsync(SignedPrices.Btc, default)).ShouldBe([update.Envelope.Id]);
    }

    [Fact]
    public async Task A_stranger_is_not_believed_however_well_it_signs()
    {
        var stranger = new SignedPrices(77).Update(1, "BTC");
        await _tier.WriteAsync([.. KeptPrice.Of(stranger), .. _one.Prices(1, "BTC")], default);
        (await _other.ReadAsync(SignedPrices.Btc, default)).Select(frame => frame.Envelope.Signer).ShouldBe([_one.Id]);
    }

    [Fact]
    public async Task What_is_not_believed_for_who_signed_it_stays_for_who_hears_that_it_is_a_providers_next_key()
    {
        var next = new SignedPrices(77).Update(1, "BTC");
        await _tier.WriteAsync([.. KeptPrice.Of(next)], default);
        var check = SignedPrices.Check();
        await using var tier = Open(check);
        (await tier.LoadAsync(default)).ShouldBeEmpty();
        (await tier.ReadAsync(SignedPrices.Btc, default)).ShouldBeEmpty();
        check.Follow(SignedPrices.Change(1, 77));
        Ids(await tier.ReadAsync(SignedPrices.Btc, default)).ShouldBe([next.Envelope.Id]);
    }

    [Fact]
    public async Task A_price_from_the_future_is_not_believed()
    {
        await _tier.WriteAsync(_one.Prices(11, "BTC"), default);
        (await _tier.ReadAsync(SignedPrices.Btc, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tier_that_has_what_it_was_given_says_so()
    {
        await _tier.WriteAsync(_one.Prices(1, "BTC"), default);
        (await _tier.WriteAsync(_one.Prices(2, "BTC"), default)).ShouldBeFalse();
        (await _tier.WriteAsync([], default)).ShouldBeFalse();
    }

    /// <summary>Opens the place once more, as another node would.</summary>
    internal abstract IPriceTier Open(StoredCheck check);

    /// <summary>Changes the bytes of a kept message behind the tier's back.</summary>
    internal abstract Task TamperAsync(SignedFrame frame, Action<byte[]> change);

    /// <summary>Signed messages that lie there.</summary>
    internal abstract Task<int> CountMessagesAsync();

    private static IEnumerable<MessageId> Ids(IEnumerable<SignedFrame> frames) => frames.Select(frame => frame.Envelope.Id);
}
