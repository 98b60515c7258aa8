using System.Text.Json;
using Posthouse.Tests.Cli.Hosting;

namespace Posthouse.Tests.Cli.Commands;

public sealed class PricesCommandTests
{
    [Theory]
    [InlineData("prices BTC,BONK")]
    [InlineData("prices btc bonk@SOLANA")]
    [InlineData("prices")]
    public async Task Assets_are_named_one_by_one_or_with_commas(string line)
    {
        await using var served = await (await ServedMesh.StartAsync("Mesh:Provide=true")).WithPricesAsync();
        var (exit, output, error) = await served.RunAsync(line);
        (exit, error).ShouldBe((0, ""));
        output.ShouldContain("BTC");
        output.ShouldContain("BONK@solana");
    }

    [Fact]
    public async Task Of_what_nobody_told_that_is_said_and_the_rest_is_shown()
    {
        await using var served = await (await ServedMesh.StartAsync("Mesh:Provide=true")).WithPricesAsync();
        var (exit, output, error) = await served.RunAsync("prices NOPE,BTC");
        (exit, error).ShouldBe((1, "No price is known of NOPE.\n"));
        output.ShouldContain("BTC");
        output.ShouldNotContain("BONK");
    }

    [Fact]
    public async Task Who_watches_where_no_price_is_known_yet_hears_that()
    {
        await using var served = await ServedMesh.StartAsync();
        using var enough = new CancellationTokenSource();
        var (lines, error) = (new SpokenLines(), new StringWriter());
        var watching = served.StartVerb("prices --watch --json", lines, error, enough.Token);
        await lines.NextAsync();
        await enough.CancelAsync();
        await watching;
        error.ToString().ShouldBe("No prices are known here yet; they are shown as they come.\n");
    }

    [Fact]
    public async Task Who_watches_one_asset_gets_that_one_and_hears_of_what_nobody_told()
    {
        await using var served = await (await ServedMesh.StartAsync("Mesh:Provide=true")).WithPricesAsync();
        using var enough = new CancellationTokenSource();
        var (lines, error) = (new SpokenLines(), new StringWriter());
        var watching = served.StartVerb("prices --watch --json BTC NOPE", lines, error, enough.Token);
        var first = JsonDocument.Parse(await lines.NextAsync()).RootElement;
        await enough.CancelAsync();
        (await watching).ShouldBe(130);
        first.GetProperty("type").GetString().ShouldBe("PriceMeshInitial");
        first.GetProperty("data").EnumerateObject().ShouldHaveSingleItem().Name.ShouldBe("BTC");
        first.GetProperty("status").GetProperty("state").GetString().ShouldNotBeNull();
        error.ToString().ShouldContain("No price is known of NOPE yet");
    }
}
