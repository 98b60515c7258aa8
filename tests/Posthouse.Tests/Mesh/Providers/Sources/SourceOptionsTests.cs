using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Providers.Sources;

public sealed class SourceOptionsTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Unless_told_otherwise_the_made_up_prices_are_played()
    {
        var fetch = await new SourceOptions().Open(null, null!, _time).FetchAsync([new AssetKey("BTC", "multi")], default);
        fetch.Prices.ShouldHaveSingleItem().Venue.ShouldBe("made-up");
    }

    [Fact]
    public async Task Faults_stand_before_the_source_that_is_named()
    {
        var source = new SourceOptions { Use = "coinbase", Faults = "429:5" }.Open(null, null!, _time);
        source.Name.ShouldBe("coinbase");
        (await source.FetchAsync([new AssetKey("BTC", "multi")], default)).Fault!.RetryAfter.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_key_comes_from_the_operator_or_from_the_place_that_is_named()
    {
        Should.Throw<PosthouseException>(() => new SourceOptions { Use = "coingecko" }.Open(null, null!, _time)).Message.ShouldContain("needs a key");
        new SourceOptions { Use = "coingecko", KeyVariable = "POSTHOUSE_TEST_NOT_SET" }.Open(SourceKey.Of("0123456789"), null!, _time).Name.ShouldBe("coingecko");
        Should.Throw<PosthouseException>(() => new SourceOptions { Use = "coingecko", KeyVariable = "POSTHOUSE_TEST_NOT_SET" }.Open(null, null!, _time))
            .Message.ShouldContain("POSTHOUSE_TEST_NOT_SET");
    }

    [Fact]
    public void A_source_that_is_not_known_is_refused_with_those_that_are() =>
        Should.Throw<PosthouseException>(() => new SourceOptions { Use = "oracle" }.Open(null, null!, _time)).Message.ShouldContain("birdeye-batch");
}
