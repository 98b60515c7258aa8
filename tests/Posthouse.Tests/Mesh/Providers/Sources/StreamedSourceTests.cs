using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Providers.Sources;

public sealed class StreamedSourceTests : IAsyncDisposable, IPriceStream
{
    private readonly ManualTimeProvider _time = new(OneNode.Noon);
    private readonly List<PriceFetch> _published = [];
    private readonly StreamedSource _source;
    private TaskCompletionSource<SourceFault> _ends = new();
    private Action<PriceFetch> _say = null!;
    private int _connections;

    public StreamedSourceTests() => _source = new StreamedSource(this, [OneNode.Btc], _published.Add, _time);

    string IPriceStream.Name => "scripted";

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task What_it_says_is_published_and_a_fetch_gives_the_newest()
    {
        (await _source.FetchAsync([OneNode.Btc], default)).Fault!.Kind.ShouldBe(SourceFaultKind.Silent);
        Say(100);
        Say(101);
        _published.Select(fetch => fetch.Prices[0].Price).ShouldBe([100m, 101m]);
        (await _source.FetchAsync([OneNode.Btc], default)).Prices.ShouldHaveSingleItem().Price.ShouldBe(101);
        (await _source.CheckAsync(default)).ShouldBeNull();
        var other = await _source.FetchAsync([OneNode.Btc, new AssetKey("ETH", AssetKey.AnyChain)], default);
        other.Flaws.ShouldHaveSingleItem().Key.Asset.ShouldBe("ETH");
        (await _source.FetchAsync([new AssetKey("ETH", AssetKey.AnyChain)], default)).Fault.ShouldBeNull("the stream works, and has nothing of this asset");
    }

    [Fact]
    public async Task A_stream_that_broke_is_no_source_until_it_speaks_again()
    {
        Say(100);
        _ends.SetResult(new SourceFault(SourceFaultKind.NotReached, "gone"));
        (await _source.FetchAsync([OneNode.Btc], default)).Fault!.Kind.ShouldBe(SourceFaultKind.NotReached);
        _ends = new();
        _time.Advance(TimeSpan.FromSeconds(1));
        Say(101);
        (await _source.FetchAsync([OneNode.Btc], default)).Prices.ShouldHaveSingleItem().Price.ShouldBe(101);
    }

    [Fact]
    public async Task A_connection_that_ends_is_made_again_later_and_later()
    {
        for (var (wait, connections) = (1, 1); wait <= 4; wait *= 2)
        {
            _ends.SetResult(new SourceFault(SourceFaultKind.NotReached, "gone"));
            _time.Advance(TimeSpan.FromSeconds(wait - 0.5));
            _connections.ShouldBe(connections);
            _ends = new();
            _time.Advance(TimeSpan.FromSeconds(0.5));
            _connections.ShouldBe(++connections);
        }

        (await _source.FetchAsync([OneNode.Btc], default)).Fault!.Kind.ShouldBe(SourceFaultKind.NotReached);
    }

    [Fact]
    public async Task A_check_waits_for_the_first_price_and_no_longer()
    {
        var spoken = _source.CheckAsync(default);
        Say(100);
        (await spoken).ShouldBeNull();
        await using var silent = new StreamedSource(this, [OneNode.Btc], _published.Add, _time);
        var waits = silent.CheckAsync(default);
        _time.Advance(TimeSpan.FromSeconds(10));
        (await waits)!.Kind.ShouldBe(SourceFaultKind.Silent);
    }

    async Task<SourceFault> IPriceStream.RunAsync(IReadOnlyList<AssetKey> assets, Action<PriceFetch> publish, CancellationToken cancellationToken)
    {
        (_say, _connections) = (publish, _connections + 1);
        return await _ends.Task.WaitAsync(cancellationToken);
    }

    private void Say(decimal price) => _say(new PriceFetch([new PriceReading(OneNode.Btc, price, _time.GetUtcNow())], []));
}
