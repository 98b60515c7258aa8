using System.Diagnostics;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>What is said of orders without a provider: the pocket's list, and the next step where nobody answers.</summary>
public sealed class OrderListTests : IDisposable
{
    private readonly TempFolder _pocket = new();

    public void Dispose() => _pocket.Dispose();

    [Fact]
    public async Task A_provider_that_is_named_shows_its_own_orders_and_several_get_a_column()
    {
        await Bought("order-a", "http://one.example:6060");
        await Bought("order-b", "http://two.example");

        var (_, all, _) = await Run("list");
        var (_, one, _) = await Run("list", "--provider", "http://one.example:6060/");

        all.Split('\n')[0].ShouldEndWith("  Provider");
        all.ShouldContain("http://two.example\n");
        one.ShouldContain("order-a");
        one.ShouldNotContain("order-b");
        one.ShouldNotContain("Provider");
    }

    [Theory]
    [InlineData("catalog", "posthouse: Start one with 'posthouse serve --dev' in another terminal, or name another with --provider URL.")]
    [InlineData("quote text_echo hello", "posthouse: Start one with 'posthouse serve --dev'")]
    [InlineData("download order-a", "posthouse: Your order is remembered. Ask again when its provider is back: posthouse order status order-a")]
    public async Task Where_nobody_answers_the_next_step_is_named(string words, string step)
    {
        await Bought("order-a", "http://127.0.0.1:1");
        Wallet.Create(SystemIds.Instance, Secp256k1.Best).Save(_pocket.File("wallet.key"));

        var (exit, _, error) = await Run([.. words.Split(' '), "--provider", "http://127.0.0.1:1"]);

        exit.ShouldBe(5);
        error.ShouldContain(step);
    }

    [Fact]
    public async Task The_status_is_the_providers_word_and_why_it_stopped_stands_beside_it()
    {
        await Bought("order-a", "http://one.example", purchase => purchase with { Status = "payment_pending", FailureCode = "PAYMENT_NOT_VERIFIED", Failure = "no" });

        var (_, text, _) = await Run("list");
        var (_, json, _) = await Run("list", "--json");

        text.Split('\n')[0].ShouldEndWith("  Failure");
        text.ShouldContain("  payment_pending  ");
        text.ShouldContain("  PAYMENT_NOT_VERIFIED");
        json.ShouldContain("\"status\": \"payment_pending\"");
    }

    [Theory]
    [InlineData("resume order-a")]
    [InlineData("resume order-a --json")]
    [InlineData("wait order-a")]
    [InlineData("buy --resume order-a")]
    public async Task A_disputed_order_without_a_result_is_not_called_delivered(string words)
    {
        await Bought("order-a", "http://127.0.0.1:1", purchase => purchase with { TransactionHash = "0x1", DisputedAt = DateTimeOffset.UnixEpoch, Status = "refunded" });

        var (exit, output, error) = await Run(words.Split(' '));

        exit.ShouldBe(1);
        output.ShouldNotContain("Delivered");
        error.ShouldContain("The order has no result: you disputed it");
    }

    private async Task Bought(string order, string url, Func<Purchase, Purchase>? edit = null)
    {
        await using var store = SqliteJobStore.Open(
            new SqliteStoreOptions { Path = _pocket.File("posthouse.db"), Parts = [PurchaseBook.Schema], Time = TimeProvider.System, Ids = SystemIds.Instance }, new JobRegistry());
        var account = Wallet.Create(SystemIds.Instance, Secp256k1.Best).Address;
        await new PurchaseBook(store).WriteAsync(write =>
        {
            var purchase = new Purchase
            {
                Id = "purchase-" + order,
                Step = PurchaseStep.Through,
                Url = new Uri(url),
                ServiceType = "text_echo",
                Description = "",
                Budget = UsdcAmount.FromUnits(5_000_000),
                Client = account,
                BegunAt = DateTimeOffset.UnixEpoch,
                Provider = account,
                OrderId = order,
            };
            PurchaseRows.Save(write, edit is null ? purchase : edit(purchase));
            return 0;
        });
    }

    /// <summary>The real program, because its pocket is chosen by a variable of the process.</summary>
    private async Task<(int Exit, string Output, string Error)> Run(params string[] words)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in (string[])[Path.Combine(AppContext.BaseDirectory, "Posthouse.Cli.dll"), "order", .. words]) { start.ArgumentList.Add(word); }
        start.Environment["POSTHOUSE_HOME"] = _pocket.Path;
        start.Environment.Remove("POSTHOUSE_LOG");
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }
}
