using System.Text;
using Posthouse.Mesh.Providers.Sources;

namespace Posthouse.Tests.Mesh.Providers.Sources;

public sealed class JsonPathTests
{
    [Theory]
    [InlineData("a", "1")]
    [InlineData("b.c", "[10,{\"d\":\"x\"},{\"d\":\"y\",\"e\":2}]")]
    [InlineData("b.c[0]", "10")]
    [InlineData("b.c[1].d", "\"x\"")]
    [InlineData("b.c[d=y].e", "2")]
    [InlineData("", "{ \"a\": 1, \"b\": {\"c\": [10,{\"d\":\"x\"},{\"d\":\"y\",\"e\":2}]} }")]
    [InlineData("a.b", null)]
    [InlineData("b.c[3]", null)]
    [InlineData("b.c[d=z]", null)]
    [InlineData("b[0]", null)]
    public void A_path_leads_to_the_bytes_that_were_written(string path, string? value)
    {
        var json = "{ \"a\": 1, \"b\": {\"c\": [10,{\"d\":\"x\"},{\"d\":\"y\",\"e\":2}]} }"u8;
        var found = JsonWalk.TryFind(json, JsonPath.TryParse(path, false)!.Steps, out var bytes);
        (found ? Encoding.UTF8.GetString(bytes) : null).ShouldBe(value);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("a.")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData("a[")]
    [InlineData("a]")]
    [InlineData("a[]")]
    [InlineData("a[-1]")]
    [InlineData("a[=x]")]
    [InlineData("a[0]b")]
    [InlineData("a.[0]")]
    [InlineData("{symbol}.{symbol}")]
    [InlineData("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a")]
    public void What_is_no_path_is_none(string path) => JsonPath.TryParse(path, true).ShouldBeNull();

    [Fact]
    public void A_symbol_may_stand_only_where_assets_differ() => JsonPath.TryParse("{symbol}.usd", false).ShouldBeNull();

    [Theory]
    [InlineData("data.{symbol}", "{\"data\":{\"X\":0,\"B\\u0054C\":{\"p\":1},\"BTC\":2}}", "{\"p\":1}")]
    [InlineData("data.{symbol}[0]", "{\"data\":{\"BTC\":[7,8]}}", "7")]
    [InlineData("data.{symbol}[0]", "{\"data\":{\"BTC\":[]}}", null)]
    [InlineData("data[id={symbol}].q", "{\"data\":[{\"id\":\"X\",\"q\":1},{\"id\":\"BTC\",\"q\":3}]}", "3")]
    [InlineData("[id={symbol}]", "[{\"id\":\"BTC\"}]", "{\"id\":\"BTC\"}")]
    public void Each_assets_own_value_is_found_in_one_pass(string path, string json, string? value)
    {
        var wanted = new Dictionary<string, Range?> { ["BTC"] = null };
        var bytes = Encoding.UTF8.GetBytes(json);
        JsonWalk.TryIndex(bytes, JsonPath.TryParse(path, true)!, wanted).ShouldBeTrue();
        (wanted["BTC"] is { } spot ? Encoding.UTF8.GetString(bytes.AsSpan()[spot]) : null).ShouldBe(value);
    }
}
