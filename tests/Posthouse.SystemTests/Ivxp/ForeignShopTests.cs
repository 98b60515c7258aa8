using System.Text.Json;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Ivxp;

/// <summary>
/// Our buyer at shops in JavaScript that know nothing of Posthouse, one for each dialect: their wallets and the checks of what we sign are viem's.
/// The shops are stand-ins, written after the shapes of the original providers.
/// </summary>
public sealed class ForeignShopTests : IDisposable
{
    /// <summary>Each lie in one dialect; the long run tells them in the others, too.</summary>
    public static TheoryData<string, string, string> Lies { get; } =
    [
        ("wire", "hash", "hash"), ("wire", "signer", "not signed by"), ("wire", "seller", "seller"), ("wire", "text", "signed something else"), ("flat", "order", "another order"),
        .. Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") == "1"
            ? new (string, string, string)[] { ("wire", "order", "another order"), ("workflow", "order", "another order"), ("python", "hash", "hash"), ("flat", "hash", "hash") }
            : [],
    ];

    private static readonly string Payment = "0x" + new string('a', 64);

    private readonly string _home = Directory.CreateTempSubdirectory("posthouse-foreign-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Theory]
    [InlineData("workflow", "Order: ID | Payment: TX | Timestamp: TIME", true)]
    [InlineData("wire", "IVXP-DELIVER | Order: ID | Payment: TX | Nonce: ", true)]
    [InlineData("flat", "Order: ID | Payment: TX | Timestamp: TIME", false)]
    [InlineData("python", "Order: ID | Payment: TX | Timestamp: TIME", false)]
    public async Task A_shop_of_each_dialect_sells_and_gets_its_receipt(string dialect, string text, bool takesReceipts)
    {
        await using var shop = await OpenAsync(dialect);
        string[] receipt = takesReceipts ? ["--rating", "5"] : [];
        var (exit, output, error) = await BuyAsync(shop.Url, receipt);

        (exit, error).ShouldBe((0, ""), shop.Program.Said);
        var bought = JsonDocument.Parse(output).RootElement;
        var content = bought.GetProperty("content");
        (content.ValueKind is JsonValueKind.String ? content.GetString()! : content.GetRawText()).ShouldContain("the whole result");
        bought.GetProperty("status").GetString().ShouldBe(takesReceipts ? "client_confirmed" : "delivered");
        var paid = JsonDocument.Parse(await shop.Program.SaysAsync("\"paid\"")).RootElement;
        paid.GetProperty("text").GetString().ShouldStartWith(text);
        (paid.GetProperty("transaction").GetString(), paid.GetProperty("input").GetString()).ShouldBe((Payment, "größe 🌍"));
        if (takesReceipts) { (await shop.Program.SaysAsync("\"confirmed\"")).ShouldContain("\"rating\":5"); }
    }

    /// <summary>The documented dialect can tell every lie there is; the flat one signs nothing and has its own way of telling two.</summary>
    [Theory]
    [MemberData(nameof(Lies))]
    public async Task What_a_liar_delivers_is_neither_shown_nor_kept_nor_confirmed(string dialect, string lie, string why)
    {
        await using var shop = await OpenAsync(dialect, lie);
        var (exit, output, error) = await BuyAsync(shop.Url, ["--confirm"]);

        (exit, output).ShouldBe((1, ""), error);
        error.ShouldContain(why);
        shop.Program.Said.ShouldContain("\"collected\"");
        shop.Program.Said.ShouldNotContain("\"confirmed\"");
        var known = JsonDocument.Parse((await PosthouseProcess.RunAsync(_home, ["order", "list", "--json"])).Output).RootElement[0];
        known.GetProperty("failure_code").GetString().ShouldBe("DELIVERY_UNTRUSTED");
        var download = await PosthouseProcess.RunAsync(_home, ["order", "download", known.GetProperty("order_id").GetString()!]);
        (download.Exit, download.Output).ShouldBe((1, ""));
    }

    [Fact]
    public async Task A_catalog_is_shown_without_a_wallet_and_without_a_store()
    {
        await using var shop = await OpenAsync("wire");
        var (exit, output, error) = await PosthouseProcess.RunAsync(_home, ["order", "catalog", "--provider", shop.Url]);

        (exit, error).ShouldBe((0, ""));
        output.ShouldContain("research");
        Directory.EnumerateFileSystemEntries(_home).ShouldBeEmpty();
    }

    private static async Task<Shop> OpenAsync(string dialect, string? lie = null)
    {
        string[] words = [Path.Combine("providers", dialect + ".mjs"), .. lie is null ? [] : new[] { lie }];
        var program = RunningProgram.Start("node", words, Scripts.Folder);
        return new Shop(program, (await program.SaysAsync("Serving "))["Serving ".Length..]);
    }

    private async Task<(int Exit, string Output, string Error)> BuyAsync(string shop, string[] more)
    {
        (await PosthouseProcess.RunAsync(_home, ["wallet", "new"])).Exit.ShouldBe(0);
        return await PosthouseProcess.RunAsync(
            _home, ["order", "buy", "research", "größe 🌍", "--provider", shop, "--tx", Payment, "--deadline", "00:00:40", "--json", .. more]);
    }

    private sealed record Shop(RunningProgram Program, string Url) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Program.DisposeAsync();
    }
}
