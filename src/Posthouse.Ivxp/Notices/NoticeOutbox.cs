using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Hosting;
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
    private const string Webhook = "webhook";
    private const string Chain = "chain";

    /// <summary>From now on the changes of this order are told to the operator's webhook, and on the chain that its result waits, where these are set up.</summary>
    public static void Follow(IWrite write, string orderId, IvxpOptions options)
    {
        if (options.Notices.Webhook is not null)
            Add(write, orderId, Webhook);
        if (options.Contract is not null)
            Add(write, orderId, Chain);
    }

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
        if (order.State is OrderState.ReadyForPickup && Has(write, order.Id, Chain))
            write.Enqueue(new AnnounceReady(order.Id));
        if (Has(write, order.Id, Webhook))
            write.Enqueue(new WebhookNotice(order.Id, order.Version, name, WireTime.Write(write.Now)));
    }

    private static void Add(IWrite write, string orderId, string channel) =>
        write.Execute("INSERT INTO ivxp_notice (order_id, channel) VALUES ($1, $2) ON CONFLICT (order_id, channel) DO NOTHING", orderId, channel);

    private static bool Has(IRead read, string orderId, string channel) =>
        read.Scalar("SELECT COUNT(*) FROM ivxp_notice WHERE order_id = $1 AND channel = $2", orderId, channel) > 0;

    /// <summary>The event's name on the wire; null for states of which nobody is told.</summary>
    private static string? Name(OrderState state) => state switch
    {
        OrderState.ReadyForPickup => IvxpProtocol.Notices.Ready,
        OrderState.Posted or OrderState.Delivered or OrderState.ClientConfirmed or OrderState.DeliveryFailed or OrderState.Disputed
            or OrderState.ExpiredRetention or OrderState.Refunded => IvxpProtocol.Notices.Prefix + OrderView.Status11(state),
        _ => null,
    };
}
