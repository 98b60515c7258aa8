using System.Globalization;
using Microsoft.AspNetCore.Http;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Selling;
using Posthouse.Ivxp.Signing;

namespace Posthouse.AspNetCore.Dashboard.Orders;

/// <summary>Which orders a page shows.</summary>
/// <param name="Group">The word of one of <see cref="Groups"/>; null: all.</param>
/// <param name="Service">Only this service.</param>
/// <param name="Client">Only this client's address, as it was typed.</param>
/// <param name="Before">Only orders whose last change is older than this number.</param>
internal sealed record OrderFilter(string? Group, string? Service, string? Client, long Before)
{
    /// <summary>Orders on a page: what one reads before one filters.</summary>
    public const int Size = 50;

    /// <summary>Most characters of a service or address that is looked for.</summary>
    private const int MaxText = 256;

    /// <summary>The states one can ask for, in the order of an order's life.</summary>
    public static readonly IReadOnlyList<(string Word, string Title, OrderState[] States)> Groups =
    [
        ("quoted", "Quoted", [OrderState.Quoted]),
        ("working", "In work", [OrderState.Paid, OrderState.Processing]),
        ("waiting", "Waiting", [OrderState.Ready, OrderState.ReadyForPickup]),
        ("delivered", "Delivered", [OrderState.Posted, OrderState.Delivered, OrderState.ClientConfirmed]),
        ("failed", "Failed", [OrderState.DeliveryFailed]),
        ("disputed", "Disputed", [OrderState.Disputed]),
        ("ended", "Ended", [OrderState.ExpiredQuote, OrderState.ExpiredRetention, OrderState.Refunded]),
    ];

    /// <summary>Whether what was typed as a client is no address, so that no order can match.</summary>
    public bool IsClientWrong => Client is not null && !EthereumAddress.TryParse(Client, out _);

    /// <summary>What the book is asked; one more than is shown tells whether there is another page.</summary>
    public OrderQuery Query => new()
    {
        States = [.. Groups.Where(group => group.Word == Group).SelectMany(group => group.States)],
        Service = Service,
        Client = EthereumAddress.TryParse(Client, out var address) ? address : null,
        Before = Before,
        Limit = Size + 1,
    };

    public static OrderFilter Of(IQueryCollection query)
    {
        var state = query["state"].ToString();
        return new(Groups.Any(group => group.Word == state) ? state : null, Text("service"), Text("client"),
            long.TryParse(query["before"], NumberStyles.None, CultureInfo.InvariantCulture, out var before) ? before : long.MaxValue);

        string? Text(string name) => query[name].ToString().Trim() is { Length: > 0 and <= MaxText } text ? text : null;
    }

    /// <summary>The page's address.</summary>
    public string Path(string? part = null)
    {
        (string Name, string? Value)[] words =
            [("state", Group), ("service", Service), ("client", Client), ("before", Before < long.MaxValue ? Before.ToString(CultureInfo.InvariantCulture) : null), ("part", part)];
        var query = string.Join('&', words.Where(word => word.Value is not null).Select(word => $"{word.Name}={Uri.EscapeDataString(word.Value!)}"));
        return query.Length > 0 ? "/orders?" + query : "/orders";
    }
}
