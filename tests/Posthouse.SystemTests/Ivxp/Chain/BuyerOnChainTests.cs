using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Hosting;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Ivxp.Chain;

/// <summary><c>posthouse order buy</c> pays from its wallet on a real EVM, and is killed where it matters: the balance moves once for each order.</summary>
public sealed class BuyerOnChainTests : IAsyncLifetime
{
    private const long Price = 5_000_000;

    private readonly string _home = Directory.CreateTempSubdirectory("posthouse-payer-").FullName;
    private readonly Wallet _wallet = Wallet.Create(SystemIds.Instance, Secp256k1.Best);
    private readonly ChainSeller _seller = new();
    private Anvil _chain = null!;

    public async ValueTask InitializeAsync()
    {
        _chain = await Anvil.StartAsync();
        _wallet.Save(Path.Combine(_home, "wallet.key"));
        await _chain.FundAsync(_wallet.Address);
        await _chain.MintAsync(_wallet.Address, 100 * Price);
    }

    public async ValueTask DisposeAsync()
    {
        await _seller.DisposeAsync();
        await _chain.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task Killed_at_every_point_from_the_quote_to_the_receipt_it_pays_each_order_once()
    {
        await _seller.StartAsync(_chain.Url);
        var orders = 0;
        foreach (var point in Enum.GetValues<PurchaseCrashAt>())
        {
            using (var victim = PosthouseProcess.Start($"{(int)point}", Buy($"{point}"), _home))
                (await victim.ExitAsync()).ShouldBe(PosthouseProcess.Killed, $"it did not come to {point}");
            var (exit, output, error) = await ResumeAsync(await NewestAsync());

            (exit, error).ShouldBe((0, ""), $"{point}");
            var bought = JsonDocument.Parse(output).RootElement;
            (Input(bought), bought.GetProperty("status").GetString()).ShouldBe(($"{point}", "client_confirmed"));
            (await _chain.BalanceAsync(_seller.Wallet.Address)).ShouldBe(++orders * Price, $"{point}");
        }

        (await _chain.BalanceAsync(_wallet.Address)).ShouldBe((100 - orders) * Price);
        _seller.Read("SELECT DISTINCT tx_hash FROM ivxp_order WHERE tx_hash IS NOT NULL").Count.ShouldBe(orders);
    }

    [Fact]
    public async Task Killed_between_sending_and_the_block_it_waits_for_the_payment_that_is_on_its_way()
    {
        await _seller.StartAsync(_chain.Url);
        await _chain.MineByItselfAsync(false);
        using (var victim = PosthouseProcess.Start($"{(int)PurchaseCrashAt.Sent}", Buy("waiting"), _home))
            (await victim.ExitAsync()).ShouldBe(PosthouseProcess.Killed);
        (await _chain.BalanceAsync(_seller.Wallet.Address)).ShouldBe(0);

        using var next = PosthouseProcess.Start(null, ["order", "resume", await NewestAsync(), .. Node()], _home);
        while (!(await next.LineAsync()).Contains("payment_pending", StringComparison.Ordinal)) { }
        await _chain.MineByItselfAsync(true);
        await _chain.MineAsync(1);

        (await next.ExitAsync()).ShouldBe(0);
        (await _chain.BalanceAsync(_seller.Wallet.Address)).ShouldBe(Price);
        (await _chain.BalanceAsync(_wallet.Address)).ShouldBe(99 * Price);
    }

    [Fact]
    public async Task Who_was_away_finds_the_notice_on_the_chain_collects_and_confirms()
    {
        await _seller.StartAsync(_chain.Url, $"Ivxp:Notices:Contract:Address={await AnnouncementTests.DeployAsync(_chain, _seller.Wallet)}");
        using (var victim = PosthouseProcess.Start($"{(int)PurchaseCrashAt.Proved}", [.. Buy("away").Where(word => word != "--confirm")], _home))
            (await victim.ExitAsync()).ShouldBe(PosthouseProcess.Killed);
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
        {
            while (_seller.Read("SELECT tx_hash FROM ivxp_announcement WHERE mined_in IS NOT NULL").Count == 0) { await Task.Delay(100, patience.Token); }
        }

        var (exit, output, error) = await PosthouseProcess.RunAsync(_home, ["order", "wait", await NewestAsync(), "--chain", "--json", .. Node()]);

        (exit, error).ShouldBe((0, ""));
        var bought = JsonDocument.Parse(output).RootElement;
        (Input(bought), bought.GetProperty("status").GetString()).ShouldBe(("away", "client_confirmed"));
        (await PosthouseProcess.RunAsync(_home, ["order", "wait", await NewestAsync(), "--chain"])).Exit.ShouldBe(2, "no node is named");
    }

    [Fact]
    public async Task A_payment_with_too_low_a_fee_is_replaced_under_its_nonce_and_moves_the_balance_once()
    {
        await _seller.StartAsync(_chain.Url);
        await using var pocket = await OpenAsync(TimeSpan.FromSeconds(1));
        var client = pocket.GetRequiredService<IvxpClient>();
        await _chain.MineByItselfAsync(false);
        var begun = await client.BuyAsync(new PurchaseRequest(new Uri(_seller.Url), "copy", "stuck", UsdcAmount.FromUnits(Price)));
        var first = await UntilAsync(client, begun, now => now.SentAt is not null);

        // The next block asks for more than the payment offers, and no more than the cap allows.
        await AskAsync(4);
        await _chain.MineAsync(1);
        await AskAsync(4);
        var second = await UntilAsync(client, begun, now => now.Replaced is not null && now.SentAt is not null);
        await _chain.MineByItselfAsync(true);
        await AskAsync(4);
        await _chain.MineAsync(1);
        var bought = await UntilAsync(client, begun, now => now.Step is PurchaseStep.Through);

        (second.Nonce, second.Replaced).ShouldBe((first.Nonce, first.TransactionHash));
        second.Fees!.Value.MaxFeePerGas.ShouldBeInRange(first.Fees!.Value.MaxFeePerGas + 1, FeeRule.Default.MaxFeePerGas);
        bought.TransactionHash.ShouldBe(second.TransactionHash);
        (await _chain.BalanceAsync(_seller.Wallet.Address)).ShouldBe(Price);
        (await _chain.BalanceAsync(_wallet.Address)).ShouldBe(99 * Price);
        await pocket.GetRequiredService<PosthouseHost>().StopAsync();
    }

    private static string? Input(JsonElement bought) => bought.GetProperty("content").GetProperty("description").GetString();

    /// <summary>Reads the pocket again and again; the chain that it waits for wakes nobody.</summary>
    private static async Task<Purchase> UntilAsync(IvxpClient client, Purchase purchase, Func<Purchase, bool> fits)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var now = await client.Book.FindAsync(purchase.Id);
            now.FailureCode.ShouldBeNull(now.Failure);
            if (fits(now)) { return now; }
            await Task.Delay(50, patience.Token);
        }
    }

    private Task<JsonElement> AskAsync(long gwei) => _chain.AskAsync("anvil_setNextBlockBaseFeePerGas", gwei * GasFees.WeiPerGwei);

    private string[] Node() => ["--set", $"Ivxp:RpcUrl={_chain.Url}"];

    private string[] Buy(string input) => ["order", "buy", "copy", input, "--provider", _seller.Url, "--confirm", .. Node()];

    private Task<(int Exit, string Output, string Error)> ResumeAsync(string id) => PosthouseProcess.RunAsync(_home, ["order", "resume", id, "--json", .. Node()]);

    private async Task<string> NewestAsync() =>
        JsonDocument.Parse((await PosthouseProcess.RunAsync(_home, ["order", "list", "--json"])).Output).RootElement[0].GetProperty("purchase_id").GetString()!;

    private async Task<ServiceProvider> OpenAsync(TimeSpan stuckAfter)
    {
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddPosthouse().UseSqlite(Path.Combine(_home, "pocket.db"))
            .AddIvxpClient(new IvxpClientOptions { Wallet = () => _wallet, RpcUrl = _chain.Url, StuckAfter = stuckAfter });
        var pocket = services.BuildServiceProvider();
        await pocket.StartPosthouse();
        return pocket;
    }
}
