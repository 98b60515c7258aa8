using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Client;

/// <summary>What a purchase does next. The numbers are stored and never change.</summary>
public enum PurchaseStep
{
    /// <summary>Nothing: it is through.</summary>
    Through = 0,

    /// <summary>Ask for a price.</summary>
    Quote = 1,

    /// <summary>Decide how it is paid and, where a wallet pays, sign the transaction.</summary>
    Pay = 2,

    /// <summary>Send the money.</summary>
    Send = 3,

    /// <summary>Prove the payment to the provider.</summary>
    Prove = 4,

    /// <summary>Wait until there is a result.</summary>
    Wait = 5,

    /// <summary>Collect and check the result.</summary>
    Fetch = 6,

    /// <summary>Sign that it came.</summary>
    Confirm = 7,

    /// <summary>Sign that it did not, or not as ordered.</summary>
    Dispute = 8,
}

/// <summary>What is to be bought.</summary>
/// <param name="Provider">The provider's address, without a path of its own.</param>
/// <param name="ServiceType">A service of its catalog.</param>
/// <param name="Description">The input of the work.</param>
/// <param name="Budget">The most it may cost; a quote above it is refused before anything is paid.</param>
public sealed record PurchaseRequest(Uri Provider, string ServiceType, string Description, UsdcAmount Budget)
{
    /// <summary>Where the provider is to push the result, or null.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Where the provider may send a notice when the result waits, or null.</summary>
    public string? Email { get; init; }

    /// <summary>Whether it is paid as soon as it is quoted. Default true; false stops at the price.</summary>
    public bool Pays { get; init; } = true;

    /// <summary>Whether a receipt is signed as soon as the result was checked. Default false: a receipt ends the right to dispute.</summary>
    public bool Confirms { get; init; }

    /// <summary>The rating of that receipt, 1 to 5, or null.</summary>
    public int? Rating { get; init; }

    /// <summary>A transaction that paid already, or null.</summary>
    public string? TransactionHash { get; init; }

    /// <summary>The name of an allowance the price counts against, or null; see <see cref="IvxpClient.SpentAsync"/>.</summary>
    public string? Account { get; init; }

    /// <summary>The most that all purchases of <see cref="Account"/> may cost together; null: no limit.</summary>
    public UsdcAmount? Allowance { get; init; }
}

/// <summary>One purchase, as far as it is. Identified by <see cref="Id"/> here and by provider and order there.</summary>
public sealed record Purchase
{
    internal const int WantsPayment = 1;
    internal const int WantsReceipt = 2;

    /// <summary>Its name in this store, known before the provider has answered.</summary>
    public required string Id { get; init; }

    /// <summary>What comes next.</summary>
    public required PurchaseStep Step { get; init; }

    /// <summary>Where the seller was found.</summary>
    public required Uri Url { get; init; }

    /// <summary>What was ordered.</summary>
    public required string ServiceType { get; init; }

    /// <summary>The input of the work.</summary>
    public required string Description { get; init; }

    /// <summary>The most it may cost.</summary>
    public required UsdcAmount Budget { get; init; }

    /// <summary>The buyer's account.</summary>
    public required EthereumAddress Client { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>Where the result is to be pushed, or null.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Where a notice may be sent, or null.</summary>
    public string? Email { get; init; }

    /// <summary>Whose allowance it counts against, or null.</summary>
    public string? Account { get; init; }

    /// <summary>The seller's account, once it was quoted.</summary>
    public EthereumAddress? Provider { get; init; }

    /// <summary>The order, once it was quoted; unique for that seller.</summary>
    public string? OrderId { get; init; }

    /// <summary>The version the order is answered in.</summary>
    public string? Protocol { get; init; }

    /// <summary>The quoted price.</summary>
    public UsdcAmount? Price { get; init; }

    /// <summary>Where it is paid.</summary>
    public string? Network { get; init; }

    /// <summary>To whom.</summary>
    public EthereumAddress? PaymentAddress { get; init; }

    /// <summary>When it was quoted.</summary>
    public DateTimeOffset? QuotedAt { get; init; }

    /// <summary>The quote as the provider wrote it.</summary>
    public byte[]? Quote { get; init; }

    /// <summary>When it was decided to pay; written before money is sent.</summary>
    public DateTimeOffset? IntentAt { get; init; }

    /// <summary>The signed transaction; written before it is sent, so that sending it again pays nothing twice.</summary>
    public string? RawTransaction { get; init; }

    /// <summary>What pays it; written before it is proved.</summary>
    public string? TransactionHash { get; init; }

    /// <summary>When the money was sent.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>When the provider took the proof.</summary>
    public DateTimeOffset? ProvedAt { get; init; }

    /// <summary>The provider's last word, or <c>asked</c> before there was one.</summary>
    public string Status { get; init; } = "asked";

    /// <summary>The secret that signs this order's pushes, if the provider told one.</summary>
    public string? WebhookSecret { get; init; }

    /// <summary>The result's hash exactly as the provider wrote it.</summary>
    public string? ContentHash { get; init; }

    /// <summary>The result's canonical JSON, once it is here and was checked.</summary>
    public byte[]? Content { get; init; }

    /// <summary>What the provider signed about the result, or null: old providers sign nothing.</summary>
    public string? SignedMessage { get; init; }

    /// <summary>The provider's signature of <see cref="SignedMessage"/>.</summary>
    public string? Signature { get; init; }

    /// <summary>The id of the push that brought the result, or null.</summary>
    public string? DeliveryId { get; init; }

    /// <summary>When the result was stored here.</summary>
    public DateTimeOffset? DownloadedAt { get; init; }

    /// <summary>The rating of the receipt, 1 to 5.</summary>
    public int? Rating { get; init; }

    /// <summary>Why it is disputed.</summary>
    public string? Reason { get; init; }

    /// <summary>The signed receipt or dispute as the provider accepted it: a JSON message.</summary>
    public byte[]? Receipt { get; init; }

    /// <summary>When the provider accepted the receipt.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>When the provider accepted the dispute.</summary>
    public DateTimeOffset? DisputedAt { get; init; }

    /// <summary>Why nothing goes on by itself: a code of <see cref="ClientErrors"/> or of the provider; null while it goes on.</summary>
    public string? FailureCode { get; init; }

    /// <summary>The same as a sentence.</summary>
    public string? Failure { get; init; }

    /// <summary>The name people know it by: the order's, or before there is one its own.</summary>
    public string Name => OrderId ?? Id;

    internal string? JobId { get; init; }

    internal int Wants { get; init; }

    internal long? Nonce { get; init; }

    internal long? GasLimit { get; init; }

    internal GasFees? Fees { get; init; }

    internal string? Replaced { get; init; }

    internal long? ChainCursor { get; init; }

    /// <summary>With a signed transaction that is to pay it.</summary>
    internal Purchase PaidBy(SignedTransaction signed) => this with
    {
        RawTransaction = signed.Raw,
        TransactionHash = signed.Hash,
        Nonce = signed.Nonce,
        GasLimit = signed.GasLimit,
        Fees = signed.Fees,
    };

    /// <summary>As before it was decided to pay.</summary>
    internal Purchase Unpaid() => this with
    {
        IntentAt = null,
        RawTransaction = null,
        TransactionHash = null,
        Nonce = null,
        GasLimit = null,
        Fees = null,
        Replaced = null,
        SentAt = null,
    };
}
