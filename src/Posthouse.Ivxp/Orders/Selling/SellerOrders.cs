using Posthouse.Ivxp.Signing;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Selling;

/// <summary>Which orders a seller looks at; null members match all.</summary>
internal sealed record OrderQuery
{
    /// <summary>Only these states; none: all.</summary>
    public IReadOnlyList<OrderState> States { get; init; } = [];

    /// <summary>Only this service.</summary>
    public string? Service { get; init; }

    /// <summary>Only this client.</summary>
    public EthereumAddress? Client { get; init; }

    /// <summary>Only orders whose last change is older than this number, which <see cref="Order.ChangeNo"/> gives.</summary>
    public long Before { get; init; } = long.MaxValue;

    /// <summary>How many at most.</summary>
    public required int Limit { get; init; }
}

/// <summary>
/// Pages of orders, those that changed last first. Each statement goes down one index and ends after a page, however many orders there are;
/// a client's orders are looked through for a state or a service, a service's and a state's are not.
/// </summary>
internal static class SellerOrders
{
    internal const string All = "SELECT " + OrderRows.Columns + " FROM ivxp_order WHERE change_no < $1 ORDER BY change_no DESC LIMIT $2";

    internal const string OfState = "SELECT " + OrderRows.Columns + " FROM ivxp_order WHERE state = $1 AND change_no < $2 ORDER BY change_no DESC LIMIT $3";

    internal const string OfService =
        "SELECT " + OrderRows.Columns + " FROM ivxp_order WHERE service_type = $1 AND state = $2 AND change_no < $3 ORDER BY change_no DESC LIMIT $4";

    internal const string OfClient = "SELECT " + OrderRows.Columns + " FROM ivxp_order WHERE client_address = $1 AND change_no < $2 "
        + "AND ($3 IS NULL OR state = $3) AND ($4 IS NULL OR service_type = $4) ORDER BY change_no DESC LIMIT $5";

    /// <summary>One page.</summary>
    public static List<Order> List(IRead read, OrderQuery query)
    {
        // One look for each state, because no index has several of them in the order of their changes.
        IEnumerable<OrderState?> states = query.States.Count > 0 ? query.States.Select(state => (OrderState?)state)
            : query is { Service: not null, Client: null } ? Enum.GetValues<OrderState>().Select(state => (OrderState?)state)
            : [null];
        return [.. states.SelectMany(state => Part(read, query, state is { } one ? OrderLaw.Name(one) : null)).OrderByDescending(order => order.ChangeNo).Take(query.Limit)];
    }

    private static List<Order> Part(IRead read, OrderQuery query, string? state) => (query.Client, query.Service, state) switch
    {
        ({ } client, _, _) => read.Query(OfClient, OrderRows.Map, client.ToString(), query.Before, state, query.Service, query.Limit),
        (null, { } service, { } one) => read.Query(OfService, OrderRows.Map, service, one, query.Before, query.Limit),
        (null, null, { } one) => read.Query(OfState, OrderRows.Map, one, query.Before, query.Limit),
        _ => read.Query(All, OrderRows.Map, query.Before, query.Limit),
    };
}
