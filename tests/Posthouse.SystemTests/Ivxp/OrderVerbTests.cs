using System.Text.Json;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Ivxp;

/// <summary>The buyer's verbs against the provider's, each a process of its own.</summary>
public sealed class OrderVerbTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-verbs-").FullName;

    private string Pocket => Path.Combine(_folder, "pocket");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_order_is_bought_remembered_and_read_again_without_the_provider()
    {
        string exec = "Ivxp:Services:0:";
        string[] own = [exec + "Type=shout", exec + "PriceUsdc=0.25", exec + "Exec:0=echo", exec + "Exec:1=LOUD"];
        using var server = Start(["serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"), .. own.SelectMany(set => new[] { "--set", set })]);
        var url = (await server.LineAsync())["Serving ".Length..];

        var (exit, output, error) = await RunAsync("order", "buy", "shout", "hello", "--provider", url, "--json");
        (exit, error).ShouldBe((0, ""));
        var bought = JsonDocument.Parse(output).RootElement;
        bought.GetProperty("content").GetProperty("body").GetString().ShouldBe("LOUD\n");
        bought.GetProperty("price_usdc").GetDecimal().ShouldBe(0.25m);

        var id = bought.GetProperty("order_id").GetString()!;
        (await RunAsync("order", "status", id[..13])).Output.ShouldStartWith(id + ": delivered\n");
        server.AskToEnd();
        await server.ExitAsync();
        (await RunAsync("order", "download", id)).Output.ShouldBe("{\"body\":\"LOUD\\n\"}\n");
        (await RunAsync("order", "list")).Output.ShouldContain(id);
        (await RunAsync("order", "status", id)).Exit.ShouldBe(5);
    }

    [Fact]
    public async Task A_receipt_is_signed_shown_and_checked_and_the_inbox_and_a_push_bring_what_was_missed()
    {
        using var server = Start("serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"));
        var url = (await server.LineAsync())["Serving ".Length..];
        using var receiver = Start("order", "receive", "--urls", "http://127.0.0.1:0");
        var endpoint = (await receiver.LineAsync())["Receiving ".Length..] + "/ivxp/receive";

        var (exit, output, error) = await RunAsync("order", "buy", "text_echo", "hello", "--provider", url, "--endpoint", endpoint, "--json");
        (exit, error).ShouldBe((0, ""));
        var id = JsonDocument.Parse(output).RootElement.GetProperty("order_id").GetString()!;
        (await RunAsync("order", "inbox", "--provider", url, "--json")).Output.ShouldContain(id);
        (await RunAsync("order", "inbox", "--provider", url, "--json")).Output.ShouldBe("[]\n");

        (await RunAsync("order", "receipt", id)).Exit.ShouldBe(1);
        (exit, output, error) = await RunAsync("order", "confirm", id, "--rating", "5");
        (exit, error, output.Contains("Confirmed", StringComparison.Ordinal)).ShouldBe((0, "", true));
        (await RunAsync("order", "receipt", id)).Output.ShouldContain("\"satisfaction_rating\":5");
        (await RunAsync("order", "dispute", id, "--reason", "late")).Exit.ShouldBe(1);
        var bundle = Path.Combine(_folder, "bundle.json");
        (await RunAsync("order", "receipt", id, "--bundle", bundle)).Exit.ShouldBe(0);
        (exit, output, _) = await RunAsync("receipt", "verify", bundle);
        exit.ShouldBe(0, output);
        receiver.AskToEnd();
        await receiver.ExitAsync();
        server.AskToEnd();
        await server.ExitAsync();
    }

    [Fact]
    public async Task A_server_does_not_start_where_the_program_of_a_service_is_missing()
    {
        var (exit, output, error) = await RunAsync("serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"),
            "--set", "Ivxp:Services:0:Type=shout", "--set", "Ivxp:Services:0:PriceUsdc=1", "--set", "Ivxp:Services:0:Exec:0=no-program-is-called-so");
        (exit, output).ShouldBe((2, ""));
        error.ShouldContain("names the program no-program-is-called-so, which is not there");
    }

    [Fact]
    public async Task The_demo_plays_to_its_end()
    {
        var (exit, output, _) = await RunAsync("demo");
        exit.ShouldBe(0);
        string[] inOrder = ["would read the status quoted", "is quoted 50 USDC and pays", "Delivery attempt 1 of 6", "ready for pickup", "would read the status ready_for_pickup", "back again", "a push of",
            "hash and signature are right", "would read the status delivered", "has signed a receipt", "would read the status client_confirmed", "the whole story: quoted"];
        var at = inOrder.Select(words => output.IndexOf(words, StringComparison.Ordinal)).ToList();
        at.ShouldAllBe(place => place >= 0);
        at.ShouldBe(at.Order());
        string[] stages = ["quoted ", "paid ", "processing ", "ready ", "posted ", "delivered ", "client_confirmed "];
        var story = output[output.IndexOf("the whole story: ", StringComparison.Ordinal)..];
        stages.Select(stage => story.IndexOf(stage, StringComparison.Ordinal)).ShouldBe(stages.Select(stage => story.IndexOf(stage, StringComparison.Ordinal)).Where(place => place > 0).Order());
    }

    private Task<(int Exit, string Output, string Error)> RunAsync(params string[] words) => PosthouseProcess.RunAsync(Pocket, words);

    private PosthouseProcess Start(params string[] words) => PosthouseProcess.Start(null, words, Pocket);
}
