using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Proofs;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Tests.Ivxp.Orders;

public sealed class AcceptPaymentTests
{
    [Fact]
    public async Task Twenty_identical_proofs_at_once_pay_once_and_are_all_accepted()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var order = await stage.QuoteAsync();
        var proof = stage.Proof(order, await stage.PayAsync());

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => stage.ProveAsync(proof))));

        replies.ShouldAllBe(reply => reply.Answer != null && reply.Answer.Status == "accepted");
        (await stage.HistoryAsync(order)).ShouldBe(["requested>quoted", "payment_verified>paid"]);
        (await stage.Store.ReadAsync(read => read.Scalar("SELECT COUNT(*) FROM job WHERE name = 'ivxp.work'"))).ShouldBe(1);
        (await stage.Store.ReadAsync(read => read.Scalar("SELECT COUNT(*) FROM ivxp_payment"))).ShouldBe(1);
    }

    [Fact]
    public async Task One_transaction_pays_one_of_five_orders_that_claim_it_at_once()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var paid = await stage.PayAsync();
        var orders = new List<string>();
        for (var i = 0; i < 5; i++)
            orders.Add(await stage.QuoteAsync());

        var replies = await Task.WhenAll(orders.Select(order => Task.Run(() => stage.ProveAsync(stage.Proof(order, paid)))));

        replies.Count(reply => reply.Refusal is null).ShouldBe(1);
        replies.Where(reply => reply.Refusal is not null).ShouldAllBe(reply => reply.Refusal!.Code == IvxpErrors.PaymentNotVerified && reply.Refusal.Reason == "transaction_used");
    }

    [Fact]
    public async Task A_proof_of_a_paid_order_is_accepted_again_however_late_and_another_payment_is_not()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var order = await stage.QuoteAsync();
        var proof = stage.Proof(order, await stage.PayAsync());
        (await stage.ProveAsync(proof)).Refusal.ShouldBeNull();
        stage.Time.Advance(TimeSpan.FromDays(2));

        (await stage.ProveAsync(proof)).Refusal.ShouldBeNull();
        (await stage.ProveAsync(stage.Proof(order, await stage.PayAsync()))).Refusal!.Code.ShouldBe(IvxpErrors.DuplicateDeliveryRequest);
    }

    [Fact]
    public async Task Nobody_spends_somebody_elses_payment()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var thief = Wallet.Create(new SeededIds(3), Secp256k1.Best);
        var paid = await stage.PayAsync();
        var order = await stage.QuoteAsync(client: thief);

        // Signed by the thief, for an order of the thief's: the chain shows another payer.
        var refusal = (await stage.ProveAsync(stage.Proof(order, paid, signer: thief))).Refusal!;
        (refusal.Code, refusal.Reason).ShouldBe((IvxpErrors.PaymentNotVerified, "wrong_payer"));
        // Claiming the payer's name does not help: the payer did not sign.
        var named = stage.Proof(order, paid, signer: thief);
        named = named with { PaymentProof = named.PaymentProof with { FromAddress = stage.Client.Address.ToString() } };
        (await stage.ProveAsync(named)).Refusal!.Code.ShouldBe(IvxpErrors.SignatureInvalid);
        (await stage.OrderAsync(order)).State.ShouldBe(OrderState.Quoted);
    }

    [Theory]
    [InlineData("signer")]
    [InlineData("order")]
    [InlineData("payment")]
    [InlineData("timestamp")]
    [InlineData("text")]
    public async Task A_signature_that_binds_anything_else_is_refused(string what)
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var order = await stage.QuoteAsync();
        var transaction = await stage.PayAsync();
        var other = await stage.QuoteAsync();
        var good = stage.Proof(order, transaction);
        var bad = what switch
        {
            "signer" => good with { Signature = stage.Proof(order, transaction, signer: stage.Wallet).Signature },
            "order" => stage.Proof(other, transaction) with { OrderId = order },
            "payment" => stage.Proof(order, "0x" + new string('1', 64)) with { PaymentProof = good.PaymentProof },
            "timestamp" => good with { Timestamp = WireTime.Write(stage.Time.GetUtcNow().AddSeconds(1)) },
            _ => good with { SignedMessage = good.SignedMessage + " ", Signature = stage.Client.Sign(good.SignedMessage + " ").ToString() },
        };

        var refusal = (await stage.ProveAsync(bad)).Refusal!;

        (refusal.Code, refusal.Reason).ShouldBe((IvxpErrors.SignatureInvalid, what));
    }

    [Fact]
    public async Task An_old_proof_another_network_and_an_unknown_order_are_refused()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var order = await stage.QuoteAsync();
        var transaction = await stage.PayAsync();
        var proof = stage.Proof(order, transaction);
        var unknown = "ivxp-00000000-0000-4000-8000-000000000000";

        (await stage.ProveAsync(stage.Proof(unknown, transaction))).Refusal!.Code.ShouldBe(IvxpErrors.OrderNotFound);
        (await stage.ProveAsync(proof with { PaymentProof = proof.PaymentProof with { Network = "base-mainnet" } })).Refusal!.Code.ShouldBe(IvxpErrors.InvalidNetwork);
        stage.Time.Advance(TimeSpan.FromSeconds(301));
        (await stage.ProveAsync(proof)).Refusal!.Code.ShouldBe(IvxpErrors.InvalidTimestamp);
    }

    [Fact]
    public async Task While_the_chain_is_away_the_proof_is_kept_and_the_order_is_paid_by_itself_when_it_is_back()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.QuoteAsync();
        var proof = stage.Proof(order, await stage.PayAsync());
        stage.ChainIsDown = true;

        var refusal = (await stage.ProveAsync(proof)).Refusal!;
        (refusal.Code, refusal.Reason).ShouldBe((IvxpErrors.ServiceUnavailable, "unreachable"));
        refusal.RetryAfter.ShouldNotBeNull();
        (await stage.OrderAsync(order)).State.ShouldBe(OrderState.Quoted);
        stage.ChainIsDown = false;

        await stage.PassUntilAsync(order, o => o.State is OrderState.ReadyForPickup);
        (await stage.Store.ReadAsync(read => OrderClaims.Any(read, order))).ShouldBeFalse();
        (await stage.ProveAsync(proof)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task A_quote_expires_and_a_late_proof_of_a_timely_payment_still_pays_it()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.QuoteAsync();
        var late = await stage.QuoteAsync();
        var paid = await stage.PayAsync();

        await stage.PassUntilAsync(order, o => o.State is OrderState.ExpiredQuote);
        stage.Time.Advance(TimeSpan.FromMinutes(5));
        var tooLate = (await stage.ProveAsync(stage.Proof(late, await stage.PayAsync()))).Refusal!;
        (tooLate.Code, tooLate.Reason).ShouldBe((IvxpErrors.OrderExpired, "paid_late"));
        (await stage.ProveAsync(stage.Proof(order, paid))).Refusal.ShouldBeNull();
        await stage.UntilAsync(order, OrderState.ReadyForPickup);
    }

    [Fact]
    public async Task Too_little_money_is_a_mismatch()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var order = await stage.QuoteAsync();
        (await stage.ProveAsync(stage.Proof(order, await stage.PayAsync("4.999999")))).Refusal!.Code.ShouldBe(IvxpErrors.AmountMismatch);
    }
}
