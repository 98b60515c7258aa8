using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Expiry;

/// <summary>
/// Ends quotes that nobody paid; one with a proof that is still looked at gets more time. A wall clock that jumps ends quotes early,
/// which costs nobody anything: a payment that was in a block in time is taken later, too.
/// </summary>
internal sealed class OrderExpiry(TimeProvider time)
{
    // Within one transaction, so few that other writers do not wait for long.
    private const int Batch = 200;

    private const string Open = "state = 'quoted' AND NOT EXISTS (SELECT 1 FROM ivxp_claim WHERE ivxp_claim.order_id = ivxp_order.order_id)";

    /// <summary>Ends quotes whose time is over, some at a time.</summary>
    /// <returns>Whether more may be due.</returns>
    public static bool Expire(IWrite write)
    {
        var due = write.Query($"SELECT order_id FROM ivxp_order WHERE {Open} AND pay_until <= $1 ORDER BY pay_until LIMIT $2", row => row.Text(0), OrderRows.Stored(write.Now), Batch);
        foreach (var id in due)
            OrderBook.Change(write, OrderRows.Find(write, id), OrderEvent.QuoteExpired, OrderActor.Clock);
        return due.Count == Batch;
    }

    /// <summary>How long until the next quote ends.</summary>
    public TimeSpan Next(IRead read) => read.QueryFirst($"SELECT MIN(pay_until) FROM ivxp_order WHERE {Open}", row => row.Int64OrNull(0)) is { } first
        ? TimeSpan.FromMilliseconds(Math.Max(0, first - OrderRows.Stored(time.GetUtcNow())))
        : TimeSpan.MaxValue;
}
