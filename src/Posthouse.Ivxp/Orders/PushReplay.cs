using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders;

/// <summary>A new round of pushes for a stored result: row 15 of the law. The delivery keeps its id, so that a client that has it drops it.</summary>
internal static class PushReplay
{
    /// <summary>Begins a round in the caller's transaction. An older job of the order that is still scheduled finds itself replaced and ends.</summary>
    /// <param name="write">The transaction.</param>
    /// <param name="order">The order as it stands.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="evidence">What proves that, kept in the history.</param>
    /// <returns>The changed order; null where nothing can be pushed: no endpoint, no content, or a state that the law does not begin from.</returns>
    public static Order? Begin(IWrite write, Order order, OrderActor actor, string? evidence = null)
    {
        if (order.DeliveryEndpoint is null || OrderLaw.Next(order.State, OrderEvent.RedeliveredByPush) is null
            || OrderRows.FindDeliverable(write, order.Id)?.Content is null)
            return null;
        var job = write.Enqueue(PushDelivery.To(order));
        return OrderBook.Change(write, order, OrderEvent.RedeliveredByPush, actor,
            (next, _) => next with { Push = PushState.Scheduled, PushJob = job.Value, LastError = null }, evidence);
    }
}
