using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Receipts;

/// <summary>
/// Takes a client's receipt or dispute. Both bind an order, and most a content too; so they are taken however late they come, and
/// change nothing when they come again.
/// </summary>
internal sealed class ConfirmDelivery(OrderBook book, IvxpOptions options, ISecp256k1 curve, TimeProvider time, IvxpLog log)
{
    /// <summary>Takes the client's word.</summary>
    /// <param name="message">The message.</param>
    /// <param name="path">The order that the path names, or null.</param>
    public async Task<Reply<ConfirmationAccepted>> AnswerAsync(DeliveryConfirmation message, string? path)
    {
        if (ConfirmationText.RefuseFrame(message, path) is { } malformed)
            return malformed;
        if (!OrderId.IsValid(message.OrderId) || await book.FindWithHeadAsync(message.OrderId) is not ({ } order, var deliverable))
            return new Refusal(IvxpErrors.OrderNotFound, IvxpProtocol.Messages.OrderNotFound);
        var read = ConfirmationText.Read(message, order, curve);
        if ((read.Refusal ?? Refuse(read.Answer!, order, deliverable)) is { } refusal)
            return refusal;
        var word = read.Answer!;
        var (reply, isNew) = await book.WriteAsync(write => word.IsDispute ? Dispute(write, order.Id, word) : Confirm(write, order.Id, word));
        if (isNew && word.IsDispute)
            log.Logger.Disputed(Log.Shown(order.Id), word.Reason is null ? "no reason given" : "with a reason");
        else if (isNew)
            log.Logger.Confirmed(Log.Shown(order.Id), word.Kind.Id);
        return reply;
    }

    private Refusal? Refuse(SignedWord word, Order order, StoredDeliverable? deliverable)
    {
        var now = time.GetUtcNow();
        if (!word.IsDispute && deliverable is null)
            return NotNow(order);
        // A dispute may name what came instead.
        if (!word.IsDispute && word.Hash is not null && !deliverable!.Hash.Accepts(word.Hash))
            return new Refusal(IvxpErrors.ContentHashMismatch, "This is not the hash of the content that was delivered.", "content");
        if (word.Rating is not null && !word.IsDispute && (order.Client == options.Wallet.Address || order.Client == order.PaymentAddress))
            return new Refusal(IvxpErrors.InvalidRequest, "A provider cannot rate itself: confirm without a rating.", "own_service");
        var written = word.Fields.Timestamp;
        return WireTime.TryParse(written, out var signedAt) && WireTime.IsNotBefore(written, order.CompletedAt ?? order.CreatedAt) && signedAt <= now + IvxpProtocol.Limits.MaxAhead
            ? null
            : new Refusal(IvxpErrors.InvalidTimestamp, $"The text is older than the content or ahead of time; it is {WireTime.Write(now)} here.");
    }

    private static (Reply<ConfirmationAccepted> Reply, bool IsNew) Confirm(IWrite write, string id, SignedWord word)
    {
        var order = OrderRows.Find(write, id)!;
        if (order is { State: OrderState.ClientConfirmed, ConfirmedAt: { } first })
            return (Confirmed(id, first), false);
        var changed = OrderBook.Change(write, order, OrderEvent.ReceiptSigned, OrderActor.Client,
            (next, now) => next with { ConfirmedAt = now, Satisfaction = word.Rating }, Evidence(word));
        if (changed is null)
            return (NotNow(order), false);
        ReceiptRows.Insert(write, id, ReceiptRows.ReceiptKind, word);
        return (Confirmed(id, changed.ConfirmedAt!.Value), true);
    }

    private static (Reply<ConfirmationAccepted> Reply, bool IsNew) Dispute(IWrite write, string id, SignedWord word)
    {
        var order = OrderRows.Find(write, id)!;
        // The same text again, after a redelivery too, is the old dispute and not a new one: whoever saw it can send it.
        if (order.DisputedAt is { } first && (order.State is OrderState.Disputed || ReceiptRows.Has(write, id, word.Text)))
            return (Disputed(id, first), false);
        var changed = OrderBook.Change(write, order, OrderEvent.DisputeSigned, OrderActor.Client, (next, now) => next with { DisputedAt = now }, Evidence(word));
        if (changed is null)
            return (NotNow(order), false);
        ReceiptRows.Insert(write, id, ReceiptRows.DisputeKind, word);
        return (Disputed(id, changed.DisputedAt!.Value), true);
    }

    // The form says how strong the evidence is: C1 names the content, C2 and C3 do not.
    private static string Evidence(SignedWord word) => $"{word.Kind.Id} {word.Signature}";

    private static Refusal NotNow(Order order) =>
        new(IvxpErrors.InvalidOrderState, $"The order is {OrderView.Status11(order.State)}; this cannot be said about it now.", OrderView.Status11(order.State));

    private static ConfirmationAccepted Confirmed(string id, DateTimeOffset first) =>
        new(IvxpProtocol.Statuses.Confirmed, id, OrderView.Status11(OrderState.ClientConfirmed), WireTime.Write(first));

    private static ConfirmationAccepted Disputed(string id, DateTimeOffset first) =>
        new(IvxpProtocol.Statuses.Disputed, id, DisputedAt: WireTime.Write(first));
}
