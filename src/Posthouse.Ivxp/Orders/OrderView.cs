using static Posthouse.Ivxp.Orders.OrderState;

namespace Posthouse.Ivxp.Orders;

/// <summary>What the outside needs to know of an order to show it.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="HasContent">Whether a result is stored.</param>
/// <param name="ContentRemoved">Whether a result was stored and its retention is over.</param>
/// <param name="PushFailed">Whether a push failed and none succeeded since.</param>
public readonly record struct OrderFacts(OrderState State, bool HasContent = false, bool ContentRemoved = false, bool PushFailed = false);

/// <summary>What a download answers.</summary>
public enum DownloadAnswer
{
    /// <summary>Not yet: unpaid or in work.</summary>
    NotReady,

    /// <summary>The content.</summary>
    Content,

    /// <summary>There will be none: the work failed (500).</summary>
    Failed,

    /// <summary>There was one, or the quote ran out: gone for good (410).</summary>
    Gone,
}

/// <summary>How an order looks from outside: one state, two vocabularies.</summary>
public static class OrderView
{
    /// <summary>The status for a reader of version 1.1: the state's own name, with one word for both ways to expire.</summary>
    public static string Status11(OrderState state) => state is ExpiredQuote or ExpiredRetention ? "expired" : OrderLaw.Name(state);

    /// <summary>
    /// The status for a reader of version 1.0, which knows five words and gives up on any other. A result that waits for pickup is
    /// <c>delivered</c>, the one word after which every known client downloads.
    /// </summary>
    /// <param name="order">The order.</param>
    /// <param name="strict">Show <c>delivery_failed</c> after a failed push, as the source documents say and known clients suffer from.</param>
    public static string Status10(OrderFacts order, bool strict = false) => order.State switch
    {
        Quoted or ExpiredQuote => "quoted",
        Paid => "paid",
        Processing or Ready => "processing",
        ReadyForPickup => strict && order.PushFailed ? "delivery_failed" : "delivered",
        Posted or Delivered or ClientConfirmed => "delivered",
        Disputed => order.HasContent ? "delivered" : "delivery_failed",
        DeliveryFailed or ExpiredRetention or Refunded => "delivery_failed",
        _ => throw new ArgumentOutOfRangeException(nameof(order), order.State, "No such state."),
    };

    /// <summary>Why an order expired, for <c>status_details</c>; null if it did not.</summary>
    public static string? ExpiredReason(OrderState state) => state switch
    {
        ExpiredQuote => "quote_elapsed",
        ExpiredRetention => "delivery_retention_elapsed",
        _ => null,
    };

    /// <summary>What a download of this order answers.</summary>
    public static DownloadAnswer Download(OrderFacts order) => order.State switch
    {
        Quoted or Paid or Processing => DownloadAnswer.NotReady,
        ExpiredQuote or ExpiredRetention => DownloadAnswer.Gone,
        DeliveryFailed => DownloadAnswer.Failed,
        _ when order.HasContent => DownloadAnswer.Content,
        _ => order.ContentRemoved ? DownloadAnswer.Gone : DownloadAnswer.Failed,
    };
}
