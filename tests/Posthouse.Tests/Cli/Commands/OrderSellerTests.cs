using System.Text.Json;
using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Ivxp;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>The seller's verbs on a station's store.</summary>
public sealed class OrderSellerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly string _order = OrderId.New(new SeededIds(3));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_disputed_order_is_redelivered_by_a_push_with_a_job_of_its_own()
    {
        await DisputedAsync("http://client.example/inbox");
        var (exit, output, _) = await RunAsync("resolve", _order[..13], "--redeliver");

        exit.ShouldBe(0);
        output.ShouldContain($"{_order}: disputed -> ready");
        await using var store = Open();
        (await store.ListAsync(new JobQuery())).ShouldHaveSingleItem().Name.ShouldBe("ivxp.push");
        (await store.ReadAsync(read => OrderRows.Find(read, _order)!.State)).ShouldBe(OrderState.Ready);
    }

    [Theory]
    [InlineData("--refund", "refunded")]
    [InlineData("--close", "delivery_failed")]
    [InlineData("--redeliver", "ready_for_pickup")]
    public async Task Each_decision_is_printed_for_programs_too(string decision, string state)
    {
        await DisputedAsync(null);
        var (exit, output, _) = await RunAsync("resolve", _order, decision, "--json");

        exit.ShouldBe(0);
        using var json = JsonDocument.Parse(output);
        (json.RootElement.GetProperty("order_id").GetString(), json.RootElement.GetProperty("from").GetString(), json.RootElement.GetProperty("to").GetString())
            .ShouldBe((_order, "disputed", state));
        (await RunAsync("resolve", _order, "--close")).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task A_decision_must_be_one_and_the_order_must_be_there()
    {
        (await RunAsync("resolve", _order, "--close")).Error.ShouldContain("There is no store");
        await DisputedAsync(null);
        (await RunAsync("resolve", _order)).Exit.ShouldBe(2);
        (await RunAsync("resolve", _order, "--close", "--refund")).Exit.ShouldBe(2);
        (await RunAsync("resolve", "ivxp-", "--close")).Exit.ShouldBe(2);
        (await RunAsync("resolve", "ivxp-00000000", "--close")).Error.ShouldContain("No order here begins with");
    }

    [Fact]
    public async Task The_reputation_shows_each_service_about_which_somebody_signed()
    {
        await DisputedAsync(null);
        (await RunAsync("reputation")).Output.ShouldContain("text_echo: 0 receipts, no rating, 1 dispute\n");
        using var json = JsonDocument.Parse((await RunAsync("reputation", "--json")).Output);
        json.RootElement.GetProperty("services")[0].GetProperty("disputes").GetInt32().ShouldBe(1);
    }

    private SqliteJobStore Open() => SqliteJobStore.Open(
        new SqliteStoreOptions { Path = _folder.File(StorePlace.DatabaseName), Parts = [OrderRows.Schema], Time = _time, Ids = SystemIds.Instance },
        new JobRegistry().AddPosthouseIvxpJobs());

    private async Task DisputedAsync(string? endpoint)
    {
        var provider = Wallet.Create(new SeededIds(1), Secp256k1.Best);
        var now = _time.GetUtcNow();
        var content = "{\"text\":\"hello\"}"u8.ToArray();
        var hash = JsonContent.Parse(content).Hash();
        var order = new Order
        {
            Id = _order,
            Version = 1,
            State = OrderState.Quoted,
            Protocol = IvxpProtocol.Version11,
            ServiceType = "text_echo",
            Description = "x",
            ClientName = "t",
            Client = Wallet.Create(new SeededIds(2), Secp256k1.Best).Address,
            Price = UsdcAmount.FromUnits(5_000_000),
            PaymentAddress = provider.Address,
            Network = UsdcNetwork.BaseSepolia,
            CreatedAt = now,
            PayUntil = now.AddHours(1),
        };
        await using var store = Open();
        await store.WriteAsync(write =>
        {
            OrderBook.Add(write, order);
            var next = OrderBook.Change(write, order, OrderEvent.PaymentVerified, OrderActor.Client,
                (paid, at) => paid with { TransactionHash = "0x" + new string('a', 64), PaidAt = at, DeliveryEndpoint = endpoint });
            next = OrderBook.Change(write, next, OrderEvent.WorkStarted, OrderActor.Provider);
            next = OrderBook.Change(write, next, OrderEvent.StoredForPickup, OrderActor.Provider,
                (made, at) => made with { CompletedAt = at, ReadyAt = at, KeepUntil = at.AddDays(7), ContentHash = hash.Wire });
            OrderBook.Change(write, next, OrderEvent.DisputeSigned, OrderActor.Client, (disputed, at) => disputed with { DisputedAt = at });
            OrderRows.InsertDeliverable(write, _order, new StoredDeliverable("delivery-1", "text_echo", "json", content, hash, "text", "0x"));
            return true;
        });
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(params string[] words)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var exit = await CommandLine.RunAsync(Program.CreateRoot(_time), ["order", .. words, "--data", _folder.Path], output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
