using System.Collections.Frozen;

namespace Posthouse.Ivxp.Protocol;

/// <summary>Every error code of the wire with its HTTP status, in one table. Codes are never renamed.</summary>
public static class IvxpErrors
{
    /// <summary>The signature is wrong, or its text binds another order or payment.</summary>
    public const string SignatureInvalid = "SIGNATURE_INVALID";

    /// <summary>The chain does not show the payment.</summary>
    public const string PaymentNotVerified = "PAYMENT_NOT_VERIFIED";

    /// <summary>Less was paid than quoted.</summary>
    public const string AmountMismatch = "AMOUNT_MISMATCH";

    /// <summary>The payer had too little. Named by the source; the chain refuses such payments itself.</summary>
    public const string InsufficientBalance = "INSUFFICIENT_BALANCE";

    /// <summary>The service is not in the catalog.</summary>
    public const string ServiceTypeNotSupported = "SERVICE_TYPE_NOT_SUPPORTED";

    /// <summary>The budget is below the price.</summary>
    public const string BudgetTooLow = "BUDGET_TOO_LOW";

    /// <summary>The message's <c>protocol</c> is missing or of another version.</summary>
    public const string ProtocolVersionUnsupported = "PROTOCOL_VERSION_UNSUPPORTED";

    /// <summary>A timestamp is malformed, too old or too far ahead.</summary>
    public const string InvalidTimestamp = "INVALID_TIMESTAMP";

    /// <summary>Paid on another network than the order's.</summary>
    public const string InvalidNetwork = "INVALID_NETWORK";

    /// <summary>Paid in another token than USDC.</summary>
    public const string InvalidTokenContract = "INVALID_TOKEN_CONTRACT";

    /// <summary>The message is malformed; the message names the member.</summary>
    public const string InvalidRequest = "INVALID_REQUEST";

    /// <summary>A receipt names another content than what was delivered.</summary>
    public const string ContentHashMismatch = "CONTENT_HASH_MISMATCH";

    /// <summary>No order has this id.</summary>
    public const string OrderNotFound = "ORDER_NOT_FOUND";

    /// <summary>The protocol has no such path.</summary>
    public const string NotFound = "NOT_FOUND";

    /// <summary>The result is not there yet (202 where an order's version asks for it).</summary>
    public const string DeliverableNotReady = "DELIVERABLE_NOT_READY";

    /// <summary>The path does not take this method.</summary>
    public const string MethodNotAllowed = "METHOD_NOT_ALLOWED";

    /// <summary>Not paid in time. Named by the source; this provider answers <see cref="OrderExpired"/>.</summary>
    public const string PaymentTimeout = "PAYMENT_TIMEOUT";

    /// <summary>The order was paid by another transaction.</summary>
    public const string DuplicateDeliveryRequest = "DUPLICATE_DELIVERY_REQUEST";

    /// <summary>The order's state does not allow this.</summary>
    public const string InvalidOrderState = "INVALID_ORDER_STATE";

    /// <summary>The quote, or the time for which the result was kept, is over.</summary>
    public const string OrderExpired = "ORDER_EXPIRED";

    /// <summary>The body is larger than <see cref="IvxpProtocol.Limits.RequestBytes"/>.</summary>
    public const string RequestTooLarge = "REQUEST_TOO_LARGE";

    /// <summary>The body is no JSON in UTF-8, or is compressed.</summary>
    public const string UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE";

    /// <summary>The directory asked about a wallet that is not this provider's.</summary>
    public const string WalletMismatch = "WALLET_MISMATCH";

    /// <summary>Too many requests; Retry-After says when to come back.</summary>
    public const string RateLimited = "RATE_LIMITED";

    /// <summary>The provider failed; the order is kept.</summary>
    public const string InternalError = "INTERNAL_ERROR";

    /// <summary>Something the provider needs is away; Retry-After says when to come back.</summary>
    public const string ServiceUnavailable = "SERVICE_UNAVAILABLE";

    /// <summary>Code to HTTP status.</summary>
    public static IReadOnlyDictionary<string, int> HttpStatuses { get; } = new Dictionary<string, int>
    {
        [InvalidRequest] = 400,
        [ProtocolVersionUnsupported] = 400,
        [ServiceTypeNotSupported] = 400,
        [BudgetTooLow] = 400,
        [InvalidTimestamp] = 400,
        [InvalidNetwork] = 400,
        [InvalidTokenContract] = 400,
        [ContentHashMismatch] = 400,
        [SignatureInvalid] = 401,
        [PaymentNotVerified] = 402,
        [AmountMismatch] = 402,
        [InsufficientBalance] = 402,
        [OrderNotFound] = 404,
        [NotFound] = 404,
        [DeliverableNotReady] = 404,
        [MethodNotAllowed] = 405,
        [PaymentTimeout] = 408,
        [DuplicateDeliveryRequest] = 409,
        [InvalidOrderState] = 409,
        [OrderExpired] = 410,
        [RequestTooLarge] = 413,
        [UnsupportedMediaType] = 415,
        [WalletMismatch] = 422,
        [RateLimited] = 429,
        [InternalError] = 500,
        [ServiceUnavailable] = 503,
    }.ToFrozenDictionary();

    /// <summary>The HTTP status of a code.</summary>
    /// <exception cref="KeyNotFoundException">No such code.</exception>
    public static int HttpStatus(string code) => HttpStatuses[code];
}
