using Posthouse.Ivxp.Orders.Expiry;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Ivxp.Protocol;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Receipts;

/// <summary>How an operator settles an order.</summary>
internal enum Resolution
{
    /// <summary>Delivers the stored result again; possible without a dispute too.</summary>
    Redeliver = 1,

    /// <summary>Records that the money went back. Posthouse moves none.</summary>
    Refund = 2,

    /// <summary>Closes the dispute: nothing more will be delivered.</summary>
    Close = 3,
}

/// <summary>The operator's decisions about an order. Pure but for the transaction.</summary>
internal static class ResolveDispute
{
    /// <summary>Carries a decision out.</summary>
    /// <param name="write">The transaction.</param>
    /// <param name="id">An order that exists.</param>
    /// <param name="how">The decision.</param>
    /// <param name="keep">The retention, for a redelivery.</param>
    public static Reply<Order> Apply(IWrite write, string id, Resolution how, TimeSpan keep)
    {
        if (how is Resolution.Redeliver)
            return Redelivery.Begin(write, id, keep, OrderActor.Operator, null);
        var order = OrderRows.Find(write, id)!;
        var happened = how is Resolution.Refund ? OrderEvent.MoneyReturned : OrderEvent.DisputeClosed;
        return OrderBook.Change(write, order, happened, OrderActor.Operator, (next, now) => next with
        {
            LastError = how is Resolution.Close ? "dispute_closed" : next.LastError,
            Push = next.Push == PushState.Scheduled ? PushState.Exhausted : next.Push,
            // What no reader can have any more need not be kept as long as a dispute lasted.
            KeepUntil = next.KeepUntil is null ? null : now + keep,
            KeptFrom = next.KeptFrom is null ? null : RunningTime.Read(write),
        }) is { } changed
            ? changed
            : new Refusal(IvxpErrors.InvalidOrderState, $"The order is {OrderView.Status11(order.State)}, and only a disputed or failed one is refunded, only a disputed one closed.", OrderView.Status11(order.State));
    }
}
