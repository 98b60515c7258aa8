namespace Posthouse.SystemTests.Ivxp.Chain;

/// <summary>Payments as a wallet nobody here wrote (viem) makes them on a real EVM (anvil), judged by the built program.</summary>
public sealed class ChainPaymentTests : IAsyncLifetime
{
    private const long Price = 5_000_000;

    private readonly ChainSeller _seller = new();
    private Anvil _chain = null!;
    private ViemPayer _payer = null!;

    public async ValueTask InitializeAsync()
    {
        _chain = await Anvil.StartAsync();
        await _seller.StartAsync(_chain.Url);
        _payer = await ViemPayer.StartAsync(_seller.Url, _chain.Url);
    }

    public async ValueTask DisposeAsync()
    {
        if (_payer is not null) { await _payer.DisposeAsync(); }
        await _seller.DisposeAsync();
        if (_chain is not null) { await _chain.DisposeAsync(); }
    }

    [Fact]
    public async Task The_exact_price_more_than_it_and_two_transfers_in_one_transaction_pay()
    {
        await PaysAsync(Price, to => _payer.PayAsync(to, Price));
        await PaysAsync(Price + 1_500_000, to => _payer.PayAsync(to, Price + 1_500_000));
        await PaysAsync(Price, to => _payer.PayManyAsync((to, 2_000_000), (to, 3_000_000)));
    }

    [Fact]
    public async Task A_transfer_to_somebody_else_in_front_of_ours_hides_nothing()
    {
        var stranger = await _payer.StrangerAsync();
        await PaysAsync(Price, to => _payer.PayManyAsync((stranger, 9_000_000), (to, Price)));
    }

    [Fact]
    public async Task Another_token_another_recipient_another_payer_and_too_little_pay_nothing()
    {
        var stranger = await _payer.StrangerAsync();
        await IsRefusedAsync(to => _payer.PayAsync(to, Price, new() { ["contract"] = Anvil.Decoy }), (400, "INVALID_TOKEN_CONTRACT", "wrong_token"));
        await IsRefusedAsync(_ => _payer.PayAsync(stranger, Price), (402, "PAYMENT_NOT_VERIFIED", "wrong_recipient"));
        await IsRefusedAsync(to => _payer.PayAsync(to, Price, new() { ["who"] = "stranger" }), (402, "PAYMENT_NOT_VERIFIED", "wrong_payer"));
        await IsRefusedAsync(to => _payer.PayAsync(to, Price - 1), (402, "AMOUNT_MISMATCH", "underpaid"));
        await IsRefusedAsync(to => _payer.PayAsync(to, 0), (402, "AMOUNT_MISMATCH", "underpaid"));
    }

    [Fact]
    public async Task A_reverted_transfer_moved_nothing_and_an_unknown_transaction_is_none()
    {
        await IsRefusedAsync(to => _payer.PayAsync(to, 5_000_000_000_000, new() { ["gas"] = 100_000 }), (402, "PAYMENT_NOT_VERIFIED", "reverted"));
        await IsRefusedAsync(_ => Task.FromResult("0x" + new string('7', 64)), (402, "PAYMENT_NOT_VERIFIED", "not_found"));
    }

    [Fact]
    public async Task A_payment_that_is_in_no_block_yet_is_kept_and_counts_by_itself_when_it_is()
    {
        var (order, to) = await _payer.QuoteAsync();
        await _chain.MineByItselfAsync(false);
        var hash = await _payer.PayAsync(to, Price, new() { ["waits"] = true });

        (await _payer.ProveAsync(order, hash)).ShouldBe((402, "PAYMENT_NOT_VERIFIED", "pending"));

        await _chain.MineAsync(1);
        await _payer.UntilAsync(order, "ready_for_pickup");
        (await _payer.ProveAsync(order, hash)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task One_transaction_pays_one_order_however_its_hash_is_written_and_also_after_a_kill()
    {
        var (first, to) = await _payer.QuoteAsync();
        var (second, _) = await _payer.QuoteAsync();
        var hash = await _payer.PayAsync(to, Price);
        (await _payer.ProveAsync(first, hash)).Status.ShouldBe(200);
        await _seller.KillAsync();
        await _seller.StartAsync(_chain.Url);

        (await _payer.ProveAsync(second, hash)).ShouldBe((402, "PAYMENT_NOT_VERIFIED", "transaction_used"));
        var alias = "0x" + hash[2..].ToUpperInvariant();
        (await _payer.ProveAsync(second, alias)).ShouldBe((402, "PAYMENT_NOT_VERIFIED", "transaction_used"));
        (await _payer.ProveAsync(first, alias)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_payment_in_a_block_after_the_quote_and_its_grace_is_late()
    {
        var (order, to) = await _payer.QuoteAsync();
        await _chain.AskAsync("evm_increaseTime", 3_600 + 120);
        var hash = await _payer.PayAsync(to, Price);
        (await _payer.ProveAsync(order, hash)).ShouldBe((410, "ORDER_EXPIRED", "paid_late"));
    }

    private async Task PaysAsync(long recorded, Func<string, Task<string>> pay)
    {
        var (order, to) = await _payer.QuoteAsync();
        var hash = await pay(to);
        (await _payer.ProveAsync(order, hash)).ShouldBe((200, null, null));
        await _payer.UntilAsync(order, "ready_for_pickup");
        _seller.Read($"SELECT CAST(units AS TEXT) FROM ivxp_payment WHERE tx_hash = '{hash}'").ShouldBe([recorded.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
    }

    private async Task IsRefusedAsync(Func<string, Task<string>> pay, (int, string?, string?) expected)
    {
        var (order, to) = await _payer.QuoteAsync();
        (await _payer.ProveAsync(order, await pay(to))).ShouldBe(expected);
        _seller.Read($"SELECT state FROM ivxp_order WHERE order_id = '{order}'").ShouldBe(["quoted"]);
    }
}
