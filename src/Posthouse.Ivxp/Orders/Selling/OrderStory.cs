using Posthouse.Ivxp.Orders.Receipts;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Selling;

/// <summary>One change of an order.</summary>
/// <param name="Version">Which.</param>
/// <param name="At">When.</param>
/// <param name="Event">What happened.</param>
/// <param name="To">Where the order stood afterwards.</param>
/// <param name="Actor">Through whom.</param>
/// <param name="Evidence">What proves it, as it was kept.</param>
internal sealed record OrderChange(long Version, DateTimeOffset At, OrderEvent Event, OrderState To, OrderActor Actor, string? Evidence);

/// <summary>What a client signed about its delivery.</summary>
/// <param name="At">When it was taken.</param>
/// <param name="IsDispute">Whether it is a dispute, else a receipt.</param>
/// <param name="Word">The words.</param>
internal sealed record ClientWord(DateTimeOffset At, bool IsDispute, BundledReceipt Word);

/// <summary>All that happened to an order, with what proves it.</summary>
/// <param name="Changes">The last <see cref="MostChanges"/>, the oldest first.</param>
/// <param name="Payment">What paid it; null: nothing yet.</param>
/// <param name="Words">What its client signed, the oldest first.</param>
internal sealed record OrderStory(IReadOnlyList<OrderChange> Changes, BundledPayment? Payment, IReadOnlyList<ClientWord> Words)
{
    /// <summary>An order has about eight changes; one that was pushed in vain for weeks has more than anybody reads.</summary>
    public const int MostChanges = 500;

    /// <summary>The story of an order.</summary>
    public static OrderStory Read(IRead read, string id)
    {
        var changes = read.Query(
            "SELECT version, at, event, to_state, actor, evidence FROM ivxp_order_history WHERE order_id = $1 ORDER BY version DESC LIMIT $2",
            row => new OrderChange(row.Int64(0), DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(1)), Named<OrderEvent>(row.Text(2)), OrderLaw.Parse(row.Text(3)), Named<OrderActor>(row.Text(4)), row.TextOrNull(5)),
            id, MostChanges);
        changes.Reverse();
        return new OrderStory(changes, ShowReceipt.Payment(read, id), ReceiptRows.All(read, id));
    }

    /// <summary>The member whose name is stored in lower case with underscores.</summary>
    private static T Named<T>(string stored)
        where T : struct, Enum => Enum.Parse<T>(stored.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
}
