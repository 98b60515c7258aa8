using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Ivxp.Orders;

/// <summary>Reads a client's message; everything a stranger can do wrong here is a refusal.</summary>
internal static class IncomingMessage
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false, MaxDepth = IvxpProtocol.Limits.JsonDepth };

    /// <summary>Reads a message of a supported version.</summary>
    public static Reply<T> Read<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type)
        where T : class => Read(body, type, isVersioned: true);

    /// <summary>Reads a message of a kind that names no version.</summary>
    public static Reply<T> ReadPlain<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type)
        where T : class => Read(body, type, isVersioned: false);

    private static Reply<T> Read<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type, bool isVersioned)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(body, _strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return new Refusal(IvxpErrors.InvalidRequest, "The body must be a JSON object.");
            var version = document.RootElement.TryGetProperty("protocol", out var named) && named.ValueKind == JsonValueKind.String ? JsonText.String(named) : null;
            if (isVersioned && !IvxpProtocol.IsSupported(version))
                return new Refusal(IvxpErrors.ProtocolVersionUnsupported, $"protocol must be {IvxpProtocol.Version10} or {IvxpProtocol.Version11}.");
            return document.RootElement.Deserialize(type) is { } message ? message : new Refusal(IvxpErrors.InvalidRequest, "The body must be a JSON object.");
        }
        catch (JsonException e)
        {
            return new Refusal(IvxpErrors.InvalidRequest, Where(e));
        }
    }

    // The library's own sentence names types of ours; the place is what helps.
    private static string Where(JsonException e) => e.Path is { Length: > 1 } path && path.Length <= IvxpProtocol.Limits.NameLength
        ? $"The body cannot be read at {path}."
        : "The body is not the JSON that this path takes: a member is missing, given twice or of the wrong kind.";
}
