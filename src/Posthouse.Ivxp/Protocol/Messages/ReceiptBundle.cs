using System.Text.Json;
using Posthouse.Ivxp.Receipts;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>
/// What two parties can show of one order later, to anybody and without a network: quote, payment, the content's hash with the
/// provider's signature, and the client's receipt. Either side makes it out of what it keeps; <c>spec/ivxp/receipt-bundle.md</c>.
/// </summary>
/// <param name="Format"><see cref="FormatName"/>.</param>
/// <param name="OrderId">The order; every signed text in here must name it.</param>
/// <param name="Protocol">The order's version.</param>
/// <param name="MadeAt">When the bundle was made.</param>
/// <param name="MadeBy">Whose word the unsigned parts are: <see cref="ByProvider"/> or <see cref="ByClient"/>.</param>
/// <param name="Quote">What was agreed. Nobody signs a quote.</param>
/// <param name="Payment">What paid it; absent while it is not paid.</param>
/// <param name="Delivery">What was made; absent while it is not complete.</param>
/// <param name="Receipt">What the client signed when it had the content.</param>
/// <param name="Dispute">What the client signed when it disputed the delivery, the last time.</param>
public sealed record ReceiptBundle(
    string Format,
    string OrderId,
    string Protocol,
    string MadeAt,
    string MadeBy,
    BundledQuote Quote,
    BundledPayment? Payment = null,
    BundledDelivery? Delivery = null,
    BundledReceipt? Receipt = null,
    BundledReceipt? Dispute = null)
{
    /// <summary>The value of <see cref="Format"/>; another meaning of any member gets another name.</summary>
    public const string FormatName = "ivxp-receipt/1";

    /// <summary><see cref="MadeBy"/>: the seller made the bundle.</summary>
    public const string ByProvider = "provider";

    /// <summary><see cref="MadeBy"/>: the buyer made the bundle.</summary>
    public const string ByClient = "client";

    /// <summary>Bytes of a bundle's file: a whole one has about three thousand.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Reads a bundle's file.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: it is no bundle, or of another format.</exception>
    public static ReceiptBundle Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
            throw Unreadable($"it has {utf8.Length} bytes, and a bundle has at most {MaxBytes}");
        try
        {
            var bundle = JsonSerializer.Deserialize(utf8, IvxpJson.Wire.ReceiptBundle) ?? throw Unreadable("it holds nothing");
            return bundle.Format == FormatName ? bundle : throw Unreadable($"its format is '{bundle.Format}', and this program reads {FormatName}");
        }
        catch (JsonException e)
        {
            throw Unreadable($"it cannot be read at {e.Path ?? "$"}");
        }
    }

    /// <summary>The bundle's file: UTF-8, one line.</summary>
    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, IvxpJson.Wire.ReceiptBundle);

    /// <summary>Checks every signature and how the parts bind each other, with no network.</summary>
    /// <param name="curve">Who recovers signers.</param>
    /// <param name="content">The content, if the reader has it.</param>
    public ReceiptVerdict Verify(ISecp256k1 curve, JsonContent? content = null)
    {
        ArgumentNullException.ThrowIfNull(curve);
        return new ReceiptVerification(this, curve, content).Run();
    }

    private static PosthouseException Unreadable(string why) => new(ErrorCodes.OptionsInvalid, $"This is no receipt bundle: {why}.");
}

/// <summary>What was agreed between whom.</summary>
/// <param name="ProviderAgent">The seller.</param>
/// <param name="ClientAddress">The buyer's account: the one who pays and signs.</param>
/// <param name="ServiceType">What was ordered.</param>
/// <param name="PriceUsdc">For how much.</param>
/// <param name="PaymentAddress">The account to pay to.</param>
/// <param name="Network">One of <see cref="UsdcNetwork.All"/>.</param>
/// <param name="TokenContract">The contract of USDC there.</param>
/// <param name="QuotedAt">When it was quoted.</param>
/// <param name="PayUntil">Until when the payment had to be in a block.</param>
public sealed record BundledQuote(
    ProviderAgent ProviderAgent,
    string ClientAddress,
    string ServiceType,
    UsdcAmount PriceUsdc,
    string PaymentAddress,
    string Network,
    string? TokenContract = null,
    string? QuotedAt = null,
    string? PayUntil = null);

/// <summary>What paid an order. A client that did not keep its proof leaves the signature out.</summary>
/// <param name="TxHash">The transaction, lower case.</param>
/// <param name="Network">Where.</param>
/// <param name="AmountUsdc">What came, as the provider read it from the chain.</param>
/// <param name="BlockNumber">In which block.</param>
/// <param name="BlockTime">When, by the chain.</param>
/// <param name="SignedMessage">The client's proof: D1, D2 or H1.</param>
/// <param name="Signature">The client's signature of it.</param>
public sealed record BundledPayment(
    string TxHash,
    string Network,
    UsdcAmount? AmountUsdc = null,
    long? BlockNumber = null,
    string? BlockTime = null,
    string? SignedMessage = null,
    string? Signature = null);

/// <summary>What was made. The content itself is no part of a bundle: its hash is, and who has it can compare.</summary>
/// <param name="ContentHash">Of the canonical JSON, as the provider wrote it.</param>
/// <param name="ContentHashRaw">The digest under the raw definition, where it is another.</param>
/// <param name="ContentHashPython">The digest under Python's definition, where it is another.</param>
/// <param name="CompletedAt">When the work was done.</param>
/// <param name="SignedMessage">What the provider signed: V1. Old providers sign nothing.</param>
/// <param name="Signature">The provider's signature of it.</param>
public sealed record BundledDelivery(
    string ContentHash,
    string? ContentHashRaw = null,
    string? ContentHashPython = null,
    string? CompletedAt = null,
    string? SignedMessage = null,
    string? Signature = null);

/// <summary>What the client signed about its delivery.</summary>
/// <param name="Form">Which text: C1, C2 or C3 for a receipt, X1 for a dispute.</param>
/// <param name="SignedMessage">The text.</param>
/// <param name="Signature">The client's signature of it.</param>
/// <param name="SatisfactionRating">1 to 5. No signed text carries it: it is the word of who made the bundle.</param>
/// <param name="Reason">Why the client disputes, in its words; not signed either.</param>
/// <param name="RecordedAt">When it was taken.</param>
public sealed record BundledReceipt(
    string Form,
    string SignedMessage,
    string Signature,
    int? SatisfactionRating = null,
    string? Reason = null,
    string? RecordedAt = null);
