using System.Net.Http.Json;
using System.Text.Json;
using Posthouse.Ivxp.Client;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Ivxp;

/// <summary><c>posthouse order buy</c> dies at each of its steps; another process goes on, and the order is paid once.</summary>
public sealed class BuyerCrashTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-crash-").FullName;

    private string Pocket => Path.Combine(_folder, "pocket");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Dying_at_any_step_of_a_purchase_pays_once_and_ends_with_the_result()
    {
        using var server = Start("serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"));
        var url = (await server.LineAsync())["Serving ".Length..];
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        var blocks = await BlocksAsync(http);
        foreach (var point in new[] { PurchaseCrashAt.Quoted, PurchaseCrashAt.AboutToSend, PurchaseCrashAt.Sent, PurchaseCrashAt.Proved, PurchaseCrashAt.Seen, PurchaseCrashAt.Fetched })
        {
            using (var victim = PosthouseProcess.Start($"{(int)point}", ["order", "buy", "text_echo", $"{point}", "--provider", url], Pocket))
                (await victim.ExitAsync()).ShouldBe(PosthouseProcess.Killed, $"it did not come to {point}");
            var purchase = await NewestAsync();

            var (exit, output, error) = await RunAsync("order", "resume", purchase, "--provider", url, "--json");
            if (point is PurchaseCrashAt.AboutToSend or PurchaseCrashAt.Sent)
            {
                // Whether money moved is not known here, and so nothing is paid by itself.
                (exit, error.Contains("--tx", StringComparison.Ordinal)).ShouldBe((11, true), error);
                var transaction = point is PurchaseCrashAt.Sent ? await NewestPaymentAsync(http) : await PayAsync(http, url);
                (exit, output, error) = await RunAsync("order", "resume", purchase, "--tx", transaction, "--json");
            }

            (exit, error).ShouldBe((0, ""), $"{point}");
            JsonDocument.Parse(output).RootElement.GetProperty("content").GetProperty("text").GetString().ShouldBe($"{point}");
            (await BlocksAsync(http)).ShouldBe(++blocks, $"{point}: one payment");
        }

        server.AskToEnd();
        await server.ExitAsync();
    }

    [Fact]
    public async Task A_purchase_begun_while_the_provider_is_away_stays_queued_and_a_sync_brings_it_home()
    {
        using var server = Start("serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"));
        var url = (await server.LineAsync())["Serving ".Length..];
        (await RunAsync("order", "quote", "text_echo", "first", "--provider", url)).Exit.ShouldBe(0);
        server.AskToEnd();
        await server.ExitAsync();

        var (exit, _, error) = await RunAsync("order", "buy", "text_echo", "later", "--budget", "5", "--provider", url, "--deadline", "1s");
        (exit, error.Contains("stays queued", StringComparison.Ordinal)).ShouldBe((10, true), error);
        using var again = Start("serve", "--dev", "--urls", url, "--data", Path.Combine(_folder, "data"));
        await again.LineAsync();
        var synced = await RunAsync("queue", "sync", "--max-time", "20");

        synced.Output.ShouldContain("Your purchases go on here");
        var (done, output, _) = await RunAsync("order", "wait", await NewestAsync(), "--json");
        (done, JsonDocument.Parse(output).RootElement.GetProperty("content").GetProperty("text").GetString()).ShouldBe((0, "later"));
        again.AskToEnd();
        await again.ExitAsync();
    }

    [Fact]
    public async Task Who_ends_a_purchase_with_Ctrl_C_is_told_how_it_goes_on()
    {
        using var server = Start("serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"));
        var url = (await server.LineAsync())["Serving ".Length..];
        (await RunAsync("order", "quote", "text_echo", "first", "--provider", url)).Exit.ShouldBe(0);
        server.AskToEnd();
        await server.ExitAsync();

        using var buyer = Start("order", "buy", "text_echo", "later", "--budget", "5", "--provider", url);
        (await buyer.LineAsync()).ShouldStartWith("  Will be tried again: ");
        (await buyer.LineAsync()).ShouldEndWith(" (--deadline); Ctrl+C ends it sooner, and the order stays queued");
        buyer.Interrupt();
        var (exit, _, error) = await buyer.EndAsync();

        exit.ShouldBe(130);
        error.ShouldContain($"stays queued. Go on with: posthouse order resume {await NewestAsync()}");
    }

    private async Task<string> NewestAsync() =>
        JsonDocument.Parse((await RunAsync("order", "list", "--json")).Output).RootElement[0].GetProperty("purchase_id").GetString()!;

    private static async Task<long> BlocksAsync(HttpClient http) =>
        Convert.ToInt64((await CallAsync(http, "eth_blockNumber")).GetString(), 16);

    private static async Task<string> NewestPaymentAsync(HttpClient http)
    {
        var block = await CallAsync(http, "eth_getBlockByNumber", (await CallAsync(http, "eth_blockNumber")).GetString()!, false);
        return block.GetProperty("transactions")[0].GetString()!;
    }

    private async Task<string> PayAsync(HttpClient http, string url)
    {
        var seller = (await http.GetFromJsonAsync<JsonElement>("/ivxp/catalog")).GetProperty("wallet_address").GetString()!;
        var wallet = (await RunAsync("wallet", "show")).Output.Trim().Split('\n', ' ').First(word => word.StartsWith("0x", StringComparison.Ordinal));
        return (await CallAsync(http, "dev_pay", new { from = wallet, to = seller, amount_usdc = "5" })).GetString()!;
    }

    private static async Task<JsonElement> CallAsync(HttpClient http, string method, params object[] parameters)
    {
        using var answer = await http.PostAsJsonAsync("/dev/chain", new { jsonrpc = "2.0", id = 1, method, @params = parameters });
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("result");
    }

    private Task<(int Exit, string Output, string Error)> RunAsync(params string[] words) => PosthouseProcess.RunAsync(Pocket, words);

    private PosthouseProcess Start(params string[] words) => PosthouseProcess.Start(null, words, Pocket);
}
