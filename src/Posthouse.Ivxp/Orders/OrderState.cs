namespace Posthouse.Ivxp.Orders;

/// <summary>Where an order stands. <see cref="OrderLaw"/> says what leads from one to the next; numbers are stored and never change.</summary>
public enum OrderState
{
    /// <summary>Offered at a price, not paid.</summary>
    Quoted = 1,

    /// <summary>The payment is verified, the work has not begun.</summary>
    Paid = 2,

    /// <summary>The work runs.</summary>
    Processing = 3,

    /// <summary>The result is stored; its first push runs.</summary>
    Ready = 4,

    /// <summary>The result is stored and waits for the client.</summary>
    ReadyForPickup = 5,

    /// <summary>A push was answered with success.</summary>
    Posted = 6,

    /// <summary>The client downloaded the whole result.</summary>
    Delivered = 7,

    /// <summary>The client signed a receipt.</summary>
    ClientConfirmed = 8,

    /// <summary>There is nothing to deliver: the work failed for good.</summary>
    DeliveryFailed = 9,

    /// <summary>The client disputes the delivery; nothing is removed.</summary>
    Disputed = 10,

    /// <summary>Not paid in time.</summary>
    ExpiredQuote = 11,

    /// <summary>Not picked up in time; the content is gone, its hash and proofs are kept.</summary>
    ExpiredRetention = 12,

    /// <summary>The operator gave the money back.</summary>
    Refunded = 13,
}

/// <summary>What happens to an order.</summary>
public enum OrderEvent
{
    /// <summary>A client asked for a service.</summary>
    Requested = 1,

    /// <summary>A payment for this order was verified.</summary>
    PaymentVerified = 2,

    /// <summary>The same payment was proved again.</summary>
    PaymentRepeated = 3,

    /// <summary>A worker took the order, perhaps after another died with it.</summary>
    WorkStarted = 4,

    /// <summary>The result is stored and there is an endpoint to push it to.</summary>
    StoredForPush = 5,

    /// <summary>The result is stored and there is no endpoint, or none that may be used.</summary>
    StoredForPickup = 6,

    /// <summary>The work failed for good.</summary>
    WorkFailed = 7,

    /// <summary>A push was answered with success.</summary>
    PushSucceeded = 8,

    /// <summary>A push failed, or the process stopped during it.</summary>
    PushFailed = 9,

    /// <summary>A whole download was served to somebody who may have it.</summary>
    Downloaded = 10,

    /// <summary>The client signed that the result came.</summary>
    ReceiptSigned = 11,

    /// <summary>The client signed that the result did not come or is not what was bought.</summary>
    DisputeSigned = 12,

    /// <summary>The operator closed the dispute: nothing will be delivered.</summary>
    DisputeClosed = 13,

    /// <summary>The operator gave the money back.</summary>
    MoneyReturned = 14,

    /// <summary>The result is to be pushed again.</summary>
    RedeliveredByPush = 15,

    /// <summary>The result is offered again and there is no endpoint.</summary>
    RedeliveredForPickup = 16,

    /// <summary>The time to pay is over.</summary>
    QuoteExpired = 17,

    /// <summary>The time for which the result is kept is over.</summary>
    RetentionOver = 18,

    /// <summary>A notice that the result waits was taken for the client.</summary>
    NoticeSent = 25,
}
