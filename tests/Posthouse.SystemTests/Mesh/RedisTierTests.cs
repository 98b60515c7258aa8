using System.Text;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Wire;
using Posthouse.Redis;
using Posthouse.Tests.Mesh.Cache;

namespace Posthouse.SystemTests.Mesh;

/// <summary>The contract of tiers, kept by a real server, and what people with access to the server may do to it.</summary>
public sealed class RedisTierTests : PriceTierContract
{
    private readonly RedisServer _server = new();
    private readonly SignedPrices _provider = new(1);

    private static string Prefix => $"posthouse:mesh:{{{SignedPrices.Network}}}:";

    public override async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Two_meshes_on_one_server_do_not_see_each_other()
    {
        var elsewhere = NetworkId.Of("elsewhere");
        await using var here = Open(SignedPrices.Check());
        await using var there = new RedisTier(Options(), elsewhere, SignedPrices.Check(elsewhere), TimeProvider.System);
        await here.WriteAsync(_provider.Prices(1, "BTC"), default);
        (await there.LoadAsync(default)).ShouldBeEmpty();
        (await there.ReadAsync(SignedPrices.Btc, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_key_has_an_end_of_seven_days()
    {
        await using var tier = Open(SignedPrices.Check());
        await tier.WriteAsync(_provider.Prices(1, "BTC", "ETH"), default);
        var keys = await _server.ListAsync("KEYS", "*");
        keys.Count.ShouldBe(4, "the list of assets, two assets, one message");
        foreach (var key in keys)
        {
            key.ShouldStartWith(Prefix);
            int.Parse((await _server.SayAsync("TTL", key))[1..], null).ShouldBeInRange((7 * 86_400) - 60, 7 * 86_400);
        }
    }

    [Fact]
    public async Task A_version_that_somebody_made_up_keeps_no_true_price_out()
    {
        await using var tier = Open(SignedPrices.Check());
        var update = _provider.Update(1, "BTC");
        foreach (var made in (string[])[new string('f', 72), new string('z', 72), "", "9", $"0000018bcfe56800{new string('f', 56)}"])
        {
            await _server.SayAsync("FLUSHALL");
            await _server.SayAsync("SADD", Prefix + "assets", "BTC@multi");
            await _server.SayAsync("HSET", Prefix + "price:BTC@multi", _provider.Id.ToString(), made);
            (await tier.ReadAsync(SignedPrices.Btc, default)).ShouldBeEmpty();
            await tier.WriteAsync([.. KeptPrice.Of(update)], default);
            (await tier.ReadAsync(SignedPrices.Btc, default)).Count.ShouldBe(1, made);
        }
    }

    [Fact]
    public async Task A_price_of_one_asset_cannot_be_shown_as_that_of_another_or_of_another_provider()
    {
        await using var tier = Open(SignedPrices.Check());
        await tier.WriteAsync(_provider.Prices(1, "BTC"), default);
        var version = (await _server.ListAsync("HVALS", Prefix + "price:BTC@multi"))[0];
        await _server.SayAsync("HSET", Prefix + "price:ETH@multi", _provider.Id.ToString(), version);
        await _server.SayAsync("HSET", Prefix + "price:SOL@multi", new SignedPrices(2).Id.ToString(), version);
        (await tier.ReadAsync(SignedPrices.Key("ETH"), default)).ShouldBeEmpty();
        (await tier.ReadAsync(SignedPrices.Key("SOL"), default)).ShouldBeEmpty();
        (await tier.ReadAsync(SignedPrices.Btc, default)).Count.ShouldBe(1, "the true one stays");
    }

    [Fact]
    public async Task Keys_of_a_wrong_kind_are_replaced_and_break_nothing()
    {
        await using var tier = Open(SignedPrices.Check());
        var update = _provider.Update(1, "BTC");
        foreach (var key in (string[])["assets", "price:BTC@multi", $"message:{update.Envelope.Id}"])
        {
            await _server.SayAsync("FLUSHALL");
            await _server.SayAsync("SET", Prefix + key, "rubbish");
            (await tier.ReadAsync(SignedPrices.Btc, default)).ShouldBeEmpty();
            (await tier.LoadAsync(default)).ShouldBeEmpty();
            await tier.WriteAsync([.. KeptPrice.Of(update)], default);
            (await tier.LoadAsync(default)).Count.ShouldBe(1, key);
        }
    }

    [Fact]
    public async Task A_server_that_was_emptied_says_so_once_it_is_asked()
    {
        await using var tier = Open(SignedPrices.Check());
        await tier.WriteAsync(_provider.Prices(1, "BTC"), default);
        await _server.SayAsync("FLUSHALL");
        (await tier.WriteAsync([], default)).ShouldBeTrue();
        (await tier.WriteAsync(_provider.Prices(2, "BTC"), default)).ShouldBeTrue();
        (await tier.WriteAsync([], default)).ShouldBeFalse();
    }

    internal override IPriceTier Open(StoredCheck check) => new RedisTier(Options(), SignedPrices.Network, check, TimeProvider.System);

    internal override async Task TamperAsync(SignedFrame frame, Action<byte[]> change)
    {
        var bytes = frame.Envelope.Frame.ToArray();
        change(bytes);
        await _server.SayAsync("HSET", $"{Prefix}message:{frame.Envelope.Id}", "signed", Encoding.Latin1.GetString(bytes));
    }

    internal override async Task<int> CountMessagesAsync() => (await _server.ListAsync("KEYS", Prefix + "message:*")).Count;

    /// <summary>Far more time than a call takes: these tests are about what is kept, on a machine that may be busy.</summary>
    private RedisPriceOptions Options() => new() { Endpoint = _server.Endpoint, Deadline = TimeSpan.FromSeconds(5) };
}
