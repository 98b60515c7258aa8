using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Client;

/// <summary>Reads results, in downloads and in pushes, in an envelope or flat, and checks all of them alike.</summary>
internal static class DeliveryAnswer
{
    private const string Json = "json";
    private const string Base64 = "base64";

    /// <summary>A result whose order, seller, hashes and signature are right.</summary>
    /// <param name="body">The message.</param>
    /// <param name="orderId">The order it must belong to.</param>
    /// <param name="signer">The seller's account, as it stood in the quote.</param>
    /// <param name="curve">Checks the signature.</param>
    /// <exception cref="PosthouseException">ANSWER_INVALID or DELIVERY_UNTRUSTED.</exception>
    public static CheckedDelivery Read(ReadOnlyMemory<byte> body, string orderId, EthereumAddress signer, ISecp256k1 curve)
    {
        using var document = Answers.Parse(body);
        var root = document.RootElement;
        var message = root.TryGetProperty("deliverable", out var deliverable) && deliverable.ValueKind is JsonValueKind.Object ? Enveloped(root, deliverable, orderId, signer)
            : root.TryGetProperty("content", out var content) ? Flat(root, content, orderId, signer)
            : throw Answers.Invalid("The provider's answer has no result in it.");
        return Check(message, orderId, signer, curve);
    }

    /// <summary>Checks a message that was read.</summary>
    /// <exception cref="PosthouseException">ANSWER_INVALID or DELIVERY_UNTRUSTED.</exception>
    public static CheckedDelivery Check(ServiceDelivery message, string orderId, EthereumAddress signer, ISecp256k1 curve)
    {
        if (message.OrderId != orderId)
            throw Untrusted("The provider delivered another order.");
        if (!EthereumAddress.TryParse(message.ProviderAgent.WalletAddress, out var seller) || seller != signer)
            throw Untrusted($"It names {message.ProviderAgent.WalletAddress} as its seller and not {signer}, who sold it.");
        var hash = message.Deliverable.Content.Hash();
        if ((message.ContentHash is { } named && !hash.Accepts(named)) || (message.Deliverable.ContentHash is { } inner && !hash.Accepts(inner)))
            throw Untrusted("The content does not have the hash that came with it.");
        if (message.Signature is null && message.SignedMessage is null)
            return new CheckedDelivery(message, IsSigned: false);
        if (!SignedText.Delivery.TryParse(message.SignedMessage, out var text) || text.OrderId != orderId || !hash.Accepts(text.ContentHash))
            throw Untrusted("The provider signed something else than what came.");
        if (!EthereumSignature.TryParse(message.Signature, out var signature) || !PersonalMessage.IsSignedBy(message.SignedMessage!, signature, signer, curve))
            throw Untrusted($"It was not signed by {signer}, who sold it.");
        return new CheckedDelivery(message, IsSigned: true);
    }

    private static ServiceDelivery Enveloped(JsonElement root, JsonElement deliverable, string orderId, EthereumAddress signer)
    {
        if (!deliverable.TryGetProperty("content", out var content))
            throw Answers.Invalid("The provider's answer has no content in its result.");
        var format = Answers.Text(deliverable, "format");
        return Message(root, orderId, signer, new Deliverable(Answers.Text(deliverable, "type") ?? "", Content(content, format), format, Answers.Text(deliverable, "content_hash")));
    }

    private static ServiceDelivery Flat(JsonElement root, JsonElement content, string orderId, EthereumAddress signer)
    {
        var message = Message(root, orderId, signer, new Deliverable("", JsonContent.From(content)));
        // Bytes come as text; their hash may be the one of the bytes.
        return Answers.Text(root, "content_encoding") == Base64 && content.ValueKind is JsonValueKind.String && message.ContentHash is { } named && IsHashOfBytes(JsonText.String(content), named)
            ? message with { ContentHash = null }
            : message;
    }

    private static ServiceDelivery Message(JsonElement root, string orderId, EthereumAddress signer, Deliverable deliverable)
    {
        var agent = root.TryGetProperty("provider_agent", out var given) ? given : default;
        return new ServiceDelivery(
            Answers.Text(root, "protocol") ?? IvxpProtocol.Version10, IvxpProtocol.MessageTypes.Delivery, Answers.Text(root, "timestamp") ?? "",
            Answers.Text(root, "order_id") ?? orderId, IvxpProtocol.Statuses.Completed,
            new ProviderAgent(Answers.Text(agent, "name") ?? "", Answers.Text(agent, "wallet_address") ?? signer.ToString()), deliverable,
            Answers.Text(root, "content_hash"), StatusAnswer.Time(Answers.Text(root, "completed_at")), StatusAnswer.Time(Answers.Text(root, "delivered_at")),
            Answers.Text(root, "signature"), Answers.Text(root, "signed_message"));
    }

    /// <summary>Callbacks carry an object as its text. Where that text is the object's canonical form, both are the same result with the same hash.</summary>
    private static JsonContent Content(JsonElement content, string? format)
    {
        if (format != Json || content.ValueKind is not JsonValueKind.String)
            return JsonContent.From(content);
        var text = Encoding.UTF8.GetBytes(JsonText.String(content));
        try
        {
            var inner = JsonContent.Parse(text);
            return inner.Utf8.SequenceEqual(text) ? inner : JsonContent.From(content);
        }
        catch (JsonException)
        {
            return JsonContent.From(content);
        }
    }

    private static bool IsHashOfBytes(string text, string named)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && ContentHash.TryStrip(named, out var digest)
            && digest == Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, length)));
    }

    private static PosthouseException Untrusted(string message) => new(ClientErrors.DeliveryUntrusted, message + " Nothing was stored.");
}
