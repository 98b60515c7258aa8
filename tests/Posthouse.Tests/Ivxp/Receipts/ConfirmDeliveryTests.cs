using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Receipts;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.Ivxp.Receipts;

public sealed class ConfirmDeliveryTests
{
    [Fact]
    public async Task All_three_shapes_confirm_and_say_how_strong_the_evidence_is()
    {
        await using var stage = await ProviderStage.StartAsync();
        foreach (var (form, shape) in new (string, Func<Order, DeliveryConfirmation>)[]
        {
            ("C1", order => stage.Receipt(order, "5")),
            ("C2", order => stage.Nested(order, SignedText.ReceiptWithoutHash.Build(new SignedFields(order.Id, Timestamp: stage.Now())))),
            ("C1", order => stage.Nested(order, SignedText.Receipt.Build(new SignedFields(order.Id, Timestamp: stage.Now(), ContentHash: order.ContentHash)))),
            ("C1", order => stage.Oldest(order, SignedText.Receipt.Build(new SignedFields(order.Id, Timestamp: stage.Now(), ContentHash: order.ContentHash)), order.ContentHash, "5")),
            ("C3", order => stage.Oldest(order, SignedText.OldReceipt.Build(new SignedFields(order.Id, Timestamp: stage.Now())), order.ContentHash)),
        })
        {
            var order = await stage.MadeAsync();
            var message = shape(order);
            var answer = (await stage.SayAsync(message)).Answer.ShouldNotBeNull(form);
            var confirmed = await stage.OrderAsync(order.Id);

            (answer.Status, answer.OrderId, answer.OrderStatus, answer.ConfirmedAt).ShouldBe(("confirmed", order.Id, "client_confirmed", WireTime.Write(confirmed.ConfirmedAt!.Value)));
            confirmed.State.ShouldBe(OrderState.ClientConfirmed);
            var stored = (await stage.Store.ReadAsync(read => ReceiptRows.Last(read, order.Id, ReceiptRows.ReceiptKind))).ShouldNotBeNull();
            (stored.Form, stored.SignedMessage).ShouldBe((form, message.SignedMessage ?? message.Confirmation!.Message!));
            (await stage.Store.ReadAsync(read => read.QueryFirst(
                "SELECT actor, evidence FROM ivxp_order_history WHERE order_id = $1 AND event = 'receipt_signed'", row => $"{row.Text(0)} {row.Text(1)}", order.Id)))
                .ShouldBe($"client {form} {stored.Signature}");
        }
    }

    [Fact]
    public async Task A_repeat_answers_with_the_first_time_and_changes_no_rating()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        var first = (await stage.SayAsync(stage.Receipt(order, "4"))).Answer.ShouldNotBeNull();
        stage.Time.Advance(TimeSpan.FromDays(2));

        (await stage.SayAsync(stage.Receipt(order, "1"))).Answer.ShouldBe(first);
        (await stage.SayAsync(stage.Nested(order, SignedText.ReceiptWithoutHash.Build(new SignedFields(order.Id, Timestamp: stage.Now()))), order.Id)).Answer.ShouldBe(first);

        (await stage.OrderAsync(order.Id)).Satisfaction.ShouldBe(4);
        (await stage.Get<ShowOrder>().StatusAsync(order.Id, null)).Answer!.Message.ClientSatisfaction.ShouldBe(4);
        (await stage.CodeAsync(stage.Dispute(order))).ShouldBe(IvxpErrors.InvalidOrderState);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("6")]
    [InlineData("4.5")]
    [InlineData("5.0")]
    [InlineData("5e0")]
    [InlineData("\"5\"")]
    [InlineData("-1")]
    [InlineData("true")]
    [InlineData("[5]")]
    public async Task A_rating_that_is_no_integer_from_1_to_5_is_refused_the_same_way(string rating)
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        var refusal = (await stage.SayAsync(stage.Receipt(order, rating))).Refusal.ShouldNotBeNull();

        (refusal.Code, refusal.Reason).ShouldBe((IvxpErrors.InvalidRequest, "rating"));
        (await stage.OrderAsync(order.Id)).State.ShouldBe(OrderState.ReadyForPickup);
    }

    [Fact]
    public async Task Any_of_the_three_digests_is_taken_in_the_characters_that_were_signed()
    {
        await using var stage = await ProviderStage.StartAsync();
        var made = await stage.MadeAsync();
        var hash = (await stage.Store.ReadAsync(read => OrderRows.FindHead(read, made.Id)))!.Hash;
        foreach (var claimed in new[] { hash.Wire, "0x" + hash.Canonical.ToUpperInvariant(), hash.Raw, hash.Python })
        {
            // Each order has the same content, and so the same digests.
            var order = await stage.MadeAsync();
            (await stage.SayAsync(stage.Receipt(order, hash: claimed))).Answer.ShouldNotBeNull(claimed);
        }
        var good = stage.Receipt(made);
        (await stage.CodeAsync(good with { Confirmation = good.Confirmation! with { ContentHash = hash.Canonical } })).ShouldBe(IvxpErrors.ContentHashMismatch);
        (await stage.CodeAsync(good with { Confirmation = good.Confirmation! with { ContentHash = null } })).ShouldBe(IvxpErrors.InvalidRequest);
        (await stage.CodeAsync(good)).ShouldBeNull();
    }

    [Fact]
    public async Task A_receipt_waits_for_the_content_and_is_then_taken_however_late()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var id = await stage.BuyAsync();
        (await stage.CodeAsync(stage.Receipt(await stage.OrderAsync(id), hash: new string('0', 64)))).ShouldBe(IvxpErrors.InvalidOrderState);

        await using var working = await ProviderStage.StartAsync();
        var order = await working.MadeAsync();
        var signed = working.Receipt(order, "3");
        working.Time.Advance(TimeSpan.FromDays(5));
        (await working.SayAsync(signed)).Answer.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_receipt_in_whole_seconds_signed_in_the_second_of_the_completion_is_not_too_old()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Time.Advance(TimeSpan.FromMilliseconds(700));
        var order = await stage.MadeAsync();
        order.CompletedAt!.Value.Millisecond.ShouldBe(700);
        var second = order.CompletedAt.Value.AddMilliseconds(-700).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        (await stage.CodeAsync(stage.Receipt(order, at: WireTime.Write(order.CompletedAt.Value.AddMilliseconds(-1))))).ShouldBe(IvxpErrors.InvalidTimestamp);
        (await stage.CodeAsync(stage.Receipt(order, at: second))).ShouldBeNull();
    }

    [Fact]
    public async Task A_message_that_says_two_things_is_refused()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        var good = stage.Receipt(order);
        foreach (var (code, bad) in new[]
        {
            (IvxpErrors.SignatureInvalid, good with { Confirmation = good.Confirmation! with { Received = false } }),
            (IvxpErrors.SignatureInvalid, good with { ClientAgent = good.ClientAgent! with { WalletAddress = stage.Wallet.Address.ToString() } }),
            (IvxpErrors.InvalidRequest, good with { Confirmation = good.Confirmation! with { Message = good.SignedMessage, Signature = good.Signature } }),
            (IvxpErrors.InvalidRequest, good with { MessageType = "delivery_request" }),
            (IvxpErrors.InvalidRequest, good with { Status = "confirmed" }),
            (IvxpErrors.InvalidRequest, good with { Signature = null }),
            (IvxpErrors.ProtocolVersionUnsupported, good with { Protocol = "IVXP/2.0" }),
            (IvxpErrors.ProtocolVersionUnsupported, good with { Protocol = null }),
            (IvxpErrors.OrderNotFound, good with { OrderId = OrderId.New(new SeededIds(9)) }),
            (IvxpErrors.OrderNotFound, good with { OrderId = "ivxp-1" }),
        })
        {
            (await stage.CodeAsync(bad)).ShouldBe(code);
        }
        (await stage.SayAsync(good, OrderId.New(new SeededIds(9)))).Refusal!.Code.ShouldBe(IvxpErrors.InvalidRequest);
        (await stage.SayAsync(good, order.Id)).Refusal.ShouldBeNull();
    }
}
