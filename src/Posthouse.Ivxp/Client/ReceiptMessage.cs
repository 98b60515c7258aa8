using System.Text.Json;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Client;

/// <summary>
/// The receipt (C1) or the dispute (X1) that a buyer signs. The hash is written as the provider wrote it, the same characters in
/// the text and in the body.
/// </summary>
internal static class ReceiptMessage
{
    private const string NothingCame = "none";

    public static byte[] Write(Purchase purchase, Wallet wallet, string name, string now)
    {
        var received = purchase.Step is PurchaseStep.Confirm;
        var fields = new SignedFields(purchase.OrderId!, Timestamp: now, ContentHash: purchase.ContentHash ?? NothingCame);
        var text = (received ? SignedText.Receipt : SignedText.Dispute).Build(fields);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("protocol", purchase.Protocol);
            json.WriteString("message_type", IvxpProtocol.MessageTypes.DeliveryConfirmation);
            json.WriteString("timestamp", now);
            json.WriteString("order_id", purchase.OrderId);
            json.WriteStartObject("client_agent");
            json.WriteString("name", name);
            json.WriteString("wallet_address", wallet.Address.ToString());
            json.WriteEndObject();
            json.WriteStartObject("confirmation");
            json.WriteBoolean("received", received);
            json.WriteString("content_hash", fields.ContentHash);
            json.WriteString("received_at", WireTime.Write(purchase.DownloadedAt ?? purchase.BegunAt));
            if (received && purchase.Rating is { } rating)
                json.WriteNumber("satisfaction_rating", rating);
            if (!received && purchase.Reason is { } reason)
                json.WriteString("reason", reason);
            json.WriteEndObject();
            json.WriteString("signature", wallet.Sign(text).ToString());
            json.WriteString("signed_message", text);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
