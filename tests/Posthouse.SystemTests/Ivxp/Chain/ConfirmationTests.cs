namespace Posthouse.SystemTests.Ivxp.Chain;

/// <summary>How sure a payment must be: blocks on top of it, a chain that takes blocks back, a node of another chain.</summary>
public sealed class ConfirmationTests : IAsyncLifetime
{
    private const long Price = 5_000_000;

    private readonly ChainSeller _seller = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _seller.DisposeAsync();

    [Fact]
    public async Task A_payment_waits_for_its_confirmations_and_then_counts_by_itself()
    {
        await using var chain = await Anvil.StartAsync();
        await _seller.StartAsync(chain.Url, "Ivxp:Payments:Confirmations=3");
        await using var payer = await ViemPayer.StartAsync(_seller.Url, chain.Url);
        var (order, to) = await payer.QuoteAsync();
        var hash = await payer.PayAsync(to, Price);

        (await payer.ProveAsync(order, hash)).ShouldBe((402, "PAYMENT_NOT_VERIFIED", "confirmations"));
        await chain.MineAsync(1);
        (await payer.ProveAsync(order, hash)).ShouldBe((402, "PAYMENT_NOT_VERIFIED", "confirmations"));
        await chain.MineAsync(1);
        (await payer.ProveAsync(order, hash)).Status.ShouldBe(200);
        await payer.UntilAsync(order, "ready_for_pickup");
    }

    [Fact]
    public async Task A_payment_that_a_reorganisation_took_back_pays_nothing_until_it_is_in_a_block_again()
    {
        await using var chain = await Anvil.StartAsync();
        await _seller.StartAsync(chain.Url, "Ivxp:Payments:Confirmations=2");
        await using var payer = await ViemPayer.StartAsync(_seller.Url, chain.Url);
        var (order, to) = await payer.QuoteAsync();
        var snapshot = (await chain.AskAsync("evm_snapshot")).GetString();
        var hash = await payer.PayAsync(to, Price);
        var raw = (await chain.AskAsync("eth_getRawTransactionByHash", hash)).GetString();
        (await payer.ProveAsync(order, hash)).Reason.ShouldBe("confirmations");

        // The block is gone, and others stand in its place without the payment: the depth it had counts for nothing.
        (await chain.AskAsync("evm_revert", snapshot)).GetBoolean().ShouldBeTrue();
        await chain.MineAsync(3);
        (await payer.ProveAsync(order, hash)).ShouldBe((402, "PAYMENT_NOT_VERIFIED", "not_found"));
        _seller.Read($"SELECT state FROM ivxp_order WHERE order_id = '{order}'").ShouldBe(["quoted"]);

        // The same transaction, in another block now: the proof was kept, and counts by itself.
        (await chain.AskAsync("eth_sendRawTransaction", raw)).GetString().ShouldBe(hash);
        await chain.MineAsync(1);
        await payer.UntilAsync(order, "ready_for_pickup");
    }

    [Fact]
    public async Task A_node_of_another_chain_is_refused_at_the_start_and_when_it_comes_later()
    {
        await using var wrong = await Anvil.StartAsync(chainId: 8453);
        var (exit, _, error) = await _seller.RefusesAsync(wrong.Url);
        exit.ShouldNotBe(0);
        error.ShouldContain("84532");

        // The operator's address leads to another node while the server runs: nothing is paid by what that one says.
        await using var right = await Anvil.StartAsync();
        await using var door = await NodeDoor.OpenAsync(right.Url);
        await _seller.StartAsync(door.Url);
        await using var payer = await ViemPayer.StartAsync(_seller.Url, right.Url);
        var (order, to) = await payer.QuoteAsync();
        var hash = await payer.PayAsync(to, Price);
        door.Node = wrong.Url;
        (await payer.ProveAsync(order, hash)).ShouldBe((503, "SERVICE_UNAVAILABLE", "wrong_chain"));
        door.Node = null;
        (await payer.ProveAsync(order, hash)).Status.ShouldBe(503);
        door.Node = right.Url;
        (await payer.ProveAsync(order, hash)).Status.ShouldBe(200);
    }
}
