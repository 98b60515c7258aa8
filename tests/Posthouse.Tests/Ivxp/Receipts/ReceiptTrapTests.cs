using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Receipts;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.Ivxp.Receipts;

/// <summary>The rows of the table of traps that concern what happens after a delivery, one test each.</summary>
public sealed class ReceiptTrapTests
{
    [Fact]
    public async Task A_receipt_that_is_forged_or_for_other_content_is_refused_and_the_first_one_wins()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        var other = await stage.MadeAsync();
        var stranger = Wallet.Create(new SeededIds(7), Secp256k1.Best);
        var good = stage.Receipt(order, "5");

        (await stage.CodeAsync(stage.Receipt(order, signer: stranger))).ShouldBe(IvxpErrors.SignatureInvalid);
        (await stage.CodeAsync(stage.Receipt(order, signer: stage.Wallet))).ShouldBe(IvxpErrors.SignatureInvalid);
        (await stage.CodeAsync(good with { OrderId = other.Id })).ShouldBe(IvxpErrors.SignatureInvalid);
        (await stage.CodeAsync(good with { SignedMessage = good.SignedMessage + " " })).ShouldBe(IvxpErrors.SignatureInvalid);
        (await stage.CodeAsync(good with { SignedMessage = "I say: " + good.SignedMessage })).ShouldBe(IvxpErrors.SignatureInvalid);
        (await stage.CodeAsync(good with { Signature = good.Signature![..^2] + "05" })).ShouldBe(IvxpErrors.SignatureInvalid);
        (await stage.CodeAsync(stage.Receipt(order, hash: "sha256:" + new string('0', 64)))).ShouldBe(IvxpErrors.ContentHashMismatch);
        (await stage.OrderAsync(order.Id)).State.ShouldBe(OrderState.ReadyForPickup);

        (await stage.CodeAsync(good)).ShouldBeNull();
        (await stage.SayAsync(stage.Receipt(order, "1"))).Answer.ShouldNotBeNull();
        (await stage.OrderAsync(order.Id)).Satisfaction.ShouldBe(5);
    }

    [Fact]
    public async Task No_signed_text_of_another_kind_is_taken_for_a_receipt_or_a_dispute()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        var fields = new SignedFields(order.Id, order.TransactionHash, stage.Now(), "0123456789abcdef", order.ContentHash, stage.Wallet.Address.ToString(), "1770292800123");
        string[] beside = ["C1", "X1"], nested = ["C1", "C2", "X1"], oldest = ["C1", "C3", "X1"];
        foreach (var kind in SignedText.All.Where(kind => kind.Id is not "H1"))
        {
            var text = kind.Build(fields);
            (ConfirmationText.Read(ReceiptStage.Beside(order, text, stage.Client, new Confirmation(ContentHash: order.ContentHash)), order, Secp256k1.Best).Answer is not null)
                .ShouldBe(beside.Contains(kind.Id), kind.Id);
            (ConfirmationText.Read(stage.Nested(order, text), order, Secp256k1.Best).Answer is not null).ShouldBe(nested.Contains(kind.Id), kind.Id);
            (ConfirmationText.Read(stage.Oldest(order, text, order.ContentHash), order, Secp256k1.Best).Answer is not null).ShouldBe(oldest.Contains(kind.Id), kind.Id);
        }
    }

    [Fact]
    public async Task A_provider_cannot_rate_itself()
    {
        await using var stage = await ProviderStage.StartAsync();
        var id = await stage.QuoteAsync(client: stage.Wallet);
        (await stage.ProveAsync(stage.Proof(id, await stage.PayAsync(client: stage.Wallet), signer: stage.Wallet))).Refusal.ShouldBeNull();
        var order = await stage.UntilAsync(id, OrderState.ReadyForPickup);

        var refusal = (await stage.SayAsync(stage.Receipt(order, "5", stage.Wallet))).Refusal.ShouldNotBeNull();
        (refusal.Code, refusal.Reason).ShouldBe((IvxpErrors.InvalidRequest, "own_service"));
        (await stage.SayAsync(stage.Receipt(order, signer: stage.Wallet))).Answer.ShouldNotBeNull();
        (await stage.Store.ReadAsync(ReceiptRows.Reputation)).ShouldHaveSingleItem().Ratings.ShouldBe(0);
    }

    [Fact]
    public async Task Timestamps_have_a_zone_and_a_refusal_tells_the_time_here()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        stage.Time.Advance(TimeSpan.FromHours(1));
        var now = stage.Time.GetUtcNow();
        foreach (var wrong in new[] { WireTime.Write(order.CompletedAt!.Value.AddSeconds(-1)), WireTime.Write(now.AddSeconds(61)) })
        {
            var refusal = (await stage.SayAsync(stage.Receipt(order, at: wrong))).Refusal.ShouldNotBeNull();
            refusal.Code.ShouldBe(IvxpErrors.InvalidTimestamp);
            refusal.Message.ShouldContain(WireTime.Write(now));
        }
        var signed = stage.Receipt(order);
        (await stage.CodeAsync(signed with { SignedMessage = signed.SignedMessage!.TrimEnd('Z') })).ShouldBe(IvxpErrors.SignatureInvalid);
        (await stage.CodeAsync(stage.Receipt(order, at: now.AddHours(2).ToString("yyyy-MM-dd'T'HH:mm:ss'+02:00'", System.Globalization.CultureInfo.InvariantCulture)))).ShouldBeNull();
    }

    [Fact]
    public async Task The_retention_sweep_removes_contents_and_never_an_order_a_hash_or_a_proof()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        var disputed = await stage.MadeAsync();
        (await stage.SayAsync(stage.Dispute(disputed))).Answer.ShouldNotBeNull();
        stage.Pass(TimeSpan.FromDays(8));
        await stage.PassUntilAsync(order.Id, kept => kept.State == OrderState.ExpiredRetention);

        var head = (await stage.Store.ReadAsync(read => OrderRows.FindHead(read, order.Id))).ShouldNotBeNull();
        (head.Content, head.Hash.Wire, head.Signature.Length).ShouldBe((null, order.ContentHash!, 132));
        (await stage.ContentAsync(disputed.Id)).ShouldNotBeNull();
        foreach (var table in new[] { "ivxp_order", "ivxp_payment", "ivxp_deliverable" })
            (await stage.Store.ReadAsync(read => read.Scalar($"SELECT COUNT(*) FROM {table}"))).ShouldBe(2, table);
        var bundle = (await stage.Get<ShowReceipt>().AnswerAsync(order.Id, default)).Answer.ShouldNotBeNull();
        bundle.Verify(Secp256k1.Best).Proves("delivery").ShouldBeTrue();
        bundle.Verify(Secp256k1.Best).Proves("payment").ShouldBeTrue();
    }

    [Fact]
    public async Task A_download_by_whoever_knows_the_id_is_no_receipt_and_takes_nothing_away()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        (await stage.Get<ShowOrder>().DownloadAsync(order.Id, null, default)).Answer.ShouldNotBeNull();
        (await stage.OrderAsync(order.Id)).State.ShouldBe(OrderState.ReadyForPickup);

        await stage.Get<ShowOrder>().DownloadedAsync(order.Id);
        var delivered = await stage.OrderAsync(order.Id);
        (delivered.State, delivered.ConfirmedAt, delivered.KeepUntil).ShouldBe((OrderState.Delivered, null, order.KeepUntil));
        (await stage.Get<ShowOrder>().DownloadAsync(order.Id, null, default)).Answer!.Content.ShouldNotBeNull();
        (await stage.CodeAsync(stage.Receipt(order, signer: Wallet.Create(new SeededIds(7), Secp256k1.Best)))).ShouldBe(IvxpErrors.SignatureInvalid);
    }
}
