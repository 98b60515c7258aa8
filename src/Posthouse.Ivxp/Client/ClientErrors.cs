namespace Posthouse.Ivxp.Client;

/// <summary>Codes of what can go wrong on the buyer's side; a provider's own refusal keeps its own code.</summary>
public static class ClientErrors
{
    /// <summary>The provider was not reached, or did not answer in time.</summary>
    public const string ProviderUnreachable = "PROVIDER_UNREACHABLE";

    /// <summary>The provider's answer is no message of the protocol, or belongs to another order.</summary>
    public const string AnswerInvalid = "ANSWER_INVALID";

    /// <summary>What came is not what the provider signed, or it is not the provider who signed.</summary>
    public const string DeliveryUntrusted = "DELIVERY_UNTRUSTED";

    /// <summary>The quote is above what the buyer allowed.</summary>
    public const string PriceTooHigh = "PRICE_TOO_HIGH";

    /// <summary>Money may have moved and the answer was lost: nothing is paid a second time by itself.</summary>
    public const string PaymentUnknown = "PAYMENT_UNKNOWN";

    /// <summary>Nothing here can pay: the payment is to be made elsewhere and its transaction to be given.</summary>
    public const string PaymentNeeded = "PAYMENT_NEEDED";

    /// <summary>The payment is in a block and was reverted: nothing moved but the fee.</summary>
    public const string PaymentReverted = "PAYMENT_REVERTED";

    /// <summary>The order was paid by another transaction than the one that is given.</summary>
    public const string PaidOtherwise = "PAID_OTHERWISE";

    /// <summary>The allowance for purchases of this kind is spent.</summary>
    public const string AllowanceSpent = "ALLOWANCE_SPENT";

    /// <summary>This cannot be done with a purchase that is where it is.</summary>
    public const string PurchaseState = "PURCHASE_STATE";

    /// <summary>This pocket has no order of that id.</summary>
    public const string PurchaseNotFound = "PURCHASE_NOT_FOUND";

    /// <summary>The order ended without a result.</summary>
    public const string OrderFailed = "ORDER_FAILED";

    /// <summary>The order was not ready within the time the buyer waits; it goes on and can be asked for again.</summary>
    public const string StillWaiting = "STILL_WAITING";
}
