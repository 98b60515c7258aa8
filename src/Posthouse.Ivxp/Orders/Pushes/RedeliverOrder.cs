using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders.Expiry;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Pushes;

/// <summary>A client asks for another round of pushes, in a request that it signs.</summary>
internal sealed class RedeliverOrder(OrderBook book, ShowOrder show, IvxpOptions options, ISecp256k1 curve, TimeProvider time, IvxpLog log)
{
    public async Task<Reply<StatusAnswer>> AnswerAsync(string id, SignedHeaders headers, string? version)
    {
        if (!OrderId.IsValid(id) || await book.FindAsync(id) is not { } order)
            return new Refusal(IvxpErrors.OrderNotFound, IvxpProtocol.Messages.OrderNotFound);
        if (SignedRequest.Refuse(headers, SignedText.Redeliver, order, curve, time.GetUtcNow()) is { } unsigned)
            return unsigned;
        var done = await book.WriteAsync(write => Redelivery.Begin(write, id, options.Retention, OrderActor.Client, headers.Signature));
        if (done.Refusal is not null)
            return done.Refusal;
        log.Logger.Redelivered(Log.Shown(id), OrderLaw.Name(done.Answer!.State));
        return await show.StatusAsync(id, version);
    }
}

/// <summary>A new round of deliveries of a stored result, for whoever may ask for one.</summary>
internal static class Redelivery
{
    /// <summary>A new round of pushes, which the operator begins. What has no endpoint is not pushed.</summary>
    /// <param name="write">The transaction.</param>
    /// <param name="id">The order.</param>
    /// <param name="keep">The retention.</param>
    public static Reply<Order> Replay(IWrite write, string id, TimeSpan keep) => OrderRows.Find(write, id) switch
    {
        null => new Refusal(IvxpErrors.OrderNotFound, IvxpProtocol.Messages.OrderNotFound),
        { DeliveryEndpoint: null } => new Refusal(IvxpErrors.InvalidOrderState, "The order has no endpoint to push to: its client collects."),
        _ => Begin(write, id, keep, OrderActor.Operator, "replay"),
    };

    /// <summary>Begins it: pushes where there is an endpoint, else the result waits again. The result is kept for a whole retention from now.</summary>
    /// <param name="write">The transaction.</param>
    /// <param name="id">The order.</param>
    /// <param name="keep">The retention.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="evidence">What proves it.</param>
    public static Reply<Order> Begin(IWrite write, string id, TimeSpan keep, OrderActor actor, string? evidence)
    {
        var order = OrderRows.Find(write, id)!;
        if (OrderRows.FindHead(write, id) is not { } head)
            return new Refusal(IvxpErrors.InvalidOrderState, "Nothing was made for this order, so nothing can be delivered again.", OrderView.Status11(order.State));
        if (head.Content is null)
            return new Refusal(IvxpErrors.OrderExpired, "The content is no longer kept.", "delivery_retention_elapsed");
        var pushes = order.DeliveryEndpoint is not null;
        var happened = pushes ? OrderEvent.RedeliveredByPush : OrderEvent.RedeliveredForPickup;
        if (OrderLaw.Next(order.State, happened) is null)
        {
            return new Refusal(IvxpErrors.InvalidOrderState, pushes
                ? $"The order is {OrderView.Status11(order.State)}; it is not delivered again from there."
                : "The order has no endpoint to push to: download it.", OrderView.Status11(order.State));
        }
        var job = pushes ? write.Enqueue(PushDelivery.To(order)).Value : null;
        return OrderBook.Change(write, order, happened, actor, (next, now) => next with
        {
            Push = pushes ? PushState.Scheduled : PushState.None,
            PushJob = job ?? next.PushJob,
            LastError = null,
            KeepUntil = next.KeepUntil > now + keep ? next.KeepUntil : now + keep,
            KeptFrom = RunningTime.Read(write),
        }, evidence)!;
    }
}
