using System.Globalization;
using Posthouse.AspNetCore.Dashboard.Queue;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Orders;

/// <summary>How an order is shown. The words are those of <c>posthouse order</c>.</summary>
internal static class OrderFace
{
    /// <summary>Characters of an id in a list: an id is the key to its order's result, and is shown whole on the order's own page alone.</summary>
    private const int ShortId = 13;

    private const int ShortAddress = 10;

    /// <summary>Where it stands.</summary>
    public static Tone Tone(OrderState state)
    {
        var word = JobFace.Word(state);
        return state switch
        {
            OrderState.Delivered or OrderState.ClientConfirmed or OrderState.Posted => Shell.Tone.Good(word),
            OrderState.Paid or OrderState.Processing or OrderState.Ready => Shell.Tone.Busy(word),
            OrderState.ReadyForPickup => Shell.Tone.Warn(word),
            OrderState.DeliveryFailed or OrderState.Disputed => Shell.Tone.Bad(word),
            _ => Shell.Tone.Calm(word),
        };
    }

    /// <summary>What an operator has to know about where it stands; empty where the state says all.</summary>
    public static string Why(Order order) => order.State switch
    {
        OrderState.Quoted => "not paid yet",
        OrderState.ReadyForPickup => order.DeliveryEndpoint is null ? "its client collects" : "its client has not collected",
        OrderState.DeliveryFailed => order.LastError is "dispute_closed" ? "its dispute was closed" : "the work failed for good, and the money is owed",
        OrderState.Disputed => "its client says that it is not what was bought; needs a decision",
        _ => "",
    };

    /// <summary>Whether its client has still to get the result, so that it is worth a push.</summary>
    public static bool IsAwaited(Order order) => order.State is OrderState.Ready or OrderState.ReadyForPickup;

    /// <summary>Whether its content goes when its retention is over: a dispute, for one, holds it.</summary>
    public static bool IsRemovable(Order order) => OrderLaw.Next(order.State, OrderEvent.RetentionOver) is not null;

    /// <summary>What becomes of its pushes; what was picked up meanwhile is pushed no more, though its row does not say so.</summary>
    public static string Push(Order order)
    {
        var text = order.Push switch
        {
            PushState.None => "none",
            PushState.Succeeded => "arrived",
            PushState.Disabled => "not allowed",
            PushState.Scheduled when !IsAwaited(order) => "over",
            var stored => stored,
        };
        if (order.PushAttempts > 0) { text += string.Create(CultureInfo.InvariantCulture, $", {order.PushAttempts} tried"); }
        return order.Push is PushState.Scheduled or PushState.Exhausted && order.LastError is { } error ? $"{text}, {error.Replace('_', ' ')}" : text;
    }

    /// <summary>Where it is pushed to; an endpoint's path and query may hold what only its client knows.</summary>
    public static string? Host(Order order) => PushEndpoint.Authority(order.DeliveryEndpoint) is { Length: > 0 } host ? host : null;

    /// <summary>An amount with its unit.</summary>
    public static string Usdc(UsdcAmount amount) => amount + " USDC";

    public static string Short(string id) => Cut(id, ShortId);

    public static string Address(string address) => Cut(address, ShortAddress);

    /// <summary>What changes when anything that a page shows of the order does.</summary>
    public static string Stamp(Order order, JobRecord? work, JobRecord? push) => string.Create(CultureInfo.InvariantCulture, $"{order.Version}-{Of(work)}-{Of(push)}");

    /// <summary>Its page, or what can be done about it.</summary>
    public static string Path(string id, string verb = "order") => $"/orders/{verb}?id={Uri.EscapeDataString(id)}";

    private static string Of(JobRecord? job) => job is null ? "" : JobFace.Stamp(job);

    private static string Cut(string text, int length) => text.Length > length ? text[..length] + "…" : text;
}
