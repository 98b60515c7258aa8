using System.Text;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Cli.Commands;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>What a buyer is told of a purchase's step in the queue.</summary>
public sealed class QueuedPurchaseTests : IDisposable
{
    private readonly QueueStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_step_is_called_by_what_is_bought_and_one_that_failed_says_what_can_be_done()
    {
        await SaveAsync(provedAt: _stage.Time.GetUtcNow());
        var job = await _stage.Job("step-1");
        var (pocket, given) = (Site(StoreKind.Pocket), Site(StoreKind.Given));
        var purchase = pocket.PurchaseOf(job)!;

        pocket.TitleOf(job).ShouldBe("research for 5 USDC, order ivxp-1: fetch");
        QueuedPurchase.Hint(pocket, purchase, job).ShouldBe(
            "'posthouse order resume ivxp-1' goes on with it, 'posthouse order dispute ivxp-1 --reason TEXT' disputes it, 'posthouse queue discard step-1' gives it up");
        QueuedPurchase.Hint(pocket, purchase with { ProvedAt = null }, job).ShouldNotContain("dispute");
        QueuedPurchase.Hint(given, purchase, job).ShouldBe($"'posthouse queue discard step-1 --data \"{_stage.Data}\"' gives it up");
    }

    [Fact]
    public async Task A_step_of_a_store_without_purchases_keeps_its_own_name()
    {
        await _stage.Enqueue(Step());

        Site(StoreKind.Pocket).TitleOf(await _stage.Job("step-1")).ShouldBe("ivxp.purchase");
    }

    private QueueSite Site(StoreKind kind) =>
        new(new StorePlace(kind, _stage.Data), null!, TimeProvider.System, TextWriter.Null, Terminal.OfProcess(), Json: false) { Verb = "queue sync" };

    private static JobDraft Step() =>
        new(JobId.Parse("step-1"), IvxpClient.JobName, 1, Encoding.UTF8.GetBytes("""{"purchase":"purchase-1","step":6,"host":"shop.example"}"""), "{}"u8.ToArray());

    private async Task SaveAsync(DateTimeOffset provedAt)
    {
        await using var store = SqliteJobStore.Open(
            new SqliteStoreOptions { Path = _stage.Database, Parts = [PurchaseBook.Schema], Time = _stage.Time, Ids = SystemIds.Instance }, new JobRegistry());
        await store.EnqueueAsync([Step()]);
        await store.WriteAsync(write =>
        {
            PurchaseRows.Save(write, new Purchase
            {
                Id = "purchase-1",
                Step = PurchaseStep.Fetch,
                Url = new Uri("http://shop.example"),
                ServiceType = "research",
                Description = "",
                Budget = UsdcAmount.FromUnits(5_000_000),
                Client = default,
                BegunAt = provedAt,
                Provider = default(EthereumAddress),
                OrderId = "ivxp-1",
                Price = UsdcAmount.FromUnits(5_000_000),
                TransactionHash = "0x1",
                ProvedAt = provedAt,
                Status = "ready_for_pickup",
                Wants = Purchase.WantsPayment,
            });
            return true;
        });
    }
}
