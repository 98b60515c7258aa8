using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders;

/// <summary>The end of a quote: due when its time to pay is over.</summary>
/// <param name="OrderId">The order.</param>
[Job("ivxp.expire")]
internal sealed record OrderExpiry(string OrderId) : IJob<Nothing>
{
    public Nothing OptimisticResult(OptimisticContext context) => default;
}

/// <summary>Expires an order that nobody paid; one with a proof that is still looked at gets more time.</summary>
internal sealed class OrderExpiryHandler(OrderBook book) : IJobHandler<OrderExpiry, Nothing>
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(5);

    public async Task<Outcome<Nothing>> HandleAsync(OrderExpiry job, JobContext context, CancellationToken cancellationToken) =>
        await book.WriteAsync(write => Expire(write, job.OrderId)) ? Outcome.Done(default(Nothing)) : Outcome.Snooze(LookAgainAfter);

    private static bool Expire(IWrite write, string id)
    {
        if (OrderClaims.Any(write, id))
            return false;
        OrderBook.Change(write, OrderRows.Find(write, id), OrderEvent.QuoteExpired, OrderActor.Clock);
        return true;
    }
}
