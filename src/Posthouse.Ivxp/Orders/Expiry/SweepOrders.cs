using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;

namespace Posthouse.Ivxp.Orders.Expiry;

/// <summary>
/// The one job that does what time alone does to orders: it ends quotes and removes contents. It never ends; every quote makes sure
/// that it is there, also after it was given up. One job that looks when something is due costs less than one that waits for each order.
/// </summary>
[Job(Housekeeping.JobName, DeduplicationKey = "all", MaxAttempts = int.MaxValue, MaxLost = 20)]
internal sealed record SweepOrders : IJob<Nothing>
{
    public Nothing OptimisticResult(OptimisticContext context) => default;
}

/// <summary>One look.</summary>
internal sealed class SweepOrdersHandler(OrderBook book, RunningTime clock, OrderExpiry quotes, Retention retention) : IJobHandler<SweepOrders, Nothing>
{
    // No deadline that is set after a look is nearer than a quote's whole time.
    internal static readonly TimeSpan Longest = IvxpProtocol.Limits.PaymentTimeout;

    // Each look reads every order whose content is kept, and a busy provider's deadlines lie close together. Half a minute more harms
    // nobody: a proof looks at its quote's date itself, and a result is only there for longer than was said.
    internal static readonly TimeSpan Shortest = TimeSpan.FromSeconds(30);

    // After a look that could not do all it should: a full disk is not asked again at once.
    internal static readonly TimeSpan AfterTrouble = TimeSpan.FromMinutes(1);

    public async Task<Outcome<Nothing>> HandleAsync(SweepOrders job, JobContext context, CancellationToken cancellationToken)
    {
        var ran = await book.WriteAsync(clock.Look);
        var areMoreQuotesDue = await book.WriteAsync(OrderExpiry.Expire);
        var (isClean, areMoreContentsDue) = await retention.RemoveAsync(ran);
        return Outcome.Snooze(Wait(isClean, areMoreQuotesDue || areMoreContentsDue, await book.ReadAsync(read => Least(quotes.Next(read), retention.Next(read, ran)))));
    }

    /// <summary>How long until the next look. Pure.</summary>
    /// <param name="isClean">Whether this look could do all it found.</param>
    /// <param name="isMoreDue">Whether it left something for the next because it had done enough for one job.</param>
    /// <param name="next">The time until the next deadline.</param>
    public static TimeSpan Wait(bool isClean, bool isMoreDue, TimeSpan next) => (isClean, isMoreDue) switch
    {
        (false, _) => AfterTrouble,
        (true, true) => TimeSpan.Zero,
        _ => Least(Longest, next < Shortest ? Shortest : next),
    };

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
