using Microsoft.AspNetCore.Http;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;
using static Posthouse.Tests.Mesh.Providers.Sources.VendorStage;

namespace Posthouse.Tests.Mesh.Providers.Sources;

/// <summary>Every profile against a stand-in that serves its vendor's documented shape.</summary>
public sealed class VendorContractTests
{
    public static TheoryData<string> Profiles => [.. SourceProfiles.All.Select(profile => profile.Name)];

    public static TheoryData<string> WithKeys => [.. SourceProfiles.All.Where(profile => profile.Name != "coinbase").Select(profile => profile.Name)];

    private static SourceProfile Of(string name) => SourceProfiles.Find(name)!;

    private static AssetKey[] AssetsOf(string name) => name.StartsWith("birdeye", StringComparison.Ordinal) ? [Sol, Bonk] : [Eth, Btc];

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task A_profile_reads_price_time_and_change_as_its_vendor_writes_them(string name)
    {
        await using var stage = await StartAsync();
        var fetch = await stage.Source(Of(name)).FetchAsync(AssetsOf(name), default);
        fetch.Fault.ShouldBeNull();
        fetch.Flaws.ShouldBeEmpty();
        var file = ReplayFile.Parse(Csv, "test");
        fetch.Prices.ShouldBe(AssetsOf(name).Order().Select(key => file.At(key, file.Last)!.Value.Reading with
        {
            Venue = name,
            Change24h = name == "coinbase" ? null : file.At(key, file.Last)!.Value.Reading.Change24h,
        }));
        fetch.Cost.ShouldBe(Of(name).BatchSize == 1 ? 2 : 1);
        stage.Server.Requests.Count.ShouldBe(fetch.Cost);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task An_asset_that_the_vendor_does_not_know_takes_nothing_from_the_others(string name)
    {
        await using var stage = await StartAsync();
        var known = AssetsOf(name)[0];
        var unknown = new AssetKey("NOPE", known.Chain);
        var symbols = new Dictionary<string, string>(Of(name).Symbols) { [unknown.ToString()] = name == "coinbase" ? "NOPE-USD" : "NOPE" };
        var fetch = await stage.Source(Of(name) with { Symbols = symbols }).FetchAsync([unknown, known], default);
        fetch.Prices.ShouldHaveSingleItem().Key.ShouldBe(known);
        fetch.Flaws.ShouldHaveSingleItem().ShouldBe(new ReadingFlaw(unknown, name switch
        {
            "coinbase" => ReadingFlawKind.Unanswered,
            "birdeye" or "birdeye-batch" => ReadingFlawKind.Null,
            _ => ReadingFlawKind.Absent,
        }));
        (fetch.Fault?.Kind).ShouldBe(name == "coinbase" ? SourceFaultKind.Refused : null);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task The_cheapest_call_takes_a_good_key(string name)
    {
        await using var stage = await StartAsync();
        (await stage.Source(Of(name)).CheckAsync(default)).ShouldBeNull();
        stage.Server.Requests.ShouldHaveSingleItem().Path.ShouldBe(Of(name).Check);
    }

    [Fact]
    public async Task A_page_that_answers_everything_with_200_takes_no_key()
    {
        await using var stage = await StartAsync();
        stage.Server.Instead = context => context.Response.WriteAsync("<html>Please log in to the hotel's network</html>");
        (await stage.Source(SourceProfiles.CoinGecko).CheckAsync(default))!.Kind.ShouldBe(SourceFaultKind.NotJson);
    }

    [Fact]
    public async Task All_calls_of_a_fetch_have_one_limit_together()
    {
        await using var stage = await StartAsync();
        stage.Server.Instead = context =>
        {
            stage.Time.Advance(TimeSpan.FromSeconds(4));
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        };
        AssetKey[] assets = [Btc, Eth, new("A", "multi"), new("B", "multi"), new("C", "multi"), new("D", "multi")];
        var fetch = await stage.Source(SourceProfiles.CoinbaseExchange).FetchAsync(assets, default);
        (stage.Server.Requests.Count, fetch.Cost, fetch.Flaws.Count).ShouldBe((4, 4, 6));
    }

    [Theory]
    [MemberData(nameof(WithKeys))]
    public async Task A_wrong_key_is_refused_and_repeated_nowhere(string name)
    {
        const string Wrong = "wrong-but-secret-key";
        await using var stage = await StartAsync();
        var source = stage.Source(Of(name), Wrong);
        var fault = (await source.CheckAsync(default)).ShouldNotBeNull();
        fault.Kind.ShouldBe(SourceFaultKind.KeyRefused);
        fault.IsFinal.ShouldBeTrue();
        var fetch = await source.FetchAsync(AssetsOf(name), default);
        (fetch.IsFailure, fetch.Fault!.Kind, fetch.Cost).ShouldBe((true, SourceFaultKind.KeyRefused, 1));
        $"{fault} {fetch} {fetch.Fault} {source} {source.Name}".ShouldNotContain(Wrong);
        fault.Detail.ShouldContain("***");
    }

    [Theory]
    [InlineData("429:60", SourceFaultKind.Throttled, 60)]
    [InlineData("503:7", SourceFaultKind.Throttled, 7)]
    [InlineData("500", SourceFaultKind.ServerFailed, null)]
    [InlineData("402", SourceFaultKind.KeyRefused, null)]
    [InlineData("garbage", SourceFaultKind.NotJson, null)]
    public async Task A_failing_vendor_is_named_for_every_profile(string fault, SourceFaultKind kind, int? wait)
    {
        await using var stage = await StartAsync($"{Csv}\n2025-12-31T23:59:30Z,,,,,{fault}");
        foreach (var profile in SourceProfiles.All)
        {
            var fetch = await stage.Source(profile).FetchAsync(AssetsOf(profile.Name), default);
            (fetch.Prices.Count, fetch.Fault!.Kind, fetch.Fault.RetryAfter?.TotalSeconds).ShouldBe((0, kind, wait), profile.Name);
            fetch.Flaws.Select(flaw => flaw.Kind).Distinct().ShouldBe([ReadingFlawKind.Unanswered]);
            fetch.Cost.ShouldBe(profile.BatchSize == 1 && fault == "garbage" ? 2 : 1, profile.Name);
        }
    }

    [Fact]
    public async Task A_vendor_that_does_not_answer_is_left_at_the_limit()
    {
        await using var stage = await StartAsync($"{Csv}\n2025-12-31T23:59:30Z,,,,,timeout");
        var fetching = stage.Source(SourceProfiles.CoinGecko).FetchAsync([Btc], default);
        await stage.Server.Hanging.Task;
        stage.Time.Advance(TimeSpan.FromSeconds(4.9));
        fetching.IsCompleted.ShouldBeFalse();
        stage.Time.Advance(TimeSpan.FromSeconds(0.1));
        (await fetching).Fault!.Kind.ShouldBe(SourceFaultKind.TimedOut);
    }

    [Fact]
    public async Task A_cancelled_fetch_is_no_fault()
    {
        await using var stage = await StartAsync($"{Csv}\n2025-12-31T23:59:30Z,,,,,timeout");
        using var stop = new CancellationTokenSource();
        var fetching = stage.Source(SourceProfiles.CoinGecko).FetchAsync([Btc], stop.Token);
        await stage.Server.Hanging.Task;
        stop.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(fetching);
    }

    [Fact]
    public async Task A_vendor_that_is_not_there_is_not_reached()
    {
        var stage = await StartAsync();
        var source = stage.Source(SourceProfiles.CoinGecko);
        await stage.Server.DisposeAsync();
        (await source.FetchAsync([Btc], default)).Fault!.Kind.ShouldBe(SourceFaultKind.NotReached);
        await stage.DisposeAsync();
    }

    [Theory]
    [InlineData(1001, SourceFaultKind.KeyRefused, null)]
    [InlineData(1002, SourceFaultKind.KeyRefused, null)]
    [InlineData(1003, SourceFaultKind.KeyRefused, null)]
    [InlineData(1004, SourceFaultKind.KeyRefused, null)]
    [InlineData(1005, SourceFaultKind.KeyRefused, null)]
    [InlineData(1006, SourceFaultKind.KeyRefused, null)]
    [InlineData(1007, SourceFaultKind.KeyRefused, null)]
    [InlineData(1008, SourceFaultKind.Throttled, 60)]
    [InlineData(1009, SourceFaultKind.DaySpent, null)]
    [InlineData(1010, SourceFaultKind.MonthSpent, null)]
    [InlineData(1011, SourceFaultKind.Throttled, 60)]
    [InlineData(4999, SourceFaultKind.Refused, null)]
    public async Task A_code_of_coin_market_cap_counts_whatever_the_status(int code, SourceFaultKind kind, int? wait)
    {
        await using var stage = await StartAsync();
        foreach (var status in new[] { 200, 400 })
        {
            stage.Server.Instead = context =>
            {
                context.Response.StatusCode = status;
                return context.Response.WriteAsync($$"""{"status":{"error_code":{{code}},"error_message":"no"},"data":{"BTC":{"quote":{"USD":{"price":1,"last_updated":"2025-12-31T23:59:59Z"} } } } }""");
            };
            var fault = (await stage.Source(SourceProfiles.CoinMarketCapV1).FetchAsync([Btc], default)).Fault!;
            (fault.Kind, fault.RetryAfter?.TotalSeconds, fault.VendorCode, fault.Status).ShouldBe((kind, wait, $"{code}", status));
        }
    }

    [Fact]
    public async Task A_refusal_of_birdeye_with_status_200_is_one()
    {
        await using var stage = await StartAsync();
        stage.Server.Instead = context => context.Response.WriteAsync("""{"success":false,"message":"Too much"}""");
        var fetch = await stage.Source(SourceProfiles.BirdeyeBatch).FetchAsync([Sol], default);
        (fetch.Fault!.Kind, fetch.Fault.Detail).ShouldBe((SourceFaultKind.Refused, "The source refused with false: Too much"));
    }

    [Fact]
    public async Task Calls_hold_as_many_assets_as_the_vendor_takes_and_stop_at_the_first_throttling()
    {
        await using var stage = await StartAsync();
        var source = stage.Source(SourceProfiles.CoinMarketCapV1 with { BatchSize = 1 });
        (await source.FetchAsync([Btc, Eth, Btc], default)).Prices.Select(price => price.Key).ShouldBe([Btc, Eth]);
        stage.Server.Requests.Select(request => request.Path[^3..]).ShouldBe(["BTC", "ETH"]);

        stage.Server.Requests.Clear();
        stage.Server.Instead = context =>
        {
            context.Response.StatusCode = 429;
            return Task.CompletedTask;
        };
        var refused = await source.FetchAsync([Btc, Eth], default);
        stage.Server.Requests.Count.ShouldBe(1);
        refused.Flaws.ShouldBe([new(Btc, ReadingFlawKind.Unanswered), new(Eth, ReadingFlawKind.Unanswered)]);
    }

    [Fact]
    public async Task Birdeye_is_asked_chain_by_chain()
    {
        await using var stage = await StartAsync();
        var other = new AssetKey("USDC", "base");
        var profile = SourceProfiles.BirdeyeBatch with { Symbols = new Dictionary<string, string>(SourceProfiles.Birdeye.Symbols) { ["USDC@base"] = "0xabc" } };
        await stage.Source(profile).FetchAsync([Sol, other, Bonk, Btc], default);
        stage.Server.Requests.Select(request => request.Chain).ShouldBe(["solana", "base"]);
        stage.Server.Requests[0].Path.Split(',').Length.ShouldBe(2);
    }
}
