using System.Text.Json;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Orders.Receipts;

/// <summary>A client's signed word on a delivery.</summary>
/// <param name="Kind">Which text it is.</param>
/// <param name="Fields">What it says.</param>
/// <param name="Text">The text.</param>
/// <param name="Signature">The signature, as it came.</param>
/// <param name="Rating">1 to 5, or null.</param>
/// <param name="Hash">The content's hash as the client wrote it, or null.</param>
/// <param name="Reason">Why it disputes, or null.</param>
internal sealed record SignedWord(SignedText Kind, SignedFields Fields, string Text, string Signature, int? Rating, string? Hash, string? Reason)
{
    public bool IsDispute => Kind == SignedText.Dispute;
}

/// <summary>
/// Reads a confirmation of any shape and judges what needs no order's history: its text in whole, that it binds what the message
/// says, and that the order's client signed it. Pure.
/// </summary>
internal static class ConfirmationText
{
    private static readonly SignedText[] _beside = [SignedText.Receipt, SignedText.Dispute];
    private static readonly SignedText[] _workflow = [SignedText.Receipt, SignedText.ReceiptWithoutHash, SignedText.Dispute];
    private static readonly SignedText[] _oldest = [SignedText.Receipt, SignedText.OldReceipt, SignedText.Dispute];

    /// <summary>What is wrong with a message's frame, before any order is looked for; null: nothing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="path">The order that the path names, or null.</param>
    public static Refusal? RefuseFrame(DeliveryConfirmation message, string? path)
    {
        var isOldest = message.Confirmation is null;
        if (message.Protocol is null ? !isOldest : !IvxpProtocol.IsSupported(message.Protocol))
            return new Refusal(IvxpErrors.ProtocolVersionUnsupported, $"protocol must be {IvxpProtocol.Version10} or {IvxpProtocol.Version11}.");
        if (message.MessageType is null ? !isOldest : message.MessageType != IvxpProtocol.MessageTypes.DeliveryConfirmation)
            return Malformed($"message_type must be {IvxpProtocol.MessageTypes.DeliveryConfirmation}.");
        if (message.Status is not (null or IvxpProtocol.Statuses.Received))
            return Malformed($"status must be {IvxpProtocol.Statuses.Received}.");
        if (path is not null && path != message.OrderId)
            return Malformed("order_id is not the order of the path.");
        return message.Confirmation?.Reason is { Length: > IvxpProtocol.Limits.ReasonLength }
            ? Malformed($"confirmation.reason has at most {IvxpProtocol.Limits.ReasonLength} characters.")
            : null;
    }

    /// <summary>The signed word, if the order's client gave it.</summary>
    public static Reply<SignedWord> Read(DeliveryConfirmation message, Order order, ISecp256k1 curve)
    {
        var inner = message.Confirmation;
        if (inner?.Message is not null && message.SignedMessage is not null)
            return Malformed("There are two signed texts; send one.");
        var (text, signature) = inner?.Message is not null ? (inner.Message, inner.Signature) : (message.SignedMessage, message.Signature);
        if (text is null || signature is null)
            return Malformed("The signed text or its signature is missing.");
        var kinds = inner is null ? _oldest : inner.Message is not null ? _workflow : _beside;
        if (Parse(kinds, text) is not (var kind, { } fields))
            return Wrong("The signed text is of no form that this message takes.", "text");
        if (fields.OrderId != message.OrderId)
            return Wrong("The signed text names another order.", "order");
        if (inner?.Received is { } received && received == (kind == SignedText.Dispute))
            return Wrong("The signed text says the opposite of confirmation.received.", "received");
        if (!IsClient(message.ClientAgent?.WalletAddress, order) || !IsClient(inner?.Signer, order)
            || !EthereumSignature.TryParse(signature, out var parsed) || !PersonalMessage.IsSignedBy(text, parsed, order.Client, curve))
            return Wrong("The signature is not the order's client's.", "signer");
        if (Hashes(kind, fields, message) is { } mismatch)
            return mismatch;
        if (!TryRating(inner?.SatisfactionRating ?? message.SatisfactionRating, out var rating))
            return Malformed("satisfaction_rating is an integer from 1 to 5.", "rating");
        return new SignedWord(kind, fields, text, signature, rating, fields.ContentHash ?? inner?.ContentHash ?? message.ContentHash, inner?.Reason);
    }

    private static (SignedText Kind, SignedFields? Fields) Parse(SignedText[] kinds, string text)
    {
        foreach (var kind in kinds)
        {
            if (kind.TryParse(text, out var fields))
                return (kind, fields);
        }
        return default;
    }

    /// <summary>Body and text must name a hash in the same characters: two spellings of one hash are two claims of which one is signed.</summary>
    private static Refusal? Hashes(SignedText kind, SignedFields fields, DeliveryConfirmation message)
    {
        var inner = message.Confirmation;
        if (kind == SignedText.Receipt && inner?.Message is null && inner?.ContentHash is null && message.ContentHash is null)
            return Malformed("content_hash is missing.");
        if (fields.ContentHash is { } signed && new[] { inner?.ContentHash, message.ContentHash }.Any(hash => hash is not null && hash != signed))
            return new Refusal(IvxpErrors.ContentHashMismatch, "content_hash is not the hash of the signed text, character for character.", "text");
        return null;
    }

    // One digit and nothing else: 5.0, "5" and 5e0 are the same number to some readers and not to others.
    private static bool TryRating(JsonElement? written, out int? rating)
    {
        rating = null;
        if (written is not { } element)
            return true;
        if (element.ValueKind != JsonValueKind.Number || element.GetRawText() is not [>= '1' and <= '5' and var digit])
            return false;
        rating = digit - '0';
        return true;
    }

    private static bool IsClient(string? address, Order order) => address is null || (EthereumAddress.TryParse(address, out var named) && named == order.Client);

    private static Refusal Wrong(string message, string reason) => new(IvxpErrors.SignatureInvalid, message, reason);

    private static Refusal Malformed(string message, string? reason = null) => new(IvxpErrors.InvalidRequest, message, reason);
}
