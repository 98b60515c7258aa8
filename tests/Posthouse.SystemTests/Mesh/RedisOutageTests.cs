using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Wire;
using Posthouse.Redis;
using Posthouse.Tests.Mesh.Cache;

namespace Posthouse.SystemTests.Mesh;

/// <summary>A node whose shared tier dies, freezes, restarts or is emptied: nothing that is read fails or waits, and what was missed is made up.</summary>
public sealed class RedisOutageTests : IAsyncLifetime
{
    /// <summary>How much longer than it must take something may take on a busy machine.</summary>
    private static readonly TimeSpan _busy = TimeSpan.FromSeconds(3);

    private readonly ITestOutputHelper _output;
    private readonly RedisServer _server = new();
    private readonly SignedPrices _provider = new(1);
    private readonly RedisTier _tier;
    private readonly PriceCache _cache;

    public RedisOutageTests(ITestOutputHelper output)
    {
        _output = output;
        var options = new RedisPriceOptions { Endpoint = _server.Endpoint, RebuildAfter = TimeSpan.FromSeconds(2) };
        _tier = new RedisTier(options, SignedPrices.Network, SignedPrices.Check(), TimeProvider.System);
        _cache = new PriceCache(null, _tier, TimeProvider.System, NullLogger.Instance);
    }

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        _cache.Keep(_provider.Update(1, "BTC"));
        await IsDrained();
    }

    public async ValueTask DisposeAsync()
    {
        await _cache.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_killed_server_fails_no_read_and_gets_everything_when_it_is_back()
    {
        await _server.KillAsync();
        await ReadsNeverWait();
        _cache.Keep(_provider.Update(2, "ETH"));
        await _server.StartAsync();
        await IsDrainedSoon();
        await Has("BTC", "ETH");
    }

    [Fact]
    public async Task A_server_that_starts_again_with_its_data_is_given_what_it_missed_and_no_more()
    {
        var folder = Directory.CreateTempSubdirectory("posthouse-redis-").FullName;
        await using var server = new RedisServer(keeps: folder);
        await server.StartAsync();
        var said = new MeshEvents(NullLogger.Instance, TimeProvider.System);
        var tier = new RedisTier(new RedisPriceOptions { Endpoint = server.Endpoint }, SignedPrices.Network, SignedPrices.Check(), TimeProvider.System);
        await using (var cache = new PriceCache(null, tier, TimeProvider.System, said))
        {
            cache.Keep(_provider.Update(1, "BTC"));
            await IsDrained(cache);
            // The one refill is that of a server that was never filled.
            var before = said.Since(0).Count(line => line.Code == "TierRefilled");
            await server.KillAsync();
            await ReadsNeverWait(cache);
            cache.Keep(_provider.Update(2, "ETH"));
            await server.StartAsync();
            (await server.SayAsync("EXISTS", $"posthouse:mesh:{{{SignedPrices.Network}}}:assets")).ShouldBe(":1", "it has its data");
            await IsDrainedSoon(cache);
            await Has(tier, "BTC", "ETH");
            said.Since(0).Count(line => line.Code == "TierRefilled").ShouldBe(before);
        }

        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_frozen_server_fails_no_read_and_gets_what_is_newest_when_it_thaws()
    {
        _server.Freeze();
        await ReadsNeverWait();
        for (var minute = 2; minute < 8; minute++)
            _cache.Keep(_provider.Update(minute, "BTC"));
        _cache.Tiers[0].Waiting.ShouldBe(1);
        _server.Thaw();
        await IsDrained();
        var kept = await Eventually(async () => await _cache.FindAsync(SignedPrices.Btc), found => found.Frames.Count == 1);
        kept.Frames[0].Update!.Prices[0].Price.ShouldBe(107);
    }

    [Fact]
    public async Task A_server_that_stays_frozen_is_reached_over_a_new_connection_in_the_end()
    {
        _server.Freeze();
        var before = _tier.Link.Connections;
        _cache.Keep(_provider.Update(2, "BTC"));
        await Eventually(() => Task.FromResult(_tier.Link.Connections), connections => connections > before);
        _server.Thaw();
        await IsDrained();
    }

    [Fact]
    public async Task A_connection_that_is_given_up_is_made_anew_before_it_is_next_asked_for()
    {
        await using var link = new RedisLink(new RedisPriceOptions { Endpoint = _server.Endpoint, RebuildAfter = TimeSpan.FromTicks(1) }, TimeProvider.System);
        _server.Freeze();
        for (var call = 1; call <= 2; call++)
            await Should.ThrowAsync<TimeoutException>(() => link.RunAsync("return 1", [], [], default));
        link.Connections.ShouldBe(2);
        _server.Thaw();
    }

    [Fact]
    public async Task An_emptied_server_is_filled_again_with_what_it_had()
    {
        await _server.SayAsync("FLUSHALL");
        await _server.SayAsync("SCRIPT", "FLUSH");
        _cache.Keep(_provider.Update(2, "ETH"));
        await IsDrained();
        await Has("BTC", "ETH");
    }

    [Fact]
    public async Task A_node_starts_without_the_server_and_an_orderly_stop_does_not_hang_on_it()
    {
        _server.Freeze();
        var tier = new RedisTier(new RedisPriceOptions { Endpoint = _server.Endpoint }, SignedPrices.Network, SignedPrices.Check(), TimeProvider.System);
        var cache = new PriceCache(null, tier, TimeProvider.System, NullLogger.Instance);
        (await cache.LoadSharedAsync()).ShouldBeEmpty();
        cache.Keep(_provider.Update(3, "BTC"));
        await cache.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        _server.Thaw();
    }

    [Fact]
    public async Task A_starting_node_finds_what_another_one_heard()
    {
        await using var other = new PriceCache(
            null,
            new RedisTier(new RedisPriceOptions { Endpoint = _server.Endpoint, Deadline = TimeSpan.FromSeconds(5) }, SignedPrices.Network, SignedPrices.Check(), TimeProvider.System),
            TimeProvider.System,
            NullLogger.Instance);
        (await other.LoadSharedAsync()).ShouldHaveSingleItem().Envelope.Signer.ShouldBe(_provider.Id);
    }

    /// <summary>Reads of what memory does not have: each has its limit, and after three the server is left alone.</summary>
    private async Task ReadsNeverWait(PriceCache? of = null)
    {
        var cache = of ?? _cache;
        var clock = TimeProvider.System;
        var took = new List<TimeSpan>();
        for (var read = 0; read < 40; read++)
        {
            var start = clock.GetTimestamp();
            (await cache.FindAsync(SignedPrices.Key($"MISSING{read}"))).Frames.ShouldBeEmpty();
            took.Add(clock.GetElapsedTime(start));
        }

        cache.Tiers[0].State.ShouldNotBe(TierState.Closed);
        took.Order().ElementAt(took.Count / 2).ShouldBeLessThan(TimeSpan.FromMilliseconds(20), "only the first ones, and a try after five seconds, ask the server");
        // Far more than the limit, which a unit test holds to the tick: the machine may be busy. Without a limit such a read never ends.
        took.Max().ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    private Task<int> Has(params string[] assets) => Has(_tier, assets);

    private static Task<int> Has(RedisTier tier, params string[] assets) => Eventually(
        async () =>
        {
            var found = 0;
            foreach (var asset in assets)
                found += (await tier.ReadAsync(SignedPrices.Key(asset), default)).Count;
            return found;
        },
        found => found == assets.Length);

    private Task<int> IsDrained(PriceCache? of = null) => Eventually(() => Task.FromResult((of ?? _cache).Tiers[0].Waiting), waiting => waiting == 0);

    /// <summary>A server that is back is tried when its five seconds are over, and given everything at once.</summary>
    private async Task IsDrainedSoon(PriceCache? of = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        await IsDrained(of);
        var took = TimeProvider.System.GetElapsedTime(start);
        _output.WriteLine($"All was written {took.TotalSeconds:0.0} s after the server was back");
        took.ShouldBeLessThan(TierBreaker.OpenTime + WriteBehind.FlushAfter + _busy);
    }

    private static async Task<T> Eventually<T>(Func<Task<T>> ask, Func<T, bool> isIt)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while (true)
        {
            try
            {
                if (await ask() is var answer && isIt(answer)) { return answer; }
            }
            catch (Exception error) when (error is not OperationCanceledException && !patience.IsCancellationRequested)
            {
                // Asked directly, a tier may fail; that is what the guard is for.
            }

            await Task.Delay(20, patience.Token);
        }
    }
}
