using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;

namespace Posthouse.Ivxp.Orders;

/// <summary>
/// The one job that does what time alone does to orders: it ends quotes and removes contents. It never ends; every quote makes sure
/// that it is there, also after it was given up. One job that looks when something is due costs less than one that waits for each order.
/// </summary>
[Job("ivxp.sweep", DeduplicationKey = "all", MaxAttempts = int.MaxValue, MaxLost = 20)]
internal sealed record SweepOrders : IJob<Nothing>
{
    public Nothing OptimisticResult(OptimisticContext context) => default;
}

/// <summary>One look.</summary>
internal sealed class SweepOrdersHandler(OrderBook book, RunningTime clock, OrderExpiry quotes, Retention retention) : IJobHandler<SweepOrders, Nothing>
{
    // No deadline that is set after a look is nearer than a quote's whole time.
    private static readonly TimeSpan Longest = IvxpProtocol.Limits.PaymentTimeout;

    // After a look that could not do all it should: a full disk is not asked again at once.
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromMinutes(1);

    public async Task<Outcome<Nothing>> HandleAsync(SweepOrders job, JobContext context, CancellationToken cancellationToken)
    {
        var ran = await book.WriteAsync(clock.Look);
        await book.WriteAsync(OrderExpiry.Expire);
        var isClean = await retention.RemoveAsync(ran);
        var next = await book.ReadAsync(read => Least(quotes.Next(read), retention.Next(read, ran)));
        return Outcome.Snooze(Least(Longest, isClean ? next : AfterTrouble));
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
