using Posthouse.Ivxp.Protocol;
using Posthouse.Storage;
using static Posthouse.Ivxp.Orders.OrderState;

namespace Posthouse.Ivxp.Orders.Selling;

/// <summary>What became of one service's orders.</summary>
/// <param name="Service">The service.</param>
internal sealed record ServiceSales(string Service)
{
    /// <summary>All orders, quotes too.</summary>
    public long Orders { get; init; }

    /// <summary>Those that were paid.</summary>
    public long Paid { get; init; }

    /// <summary>Those whose result reached the client.</summary>
    public long Delivered { get; init; }

    /// <summary>Those whose work failed for good, or that were closed without a delivery.</summary>
    public long Failed { get; init; }

    /// <summary>Those in dispute.</summary>
    public long Disputed { get; init; }

    /// <summary>Prices of paid orders that neither failed nor are in dispute nor were refunded.</summary>
    public UsdcAmount Earned { get; init; }

    /// <summary>As <see cref="Earned"/>, of payments in the last 24 hours.</summary>
    public UsdcAmount EarnedInDay { get; init; }

    /// <summary>As <see cref="Earned"/>, of payments in the last 30 days.</summary>
    public UsdcAmount EarnedInMonth { get; init; }

    /// <summary>Prices of paid orders that failed or are in dispute: money that may have to go back.</summary>
    public UsdcAmount AtRisk { get; init; }

    /// <summary>Both together.</summary>
    public ServiceSales With(ServiceSales other) => this with
    {
        Orders = Orders + other.Orders,
        Paid = Paid + other.Paid,
        Delivered = Delivered + other.Delivered,
        Failed = Failed + other.Failed,
        Disputed = Disputed + other.Disputed,
        Earned = Earned + other.Earned,
        EarnedInDay = EarnedInDay + other.EarnedInDay,
        EarnedInMonth = EarnedInMonth + other.EarnedInMonth,
        AtRisk = AtRisk + other.AtRisk,
    };
}

/// <summary>All orders, counted.</summary>
/// <param name="States">How many stand where.</param>
/// <param name="Services">By service, in the order of their names.</param>
internal sealed record Sales(IReadOnlyDictionary<OrderState, long> States, IReadOnlyList<ServiceSales> Services)
{
    /// <summary>How far back the two windows reach.</summary>
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    /// <summary>One pass through an index that has all it asks for: a million orders take about a quarter of a second, so it is not asked at each look.</summary>
    internal const string Statement = "SELECT service_type, state, COUNT(*), CAST(SUM(price_units) AS BIGINT), CAST(SUM(CASE WHEN paid_at >= $1 THEN price_units ELSE 0 END) AS BIGINT), "
        + "CAST(SUM(CASE WHEN paid_at >= $2 THEN price_units ELSE 0 END) AS BIGINT) FROM ivxp_order GROUP BY service_type, state ORDER BY service_type, state";

    /// <summary>Failed orders stay for ever; those whose dispute was closed are settled. The index finds the failed ones, and they are few.</summary>
    internal const string SettledStatement = "SELECT COUNT(*) FROM ivxp_order WHERE state = 'delivery_failed' AND last_error = 'dispute_closed'";

    /// <summary>How many of the failed orders are settled: their dispute was closed.</summary>
    public long Settled { get; init; }

    /// <summary>Orders whose client says that they are not what was bought.</summary>
    public long InDispute => States.GetValueOrDefault(OrderState.Disputed);

    /// <summary>Orders that were paid and not served, and not settled either.</summary>
    public long Unserved => States.GetValueOrDefault(DeliveryFailed) - Settled;

    /// <summary>All services together.</summary>
    public ServiceSales Total => Services.Aggregate(new ServiceSales(""), (sum, one) => sum.With(one));

    /// <summary>How many orders stand in any of these states.</summary>
    public long Count(IEnumerable<OrderState> states) => states.Sum(state => States.GetValueOrDefault(state));

    /// <summary>Counts.</summary>
    public static Sales Count(IRead read, DateTimeOffset now)
    {
        var parts = read.Query(Statement, Part, OrderRows.Stored(now - Day), OrderRows.Stored(now - Month));
        return new Sales(
            parts.GroupBy(part => part.State).ToDictionary(group => group.Key, group => group.Sum(part => part.Sales.Orders)),
            [.. parts.GroupBy(part => part.Sales.Service, (_, some) => some.Select(part => part.Sales).Aggregate((sum, one) => sum.With(one)))])
        {
            Settled = read.Scalar(SettledStatement),
        };
    }

    private static (OrderState State, ServiceSales Sales) Part(IRow row)
    {
        var (state, orders) = (OrderLaw.Parse(row.Text(1)), row.Int64(2));
        var (isPaid, isEarned) = (state is not (Quoted or ExpiredQuote), state is not (Quoted or ExpiredQuote or DeliveryFailed or Disputed or Refunded));
        return (state, new ServiceSales(row.Text(0))
        {
            Orders = orders,
            Paid = isPaid ? orders : 0,
            Delivered = state is Posted or Delivered or ClientConfirmed ? orders : 0,
            Failed = state is DeliveryFailed ? orders : 0,
            Disputed = state is Disputed ? orders : 0,
            Earned = UsdcAmount.FromUnits(isEarned ? row.Int64(3) : 0),
            EarnedInDay = UsdcAmount.FromUnits(isEarned ? row.Int64(4) : 0),
            EarnedInMonth = UsdcAmount.FromUnits(isEarned ? row.Int64(5) : 0),
            AtRisk = UsdcAmount.FromUnits(state is DeliveryFailed or Disputed ? row.Int64(3) : 0),
        });
    }
}
