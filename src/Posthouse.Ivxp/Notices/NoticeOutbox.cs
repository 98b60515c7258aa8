using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Notices;

/// <summary>
/// Leaves the jobs that tell of an order's change, in the transaction of that change: a notice is owed exactly if what it tells
/// has happened.
/// </summary>
internal static class NoticeOutbox
{
    /// <summary>From now on the changes of this order are told to the operator's webhook.</summary>
    public static void Follow(IWrite write, string orderId) =>
        write.Execute("INSERT INTO ivxp_notice (order_id) VALUES ($1) ON CONFLICT (order_id) DO NOTHING", orderId);

    /// <summary>An order was changed.</summary>
    /// <param name="write">The transaction.</param>
    /// <param name="before">Its state until now.</param>
    /// <param name="order">The order after the change.</param>
    public static void Leave(IWrite write, OrderState before, Order order)
    {
        if (order.State == before || order.CompletedAt is null || Name(order.State) is not { } name)
            return;
        if (order is { State: OrderState.ReadyForPickup, ClientEmail: not null, NotifiedAt: null })
            write.Enqueue(new MailNotice(order.Id));
        if (write.Scalar("SELECT COUNT(*) FROM ivxp_notice WHERE order_id = $1", order.Id) > 0)
            write.Enqueue(new WebhookNotice(order.Id, order.Version, name, WireTime.Write(write.Now)));
    }

    /// <summary>The event's name on the wire; null for states of which nobody is told.</summary>
    private static string? Name(OrderState state) => state switch
    {
        OrderState.ReadyForPickup => IvxpProtocol.Notices.Ready,
        OrderState.Posted or OrderState.Delivered or OrderState.ClientConfirmed or OrderState.DeliveryFailed or OrderState.Disputed
            or OrderState.ExpiredRetention or OrderState.Refunded => IvxpProtocol.Notices.Prefix + OrderView.Status11(state),
        _ => null,
    };
}
