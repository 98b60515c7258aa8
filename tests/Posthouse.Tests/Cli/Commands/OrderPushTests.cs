using System.Text.Json;
using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>The verbs of deliveries on a station whose server is running.</summary>
public sealed class OrderPushTests
{
    [Fact]
    public async Task What_did_not_arrive_is_listed_with_class_attempts_and_next_try()
    {
        await using var stage = await StartAsync();
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(id, order => order.PushAttempts == 1);
        var bad = await stage.BuyAsync(endpoint: "http://127.0.0.1/");
        await stage.UntilAsync(bad, OrderState.ReadyForPickup);

        var pushes = (await JsonAsync(stage, "order", "push", "list", "--json")).GetProperty("pushes").EnumerateArray().ToDictionary(push => push.GetProperty("order_id").GetString()!);

        pushes.Keys.Order().ShouldBe(new[] { id, bad }.Order());
        (pushes[id].GetProperty("push").GetString(), pushes[id].GetProperty("error").GetString(), pushes[id].GetProperty("attempts").GetInt32()).ShouldBe(("scheduled", "unreachable", 1));
        pushes[id].GetProperty("next_try").GetString().ShouldNotBeNull();
        (pushes[bad].GetProperty("push").GetString(), pushes[bad].GetProperty("error").GetString(), pushes[bad].GetProperty("next_try").ValueKind).ShouldBe(("disabled", "not_allowed", JsonValueKind.Null));

        var (exit, text, _) = await RunAsync(stage, "order", "push", "list", "--client", stage.Client.Address.ToString());
        exit.ShouldBe(0);
        text.ShouldContain(id);
        text.ShouldContain("2 in all");
        (await RunAsync(stage, "order", "push", "list", "--client", stage.Wallet.Address.ToString())).Output.ShouldNotContain(id);
        stage.Pass(TimeSpan.FromSeconds(10));
        (await RunAsync(stage, "order", "push", "list", "--since", "5s")).Output.ShouldNotContain(id);
    }

    [Fact]
    public async Task A_replay_of_one_of_a_client_and_since_a_time_reaches_the_running_server()
    {
        await using var stage = await StartAsync();
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(id, order => order.PushAttempts == 1);

        (await JsonAsync(stage, "order", "push", "replay", id, "--json")).GetProperty("replayed").GetInt32().ShouldBe(1);
        await stage.UntilAsync(id, order => order.PushAttempts == 2 && order.State is OrderState.ReadyForPickup);
        (await RunAsync(stage, "order", "push", "replay", "--client", stage.Client.Address.ToString())).Output.ShouldContain("Replayed: 1");
        await stage.UntilAsync(id, order => order.PushAttempts == 3 && order.State is OrderState.ReadyForPickup);
        stage.Inbox.Answer = () => InboxWire.Response(200);
        (await RunAsync(stage, "order", "push", "replay", "--since", "1.00:00:00")).Output.ShouldContain("Replayed: 1");
        await stage.UntilAsync(id, OrderState.Posted);

        stage.Inbox.Received.Select(push => push.Headers[0].Value).Distinct().ShouldHaveSingleItem();
        (await RunAsync(stage, "order", "push", "replay", "--since", "1.00:00:00")).Output.ShouldContain("Replayed: 0");
    }

    [Fact]
    public async Task A_replay_takes_the_beginning_of_one_orders_id()
    {
        await using var stage = await StartAsync();
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(id, order => order.PushAttempts == 1);
        stage.Inbox.Answer = () => InboxWire.Response(200);

        (await RunAsync(stage, "order", "push", "replay", id[..7])).Error.ShouldContain("is too short");
        (await RunAsync(stage, "order", "push", "replay", "ivxp-zzzzzzzz")).Error.ShouldContain("No order here begins with 'ivxp-zzzzzzzz'");
        (await RunAsync(stage, "order", "push", "replay", id[..13])).Output.ShouldContain("Replayed: 1");

        await stage.UntilAsync(id, OrderState.Posted);
        (await RunAsync(stage, "order", "push", "list")).Output.ShouldContain("Every delivery has arrived");
    }

    [Theory]
    [InlineData("push", "list", "Every delivery has arrived")]
    [InlineData("reputation", null, "Nobody has signed anything")]
    public async Task A_look_at_a_folder_that_never_sold_makes_no_sellers_tables(string verb, string? part, string answer)
    {
        using var stage = new QueueStage();
        await stage.Enqueue(QueueStage.Draft("job-1"));
        using var output = new StringWriter();

        string[] words = part is null ? ["order", verb] : ["order", verb, part];
        (await CommandLine.RunAsync(Program.CreateRoot(stage.Time), [.. words, "--data", stage.Data], output, TextWriter.Null)).ShouldBe(0);

        output.ToString().ShouldContain(answer);
        using var store = StoreReader.TryOpen(stage.Database).ShouldNotBeNull();
        store.Read(read => read.Scalar("SELECT count(*) FROM schema_part WHERE name = $1", OrderRows.Schema.Name)).ShouldBe(0);
    }

    [Theory]
    [InlineData("order", "push", "replay")]
    [InlineData("order", "push", "replay", "ivxp-1", "--since", "00:00:05")]
    [InlineData("order", "push", "list", "--since", "yesterday")]
    [InlineData("order", "push", "list", "--client", "0x12")]
    public async Task What_is_not_said_clearly_changes_nothing(params string[] words)
    {
        await using var stage = await StartAsync();
        (await RunAsync(stage, words)).Exit.ShouldNotBe(0);
    }

    private static Task<ProviderStage> StartAsync() => ProviderStage.StartAsync(options => options with { Push = new PushOptions() });

    private static async Task<JsonElement> JsonAsync(ProviderStage stage, params string[] words)
    {
        var (exit, output, error) = await RunAsync(stage, words);
        (exit, error).ShouldBe((0, ""));
        return JsonDocument.Parse(output).RootElement;
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(ProviderStage stage, params string[] words)
    {
        using StringWriter output = new(), error = new();
        var exit = await CommandLine.RunAsync(Program.CreateRoot(stage.Time), [.. words, "--data", stage.Folder], output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
