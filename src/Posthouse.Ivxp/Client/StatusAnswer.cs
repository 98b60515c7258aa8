using System.Text.Json;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.Ivxp.Client;

/// <summary>Reads the answers of all dialects into one form. What is missing stays empty; only the order and its status have to be there.</summary>
internal static class StatusAnswer
{
    /// <summary>A status: documented or flat.</summary>
    /// <exception cref="PosthouseException">ANSWER_INVALID.</exception>
    public static OrderStatus Read(ReadOnlyMemory<byte> body, string orderId)
    {
        using var document = Answers.Parse(body);
        var root = document.RootElement;
        if (Answers.Text(root, "order_id") is { } id && id != orderId)
            throw Answers.Invalid("The provider answered with another order.");
        var status = Answers.Text(root, "status") ?? throw Answers.Invalid("The provider's answer names no status.");
        var service = Answers.Text(root, "service_type") ?? Answers.Text(root, "service") ?? "";
        return new OrderStatus(orderId, status, Time(Answers.Text(root, "created_at")), service, Price(root), Answers.Text(root, "status_v11"), service,
            Answers.Text(root, "content_hash"), Details(root), Rating(root));
    }

    /// <summary>Old providers write times without a zone and mean UTC.</summary>
    public static string Time(string? written) => written is null ? ""
        : WireTime.TryParse(written, out var instant) || WireTime.TryParse(written.Replace(' ', 'T') + "Z", out instant) ? WireTime.Write(instant)
        : written;

    private static UsdcAmount Price(JsonElement root) =>
        root.TryGetProperty("price_usdc", out var price) && UsdcAmount.TryParse(price.ValueKind is JsonValueKind.Number ? price.GetRawText() : null, out var amount) ? amount : UsdcAmount.Zero;

    private static int? Rating(JsonElement root) =>
        root.TryGetProperty("client_satisfaction", out var rating) && rating.ValueKind is JsonValueKind.Number && rating.TryGetInt32(out var stars) ? stars : null;

    private static StatusDetails? Details(JsonElement root)
    {
        try
        {
            return root.TryGetProperty("status_details", out var details) && details.ValueKind is JsonValueKind.Object ? details.Deserialize(IvxpJson.Wire.StatusDetails) : null;
        }
        catch (JsonException)
        {
            return null; // Nothing depends on them.
        }
    }
}

/// <summary>What is the same for reading all answers.</summary>
internal static class Answers
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false, MaxDepth = IvxpProtocol.Limits.JsonDepth };

    /// <summary>An object; two readers may not believe different members of it.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, _strict);
        }
        // InvalidOperationException is how the library says that a member's name is half of a surrogate pair.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new PosthouseException(ClientErrors.AnswerInvalid, "The provider's answer is no JSON.", e);
        }
        return document.RootElement.ValueKind is JsonValueKind.Object ? document : throw Invalid("The provider's answer is no JSON object.");
    }

    public static string? Text(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? JsonText.String(value) : null;

    public static PosthouseException Invalid(string message) => new(ClientErrors.AnswerInvalid, message);
}
