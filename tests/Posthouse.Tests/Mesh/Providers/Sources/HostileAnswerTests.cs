using Microsoft.AspNetCore.Http;
using Posthouse.Mesh.Providers.Sources;
using static Posthouse.Tests.Mesh.Providers.Sources.VendorStage;

namespace Posthouse.Tests.Mesh.Providers.Sources;

/// <summary>Answers that no vendor should send: each is refused by name, and none moves a price.</summary>
public sealed class HostileAnswerTests
{
    private const string Good = "\"t\":1767225540";

    private static readonly SourceProfile _profile = new()
    {
        Name = "own",
        Address = "http://127.0.0.1",
        Request = "/prices?of={symbols}",
        Check = "/",
        BatchSize = 10,
        Item = "list[name={symbol}].now",
        Price = "p",
        Time = "t",
        TimeUnit = SourceTime.UnixSeconds,
        Change24h = "c",
        Symbol = "{asset}",
        MaxAnswerBytes = 4_096,
    };

    private static async Task<PriceFetch> FetchAsync(string body, SourceProfile? profile = null)
    {
        await using var stage = await StartAsync();
        stage.Server.Instead = context => context.Response.WriteAsync(body);
        return await stage.Source(profile ?? _profile).FetchAsync([Btc, Eth], default);
    }

    private static string With(string fields) => $$$"""{"list":[{"name":"ETH","now":{"p":3500.1,{{{Good}}}}},{"name":"BTC","now":{{{{fields}}}}}]}""";

    [Theory]
    [InlineData("\"p\":0," + Good, ReadingFlawKind.PriceNotPositive)]
    [InlineData("\"p\":-1," + Good, ReadingFlawKind.PriceNotPositive)]
    [InlineData("\"p\":-0.0," + Good, ReadingFlawKind.PriceNotPositive)]
    [InlineData("\"p\":null," + Good, ReadingFlawKind.Null)]
    [InlineData(Good, ReadingFlawKind.Absent)]
    [InlineData("\"p\":true," + Good, ReadingFlawKind.WrongType)]
    [InlineData("\"p\":[1]," + Good, ReadingFlawKind.WrongType)]
    [InlineData("\"p\":{\"usd\":1}," + Good, ReadingFlawKind.WrongType)]
    [InlineData("\"p\":\"NaN\"," + Good, ReadingFlawKind.PriceUnreadable)]
    [InlineData("\"p\":\"Infinity\"," + Good, ReadingFlawKind.PriceUnreadable)]
    [InlineData("\"p\":\"1,000.5\"," + Good, ReadingFlawKind.PriceUnreadable)]
    [InlineData("\"p\":\" 5\"," + Good, ReadingFlawKind.PriceUnreadable)]
    [InlineData("\"p\":\"\"," + Good, ReadingFlawKind.PriceUnreadable)]
    [InlineData("\"p\":\"\\u0035\"," + Good, ReadingFlawKind.PriceUnreadable)]
    [InlineData("\"p\":1e999999999999999999999," + Good, ReadingFlawKind.PriceOutOfRange)]
    [InlineData("\"p\":1e-999999999999999999999," + Good, ReadingFlawKind.PriceOutOfRange)]
    [InlineData("\"p\":1e19," + Good, ReadingFlawKind.PriceOutOfRange)]
    [InlineData("\"p\":79228162514264337593543950336," + Good, ReadingFlawKind.PriceOutOfRange)]
    [InlineData("\"p\":5", ReadingFlawKind.TimeMissing)]
    [InlineData("\"p\":5,\"t\":null", ReadingFlawKind.TimeMissing)]
    [InlineData("\"p\":5,\"t\":0", ReadingFlawKind.TimeUnreadable)]
    [InlineData("\"p\":5,\"t\":\"soon\"", ReadingFlawKind.TimeUnreadable)]
    [InlineData("\"p\":5,\"t\":1e300", ReadingFlawKind.TimeUnreadable)]
    [InlineData("\"p\":5,\"t\":79228162514264337593543950335", ReadingFlawKind.TimeUnreadable)]
    [InlineData("\"p\":5,\"t\":1767225602", ReadingFlawKind.TimeAhead)]
    [InlineData("\"p\":5,\"t\":1767139199", ReadingFlawKind.TimeTooOld)]
    public async Task A_bad_reading_is_left_out_by_name_and_the_good_one_stays(string fields, ReadingFlawKind flaw)
    {
        var fetch = await FetchAsync(With(fields));
        fetch.Fault.ShouldBeNull();
        fetch.Flaws.ShouldBe([new(Btc, flaw)]);
        var good = fetch.Prices.ShouldHaveSingleItem();
        (good.Key, good.Price, good.ObservedAt).ShouldBe((Eth, 3500.1m, DateTimeOffset.FromUnixTimeSeconds(1767225540)));
    }

    [Theory]
    [InlineData("\"p\":1.2e-7,\"t\":1767225601", "0.00000012")]
    [InlineData("\"p\":\"0.10\",\"t\":1767139200", "0.10")]
    [InlineData("\"p\":123456789012345678.0123456789," + Good, "123456789012345678.0123456789")]
    [InlineData("\"p\":5,\"p\":9999," + Good, "5")]
    public async Task A_price_is_what_the_source_wrote(string fields, string price) =>
        (await FetchAsync(With(fields))).Prices[0].Price.ToString(System.Globalization.CultureInfo.InvariantCulture).ShouldBe(price);

    [Theory]
    [InlineData("\"a lot\"", null, true)]
    [InlineData("-100.01", null, true)]
    [InlineData("1e30", null, true)]
    [InlineData("null", null, false)]
    [InlineData("-100", "-100", false)]
    public async Task A_change_that_is_none_costs_the_change_alone(string written, string? change, bool isFlaw)
    {
        var fetch = await FetchAsync(With($"\"p\":5,\"c\":{written},{Good}"));
        fetch.Prices.Count.ShouldBe(2);
        (fetch.Prices[0].Change24h?.ToString(System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(change);
        fetch.Flaws.Select(flaw => flaw.Kind).ShouldBe(isFlaw ? [ReadingFlawKind.ChangeUnusable] : []);
    }

    [Theory]
    [InlineData("", SourceFaultKind.NotJson)]
    [InlineData("{\"list\":[", SourceFaultKind.NotJson)]
    [InlineData("{\"list\":[]}x", SourceFaultKind.NotJson)]
    [InlineData("{\"list\":[NaN]}", SourceFaultKind.NotJson)]
    [InlineData("{\"list\":[{\"name\":\"\\ud800\"}]}", SourceFaultKind.NotJson)]
    [InlineData("[]", SourceFaultKind.WrongShape)]
    [InlineData("null", SourceFaultKind.WrongShape)]
    [InlineData("\"list\"", SourceFaultKind.WrongShape)]
    [InlineData("{\"list\":{\"BTC\":1}}", SourceFaultKind.WrongShape)]
    public async Task An_answer_of_no_use_is_a_fault(string body, SourceFaultKind kind)
    {
        var fetch = await FetchAsync(body);
        (fetch.Fault?.Kind, fetch.Prices.Count, fetch.Flaws.Count).ShouldBe((kind, 0, 2));
    }

    [Fact]
    public async Task Deep_nesting_is_no_json_that_is_read()
    {
        (await FetchAsync($"{{\"x\":{new string('[', 200)}{new string(']', 200)},\"list\":[]}}")).Fault!.Kind.ShouldBe(SourceFaultKind.NotJson);
        (await FetchAsync(new string('[', 4_000))).Fault!.Kind.ShouldBe(SourceFaultKind.NotJson);
    }

    [Fact]
    public async Task A_byte_order_mark_and_white_space_around_an_answer_do_no_harm()
    {
        var profile = _profile with { BatchSize = 1, Item = "" };
        (await FetchAsync($"\uFEFF \r\n{{\"p\":5,{Good}}}\n", profile)).Prices.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_answer_that_is_too_long_is_not_read() =>
        (await FetchAsync(With($"\"p\":5,{Good},\"x\":\"{new string('x', 5_000)}\""))).Fault!.Kind.ShouldBe(SourceFaultKind.TooLarge);

    [Theory]
    [InlineData("[null,5,\"BTC\",{},{\"name\":null},{\"name\":[\"BTC\"]},{\"name\":\"BTC\"}]", ReadingFlawKind.Absent)]
    [InlineData("[{\"name\":\"BTC\",\"now\":null}]", ReadingFlawKind.Null)]
    [InlineData("[{\"name\":\"BTC\",\"now\":5}]", ReadingFlawKind.WrongType)]
    public async Task Elements_that_are_something_else_are_passed_over(string list, ReadingFlawKind flaw) =>
        (await FetchAsync($$"""{"list":{{list}}}""")).Flaws.ShouldContain(new ReadingFlaw(Btc, flaw));

    [Theory]
    [InlineData("\"2026-01-01T00:00:00.0009Z\"", null)]
    [InlineData("\"2026-01-01T01:00:00+01:00\"", null)]
    [InlineData("\"2026-01-01T00:00:00\"", ReadingFlawKind.TimeUnreadable)]
    [InlineData("\"2026-01-01\"", ReadingFlawKind.TimeUnreadable)]
    [InlineData("\"2026-13-01T00:00:00Z\"", ReadingFlawKind.TimeUnreadable)]
    [InlineData("1767225600", ReadingFlawKind.TimeUnreadable)]
    [InlineData("null", ReadingFlawKind.TimeMissing)]
    public async Task A_time_of_iso_8601_has_its_offset_and_ends_at_milliseconds(string written, ReadingFlawKind? flaw)
    {
        var fetch = await FetchAsync(With($"\"p\":5,\"t\":{written}").Replace("\"t\":1767225540", "\"t\":\"2026-01-01T00:00:00Z\"", StringComparison.Ordinal),
            _profile with { TimeUnit = SourceTime.Iso8601 });
        fetch.Flaws.Select(found => (ReadingFlawKind?)found.Kind).ShouldBe(flaw is null ? [] : [flaw]);
        fetch.Prices.ShouldAllBe(price => price.ObservedAt == new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }
}
