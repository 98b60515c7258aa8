using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.SystemTests.Ivxp.Chain;

/// <summary>The notice on the chain that a result waits, from the provider's job to the client's watch.</summary>
public sealed class AnnouncementTests
{
    [Fact]
    public async Task A_client_who_is_away_finds_its_notice_on_the_chain_and_nobody_elses()
    {
        await using var chain = await Anvil.StartAsync();
        await using var seller = new ChainSeller();
        var contract = await DeployAsync(chain, seller.Wallet);
        await seller.StartAsync(chain.Url, $"Ivxp:Notices:Contract:Address={contract}");
        await using var payer = await ViemPayer.StartAsync(seller.Url, chain.Url);
        var rpc = Rpc(chain.Url);
        var start = (await new ReadyWatch(rpc, default).StartAsync()).Value!.Value;
        var order = await BuyAsync(payer);

        await MinedAsync(seller);

        var client = EthereumAddress.Parse(seller.Read($"SELECT client_address FROM ivxp_order WHERE order_id = '{order}'")[0]);
        var page = (await new ReadyWatch(rpc, client).ReadAsync(start)).Value!;
        var notice = page.Notices.ShouldHaveSingleItem();
        notice.IsOf(order).ShouldBeTrue();
        notice.IsOf("ivxp-00000000-0000-4000-8000-000000000000").ShouldBeFalse();
        (notice.Contract, notice.ContentHash).ShouldBe((contract, seller.Read("SELECT content_hash FROM ivxp_order")[0]));
        page.IsCaughtUp.ShouldBeTrue();
        (await new ReadyWatch(rpc, client, EthereumAddress.Parse(Anvil.Decoy)).ReadAsync(start)).Value!.Notices.ShouldBeEmpty();
        (await new ReadyWatch(rpc, seller.Wallet.Address).ReadAsync(start)).Value!.Notices.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_kill_between_writing_down_and_sending_sends_the_very_same_transaction_and_no_second_one()
    {
        await using var chain = await Anvil.StartAsync();
        await using var door = await NodeDoor.OpenAsync(chain.Url);
        await using var seller = new ChainSeller();
        var set = $"Ivxp:Notices:Contract:Address={await DeployAsync(chain, seller.Wallet)}";
        await seller.StartAsync(door.Url, set);
        await using var payer = await ViemPayer.StartAsync(seller.Url, chain.Url);
        door.Sees = request =>
        {
            if (!request.Contains("eth_sendRawTransaction", StringComparison.Ordinal)) { return true; }

            seller.Kill();
            return false;
        };
        await BuyAsync(payer, waits: false);
        await seller.DiesAsync();
        var written = seller.Read("SELECT raw FROM ivxp_announcement").ShouldHaveSingleItem();

        var sent = new List<string>();
        door.Sees = request =>
        {
            if (request.Contains("eth_sendRawTransaction", StringComparison.Ordinal)) { sent.Add(request); }

            return true;
        };
        await seller.StartAsync(door.Url, set);
        await MinedAsync(seller);

        sent.ShouldAllBe(request => request.Contains(written, StringComparison.Ordinal));
        seller.Read("SELECT raw FROM ivxp_announcement").ShouldBe([written]);
        var page = (await new ReadyWatch(Rpc(chain.Url), EthereumAddress.Parse(seller.Read("SELECT client_address FROM ivxp_order")[0])).ReadAsync(0)).Value!;
        page.Notices.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_notice_that_is_stuck_is_replaced_with_higher_fees_up_to_the_cap()
    {
        await using var chain = await Anvil.StartAsync();
        EthereumAddress contract = default;
        await using var stage = await ChainStage.StartAsync(chain, options =>
        {
            // The address follows from the account and its first nonce, so that the contract can come after.
            contract = EthereumAddress.Parse(ContractOf(options.Wallet.Address));
            return options with { Contract = new ContractOptions(contract) { StuckAfter = TimeSpan.FromSeconds(1), LookEvery = TimeSpan.FromMilliseconds(200) } };
        });
        (await DeployAsync(chain, stage.Provider)).ShouldBe(contract);
        var order = await stage.QuoteAsync();
        var payment = await stage.PrepareAsync();
        await stage.PayAsync(chain, payment);
        await chain.MineByItselfAsync(false);
        (await stage.ProveAsync(order, payment.Hash)).ShouldBeNull();
        await stage.UntilAsync(read => Announcements.Of(read, order).Count == 1);

        // The next block asks for more than the first notice offers, and no more than the cap allows.
        await chain.AskAsync("anvil_setNextBlockBaseFeePerGas", 4 * GasFees.WeiPerGwei);
        await chain.MineAsync(1);
        await chain.AskAsync("anvil_setNextBlockBaseFeePerGas", 4 * GasFees.WeiPerGwei);
        await stage.UntilAsync(read => Announcements.Of(read, order).Count >= 2);
        await chain.MineByItselfAsync(true);
        await chain.AskAsync("anvil_setNextBlockBaseFeePerGas", 4 * GasFees.WeiPerGwei);
        await chain.MineAsync(1);
        await stage.UntilAsync(read => Announcements.Of(read, order).Exists(one => one.MinedIn is not null));

        var made = await stage.Get<Posthouse.Storage.IStore>().ReadAsync(read => Announcements.Of(read, order));
        made.Select(one => one.Transaction.Nonce).Distinct().Count().ShouldBe(1);
        made.ShouldAllBe(one => one.Transaction.Fees.MaxFeePerGas <= FeeRule.Default.MaxFeePerGas);
        made.Count(one => one.MinedIn is not null).ShouldBe(1);
        made[^1].MinedIn.ShouldBeNull();
        (await new ReadyWatch(stage.Rpc, stage.Client.Address).ReadAsync(0)).Value!.Notices.ShouldHaveSingleItem().IsOf(order).ShouldBeTrue();
    }

    [Fact]
    public async Task The_committed_contracts_are_what_their_sources_compile_to()
    {
        await using var compiler = RunningProgram.Start("node", ["compile.mjs", "--check"], Scripts.Contracts);
        (await compiler.EndAsync()).ShouldBe(0, compiler.Said);
    }

    private static async Task<string> BuyAsync(ViemPayer payer, bool waits = true)
    {
        var (order, to) = await payer.QuoteAsync();
        (await payer.ProveAsync(order, await payer.PayAsync(to, 5_000_000))).Status.ShouldBe(200);
        if (waits) { await payer.UntilAsync(order, "ready_for_pickup"); }
        return order;
    }

    /// <summary>Puts the contract on the chain, through the wallet that it will listen to.</summary>
    internal static async Task<EthereumAddress> DeployAsync(Anvil chain, Wallet wallet)
    {
        await chain.FundAsync(wallet.Address);
        var purse = new ChainWallet(Rpc(chain.Url), wallet, FeeRule.Default);
        var code = Convert.FromHexString(Scripts.Contract("ServiceReady.json").GetProperty("bytecode").GetString()![2..]);
        var creation = await purse.PrepareAsync(UsdcNetwork.BaseSepolia, null, code);
        (await purse.SendAsync(creation)).Outcome.ShouldBe(SendOutcome.Taken);
        var receipt = await chain.ReceiptAsync(creation.Hash);
        receipt.GetProperty("status").GetString().ShouldBe("0x1");
        return EthereumAddress.Parse(receipt.GetProperty("contractAddress").GetString()!);
    }

    /// <summary>Where an account's first transaction creates a contract (Yellow Paper, section 7).</summary>
    private static string ContractOf(EthereumAddress account)
    {
        var digest = Keccak256.Hash(Rlp.List(Rlp.Bytes(Convert.FromHexString(account.ToString().AsSpan(2))), Rlp.Number(0)));
        return "0x" + Convert.ToHexStringLower(digest.AsSpan(12));
    }

    private static EthereumRpc Rpc(Uri node) =>
        new(IvxpExchanges.Create(new PushOptions(), TimeProvider.System).Chain, node, TimeSpan.FromSeconds(10));

    /// <summary>The books of another process tell nobody when they change, so they are read again until they do, or the test's patience is over.</summary>
    private static async Task MinedAsync(ChainSeller seller)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (seller.Read("SELECT tx_hash FROM ivxp_announcement WHERE mined_in IS NOT NULL").Count == 0)
        {
            await Task.Delay(100, patience.Token);
        }
    }
}
