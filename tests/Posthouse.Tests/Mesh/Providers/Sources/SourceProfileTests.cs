using System.Text;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Providers.Sources;

public sealed class SourceProfileTests
{
    private static SourceProfile Parse(string json) => SourceProfileFile.Parse(Encoding.UTF8.GetBytes(json), "own.json");

    [Fact]
    public void A_profile_is_written_as_json_with_comments()
    {
        var profile = Parse("""
            {
              // our own desk
              "name": "desk", "address": "https://desk.example/api", "request": "/p?s={symbols}", "check": "/ping",
              "headers": { "Authorization": "Bearer {key}" }, "batchSize": 50, "item": "rows[s={symbol}]", "price": "v", "time": "t",
              "timeUnit": "UnixMilliseconds", "symbols": { "BTC": "xbt", "USDC@base": "0xabc" }, "errorCode": "err",
              "errors": { "7": { "kind": "Throttled", "wait": "00:00:09" } }, "quota": { "perMinute": 10, "perCall": 2 }, "timeout": "00:00:02",
            }
            """);
        (profile.Name, profile.BatchSize, profile.TimeUnit, profile.Timeout, profile.FetchTimeout).ShouldBe(
            ("desk", 50, SourceTime.UnixMilliseconds, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(15)));
        profile.Errors["7"].ShouldBe(new VendorMeaning(SourceFaultKind.Throttled, TimeSpan.FromSeconds(9)));
        profile.Quota.ShouldBe(new SourceQuota { PerMinute = 10, PerCall = 2 });
        var plan = new ProfilePlan(profile);
        plan.AddressOf(plan.Calls([new("BTC", "multi"), new("USDC", "base")], [])[0]).ShouldBe(new Uri("https://desk.example/api/p?s=xbt,0xabc"));
        plan.HeadersOf(null, SourceKey.Of("0123456789")).ShouldContain(new KeyValuePair<string, string>("Authorization", "Bearer 0123456789"));
    }

    [Fact]
    public void A_profile_may_change_a_built_in_one()
    {
        var profile = Parse("""{ "base": "coingecko", "name": "gecko-pro", "address": "https://pro-api.coingecko.com", "headers": { "x-cg-pro-api-key": "{key}" } }""");
        profile.Headers.Keys.ShouldBe(["x-cg-pro-api-key"]);
        profile.ShouldBe(SourceProfiles.CoinGecko with { Name = "gecko-pro", Address = "https://pro-api.coingecko.com", Headers = profile.Headers });
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("null", "null")]
    [InlineData("""{ "base": "nobody" }""", "nobody")]
    [InlineData("""{ "base": "coingecko", "prize": "x" }""", "prize")]
    [InlineData("""{ "name": "x" }""", "address")]
    [InlineData("""{ "base": "coingecko", "name": "Two Words" }""", "name")]
    [InlineData("""{ "base": "coingecko", "address": "http://api.coingecko.com" }""", "https")]
    [InlineData("""{ "base": "coingecko", "address": "https://user:pw@host" }""", "address")]
    [InlineData("""{ "base": "coingecko", "request": "/p?ids={symbols}&k={key}" }""", "{key}")]
    [InlineData("""{ "base": "coingecko", "request": "/p" }""", "{symbols}")]
    [InlineData("""{ "base": "coingecko", "headers": { "Content-Type": "text/plain" } }""", "headers")]
    [InlineData("""{ "base": "coingecko", "headers": { "X": "a\r\nY: b" } }""", "headers")]
    [InlineData("""{ "base": "coingecko", "item": "all" }""", "item")]
    [InlineData("""{ "base": "coingecko", "price": "a..b" }""", "price")]
    [InlineData("""{ "base": "coingecko", "time": "" }""", "time")]
    [InlineData("""{ "base": "coingecko", "open24h": "o" }""", "open24h")]
    [InlineData("""{ "base": "coingecko", "batchSize": 513 }""", "batchSize")]
    [InlineData("""{ "base": "coingecko", "timeout": "00:00:00" }""", "timeout")]
    [InlineData("""{ "base": "coingecko", "maxAnswerBytes": 1 }""", "maxAnswerBytes")]
    [InlineData("""{ "base": "coingecko", "symbols": { "lower": "x" } }""", "symbols")]
    public void A_profile_that_cannot_work_is_refused_by_the_member_that_is_wrong(string json, string member)
    {
        var refused = Should.Throw<PosthouseException>(() => Parse(json));
        refused.Code.ShouldBe(ErrorCodes.OptionsInvalid);
        refused.Message.ShouldContain(member);
    }

    [Fact]
    public void A_profile_that_needs_a_key_is_no_source_without_one() =>
        Should.Throw<PosthouseException>(() => new HttpJsonSource(SourceProfiles.CoinGecko, null, null!, TimeProvider.System)).Message.ShouldContain("coingecko");

    [Theory]
    [InlineData("coinbase", "BTC", "multi", "BTC-USD")]
    [InlineData("coinbase", "BTC", "base", null)]
    [InlineData("coingecko", "BTC", "multi", "bitcoin")]
    [InlineData("coingecko", "NOPE", "multi", null)]
    [InlineData("birdeye", "SOL", "multi", null)]
    [InlineData("birdeye", "SOL", "solana", "So11111111111111111111111111111111111111112")]
    public void Assets_have_the_vendors_symbols(string profile, string asset, string chain, string? symbol) =>
        new ProfilePlan(SourceProfiles.Find(profile)!).SymbolOf(new AssetKey(asset, chain)).ShouldBe(symbol);

    [Fact]
    public void A_call_is_no_longer_than_servers_take()
    {
        var assets = Enumerable.Range(0, 200).Select(at => new AssetKey($"A{at}", "multi")).ToArray();
        var symbols = assets.ToDictionary(key => key.Asset, key => new string('x', 100) + key.Asset);
        var plan = new ProfilePlan(SourceProfiles.CoinGecko with { Symbols = symbols });
        var calls = plan.Calls(assets, []);
        calls.Sum(call => call.Assets.Count).ShouldBe(200);
        calls.ShouldAllBe(call => plan.AddressOf(call).AbsoluteUri.Length < 8_000);
    }

    [Fact]
    public void Every_built_in_profile_works_as_it_stands() => SourceProfiles.All.ShouldAllBe(profile => new ProfilePlan(profile).Profile == profile);
}
