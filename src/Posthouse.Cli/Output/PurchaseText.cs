using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Cli.Output;

/// <summary>Purchases for programs and for people.</summary>
internal static class PurchaseText
{
    /// <summary>Letters of all languages stay readable; what turns the direction of writing is escaped like every control.</summary>
    public static JavaScriptEncoder Encoder { get; } = MakeEncoder();

    /// <summary>One purchase as JSON members.</summary>
    public static void Write(Utf8JsonWriter json, Purchase purchase)
    {
        json.WriteString("purchase_id", purchase.Id);
        Text(json, "order_id", purchase.OrderId);
        Text(json, "provider", purchase.Provider?.ToString());
        json.WriteString("url", purchase.Url.AbsoluteUri);
        json.WriteString("service_type", purchase.ServiceType);
        if (purchase.Price is { } price)
        {
            json.WritePropertyName("price_usdc");
            json.WriteRawValue(price.ToString());
        }

        json.WriteString("status", purchase.Status);
        json.WriteString("next", purchase.Step.ToString().ToLowerInvariant());
        json.WriteString("begun_at", WireTime.Write(purchase.BegunAt));
        Time(json, "quoted_at", purchase.QuotedAt);
        Text(json, "tx_hash", purchase.TransactionHash);
        Text(json, "content_hash", purchase.ContentHash);
        Time(json, "downloaded_at", purchase.DownloadedAt);
        Time(json, "confirmed_at", purchase.ConfirmedAt);
        Time(json, "disputed_at", purchase.DisputedAt);
        Text(json, "failure_code", purchase.FailureCode);
        Text(json, "failure", purchase.Failure);
    }

    /// <summary>A purchase with its content, where it is here.</summary>
    public static void WriteWhole(Utf8JsonWriter json, Purchase purchase)
    {
        json.WriteStartObject();
        Write(json, purchase);
        if (purchase.Content is { } content)
        {
            // Written anew: the writer escapes what could steer a terminal, which the stored form does not.
            using var document = JsonDocument.Parse(content);
            json.WritePropertyName("content");
            document.RootElement.WriteTo(json);
        }

        json.WriteEndObject();
    }

    /// <summary>A content as people read it, not cleaned yet.</summary>
    public static string Content(Purchase purchase) => Encoding.UTF8.GetString(purchase.Content ?? []);

    private static JavaScriptEncoder MakeEncoder()
    {
        var letters = new TextEncoderSettings(UnicodeRanges.All);
        letters.ForbidCharacters('\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069');
        return JavaScriptEncoder.Create(letters);
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null) { json.WriteString(name, value); }
    }

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? value)
    {
        if (value is { } at) { json.WriteString(name, WireTime.Write(at)); }
    }
}
