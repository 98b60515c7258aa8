using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.SystemTests.Ivxp.Chain;

/// <summary>Our own paying wallet on a real EVM.</summary>
public sealed class ChainWalletTests : IAsyncLifetime
{
    private Anvil _chain = null!;
    private ChainStage _stage = null!;

    public async ValueTask InitializeAsync()
    {
        _chain = await Anvil.StartAsync();
        _stage = await ChainStage.StartAsync(_chain);
    }

    public async ValueTask DisposeAsync()
    {
        await _stage.DisposeAsync();
        await _chain.DisposeAsync();
    }

    [Fact]
    public async Task What_was_written_down_before_a_crash_is_sent_again_and_moves_money_once()
    {
        var order = await _stage.QuoteAsync();
        var payment = await _stage.PrepareAsync();
        (await LookAsync(payment)).Kind.ShouldBe(FateKind.Unknown);

        await _chain.MineByItselfAsync(false);
        (await _stage.Purse.SendAsync(payment)).Outcome.ShouldBe(SendOutcome.Taken);
        // The answer was lost: the same bytes go again, while they wait and when they are in a block.
        (await _stage.Purse.SendAsync(payment)).Outcome.ShouldBe(SendOutcome.Taken);
        (await LookAsync(payment)).Kind.ShouldBe(FateKind.Pending);
        await _chain.MineAsync(1);
        (await _stage.Purse.SendAsync(payment)).Outcome.ShouldBeOneOf(SendOutcome.NonceUsed, SendOutcome.Taken);

        (await LookAsync(payment)).Kind.ShouldBe(FateKind.Mined);
        (await _chain.BalanceAsync(_stage.Provider.Address)).ShouldBe(5_000_000);
        (await _stage.ProveAsync(order, payment.Hash)).ShouldBeNull();
    }

    [Fact]
    public async Task A_payment_is_replaced_by_one_with_higher_fees_and_only_one_of_them_moves_money()
    {
        await _chain.MineByItselfAsync(false);
        var stuck = await _stage.PrepareAsync();
        (await _stage.Purse.SendAsync(stuck)).Outcome.ShouldBe(SendOutcome.Taken);
        var higher = (await _stage.Purse.PrepareReplacementAsync(UsdcNetwork.BaseSepolia, UsdcNetwork.BaseSepolia.Contract,
            ContractCall.Transfer(_stage.Provider.Address, UsdcAmount.FromUnits(5_000_000)), stuck)).ShouldNotBeNull();
        (await _stage.Purse.SendAsync(higher)).Outcome.ShouldBe(SendOutcome.Taken);
        await _chain.MineAsync(5);

        (await LookAsync(higher)).Kind.ShouldBe(FateKind.Mined);
        // The other one can never be mined any more: its nonce is final.
        (await LookAsync(stuck)).Kind.ShouldBe(FateKind.Displaced);
        (await _chain.BalanceAsync(_stage.Provider.Address)).ShouldBe(5_000_000);
    }

    [Fact]
    public async Task A_transfer_above_the_balance_is_refused_before_it_is_signed()
    {
        var refused = await Should.ThrowAsync<PosthouseException>(() =>
            _stage.Purse.PrepareTransferAsync(UsdcNetwork.BaseSepolia, _stage.Provider.Address, UsdcAmount.FromUnits(100_000_001)));
        refused.Code.ShouldBe(ChainErrors.ChainRefused);
        refused.Message.ShouldContain("exceeds balance");
    }

    [Fact]
    public async Task A_late_proof_of_a_timely_payment_counts_and_a_late_payment_does_not()
    {
        var (timely, late) = (await _stage.QuoteAsync(), await _stage.QuoteAsync());
        var first = await _stage.PrepareAsync();
        await _stage.PayAsync(_chain, first);

        // The client is dark for a day, and the provider's clock says that both quotes are long over.
        _stage.Time.Shift = TimeSpan.FromDays(1);
        await _chain.AskAsync("evm_setNextBlockTimestamp", DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds());
        var second = await _stage.PrepareAsync();
        await _stage.PayAsync(_chain, second);

        (await _stage.ProveAsync(late, second.Hash))!.Reason.ShouldBe("paid_late");
        (await _stage.ProveAsync(timely, first.Hash)).ShouldBeNull();
        await _stage.UntilAsync(read => OrderRows.Find(read, timely)!.State is OrderState.ReadyForPickup);
    }

    private Task<TransactionFate> LookAsync(SignedTransaction transaction) => _stage.Purse.LookAsync(transaction.Hash, transaction.Nonce);
}
