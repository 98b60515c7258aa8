using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Ivxp.Orders.Receipts;
using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.Ivxp.Receipts;

public sealed class DisputeTests
{
    [Fact]
    public async Task A_dispute_is_recorded_with_its_reason_and_the_same_text_never_counts_twice()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync(endpoint: ProviderStage.Endpoint);
        var signed = stage.Dispute(order, "Nothing came.");
        var first = (await stage.SayAsync(signed)).Answer.ShouldNotBeNull();
        (first.Status, first.OrderId, first.OrderStatus, first.ConfirmedAt).ShouldBe(("disputed", order.Id, null, null));
        stage.Time.Advance(TimeSpan.FromMinutes(1));
        (await stage.SayAsync(stage.Dispute(order))).Answer.ShouldBe(first);

        stage.Inbox.Answer = () => InboxWire.Response(200);
        (await stage.Get<RedeliverOrder>().AnswerAsync(order.Id, stage.Signed(SignedText.Redeliver, order.Id), null)).Answer.ShouldNotBeNull();
        await stage.UntilAsync(order.Id, OrderState.Posted);
        (await stage.SayAsync(signed)).Answer.ShouldBe(first);
        (await stage.OrderAsync(order.Id)).State.ShouldBe(OrderState.Posted);

        var stored = (await stage.Store.ReadAsync(read => ReceiptRows.Last(read, order.Id, ReceiptRows.DisputeKind))).ShouldNotBeNull();
        (stored.Form, stored.Reason, stored.SatisfactionRating).ShouldBe(("X1", "Nothing came.", null));
        (await stage.CodeAsync(stage.Dispute(order, new string('x', 1001)))).ShouldBe(IvxpErrors.InvalidRequest);
    }

    [Fact]
    public async Task Every_shape_disputes_and_a_client_may_confirm_a_disputed_order()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        string Text(string hash) => SignedText.Dispute.Build(new SignedFields(order.Id, Timestamp: stage.Now(), ContentHash: hash));
        (await stage.SayAsync(stage.Nested(order, Text("none")))).Answer!.Status.ShouldBe("disputed");
        (await stage.SayAsync(stage.Oldest(order, Text("sha256:" + new string('0', 64))))).Answer!.Status.ShouldBe("disputed");

        (await stage.SayAsync(stage.Receipt(order, "2"))).Answer!.OrderStatus.ShouldBe("client_confirmed");
        var reputation = (await stage.Store.ReadAsync(ReceiptRows.Reputation)).ShouldHaveSingleItem();
        (reputation.Type, reputation.Receipts, reputation.Ratings, reputation.Disputes, reputation.MeanRating).ShouldBe(("text_echo", 1, 1, 1, 2m));
        var bundle = (await stage.Get<ShowReceipt>().AnswerAsync(order.Id, default)).Answer.ShouldNotBeNull();
        bundle.Verify(Posthouse.Ivxp.Signing.Secp256k1.Best).IsSound.ShouldBeTrue();
        (bundle.Receipt!.Form, bundle.Dispute!.Form).ShouldBe(("C1", "X1"));
    }

    [Fact]
    public async Task A_redelivery_takes_the_place_of_a_push_that_waits_and_keeps_its_delivery_id()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync(endpoint: ProviderStage.Endpoint);
        stage.Inbox.Answer = () => InboxWire.Response(200);

        (await stage.Get<RedeliverOrder>().AnswerAsync(order.Id, stage.Signed(SignedText.Redeliver, order.Id), null)).Answer!.Message.StatusV11.ShouldBeOneOf("ready", "posted");
        var posted = await stage.UntilAsync(order.Id, OrderState.Posted);

        posted.PushJob.ShouldNotBe(order.PushJob);
        stage.Inbox.Received.Select(push => push.Headers.Single(header => header.Key == "IVXP-Delivery-Id").Value).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_redelivery_is_signed_by_the_client_lately_and_needs_something_to_deliver()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync(endpoint: ProviderStage.Endpoint);
        var stranger = stage.Wallet;
        foreach (var (code, headers) in new[]
        {
            (IvxpErrors.SignatureInvalid, default),
            (IvxpErrors.SignatureInvalid, stage.Signed(SignedText.Redeliver, order.Id, stranger)),
            (IvxpErrors.SignatureInvalid, stage.Signed(SignedText.Download, order.Id)),
            (IvxpErrors.SignatureInvalid, stage.Signed(SignedText.Redeliver, OrderId.New(new SeededIds(9)))),
            (IvxpErrors.InvalidTimestamp, stage.Signed(SignedText.Redeliver, order.Id, shift: TimeSpan.FromSeconds(-301))),
            (IvxpErrors.InvalidTimestamp, stage.Signed(SignedText.Redeliver, order.Id, shift: TimeSpan.FromSeconds(61))),
        })
        {
            (await stage.Get<RedeliverOrder>().AnswerAsync(order.Id, headers, null)).Refusal!.Code.ShouldBe(code);
        }
        var waiting = await stage.MadeAsync();
        (await stage.Get<RedeliverOrder>().AnswerAsync(waiting.Id, stage.Signed(SignedText.Redeliver, waiting.Id), null)).Refusal!.Code.ShouldBe(IvxpErrors.InvalidOrderState);
        var quoted = await stage.QuoteAsync();
        (await stage.Get<RedeliverOrder>().AnswerAsync(quoted, stage.Signed(SignedText.Redeliver, quoted), null)).Refusal!.Code.ShouldBe(IvxpErrors.InvalidOrderState);
    }

    [Fact]
    public async Task An_operator_redelivers_refunds_or_closes_and_the_history_says_who_it_was()
    {
        await using var stage = await ProviderStage.StartAsync();
        var keep = TimeSpan.FromDays(7);
        Task<Reply<Order>> Resolve(string id, Resolution how) => stage.Get<OrderBook>().WriteAsync(write => ResolveDispute.Apply(write, id, how, keep));
        var failed = await stage.BuyAsync("broken", "1");
        await stage.PassUntilAsync(failed, o => o.State is OrderState.DeliveryFailed);
        (await stage.SayAsync(stage.Dispute(await stage.OrderAsync(failed)))).Answer.ShouldNotBeNull();
        (await Resolve(failed, Resolution.Redeliver)).Refusal!.Code.ShouldBe(IvxpErrors.InvalidOrderState);
        (await Resolve(failed, Resolution.Close)).Answer!.State.ShouldBe(OrderState.DeliveryFailed);

        var order = await stage.MadeAsync();
        (await Resolve(order.Id, Resolution.Refund)).Refusal!.Code.ShouldBe(IvxpErrors.InvalidOrderState);
        (await Resolve(order.Id, Resolution.Close)).Refusal!.Code.ShouldBe(IvxpErrors.InvalidOrderState);

        await stage.SayAsync(stage.Dispute(order));
        stage.Time.Advance(TimeSpan.FromDays(30));
        var again = (await Resolve(order.Id, Resolution.Redeliver)).Answer.ShouldNotBeNull();
        (again.State, again.KeepUntil).ShouldBe((OrderState.ReadyForPickup, stage.Time.GetUtcNow() + keep));
        await stage.SayAsync(stage.Dispute(order));
        (await Resolve(order.Id, Resolution.Refund)).Answer!.State.ShouldBe(OrderState.Refunded);

        (await stage.Store.ReadAsync(read => read.Query(
            "SELECT event, actor FROM ivxp_order_history WHERE order_id = $1 AND actor IN ('operator', 'client') AND event <> 'requested' ORDER BY version",
            row => $"{row.Text(0)} {row.Text(1)}", order.Id)))
            .ShouldBe(["payment_verified client", "dispute_signed client", "redelivered_for_pickup operator", "dispute_signed client", "money_returned operator"]);
    }
}
