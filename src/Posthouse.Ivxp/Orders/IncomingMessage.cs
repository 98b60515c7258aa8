using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Posthouse.Ivxp.Orders.Proofs;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.Ivxp.Orders;

/// <summary>Reads a client's message; everything a stranger can do wrong here is a refusal.</summary>
internal static class IncomingMessage
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false, MaxDepth = IvxpProtocol.Limits.JsonDepth };

    /// <summary>Reads a message of a supported version.</summary>
    public static Reply<T> Read<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type)
        where T : class => Open(body, root => Versioned(root, type));

    /// <summary>Reads a message of a kind that names no version.</summary>
    public static Reply<T> ReadPlain<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type)
        where T : class => Open(body, root => Plain(root, type));

    /// <summary>Reads a proof where both kinds come: a nested signature is a browser's, which names no version.</summary>
    public static Reply<ProofOfPayment> ReadProof(ReadOnlyMemory<byte> body) => Open(body, root =>
        root.TryGetProperty("signature", out var signature) && signature.ValueKind == JsonValueKind.Object
            ? Plain(root, IvxpJson.Wire.HubDelivery).Then(hub => ProofOfPayment.From(hub, null))
            : Versioned(root, IvxpJson.Wire.DeliveryRequest).Then(ProofOfPayment.From));

    private static Reply<T> Open<T>(ReadOnlyMemory<byte> body, Func<JsonElement, Reply<T>> read)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(body, _strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : new Refusal(IvxpErrors.InvalidRequest, "The body must be a JSON object.");
        }
        catch (JsonException e)
        {
            return new Refusal(IvxpErrors.InvalidRequest, Where(e));
        }
        catch (InvalidOperationException)
        {
            // How the library says that a member's name is half of a surrogate pair; Where knows no place for it.
            return new Refusal(IvxpErrors.InvalidRequest, Where(new JsonException()));
        }
    }

    private static Reply<T> Versioned<T>(JsonElement root, JsonTypeInfo<T> type)
        where T : class
    {
        var version = root.TryGetProperty("protocol", out var named) && named.ValueKind == JsonValueKind.String ? JsonText.String(named) : null;
        return IvxpProtocol.IsSupported(version)
            ? Plain(root, type)
            : new Refusal(IvxpErrors.ProtocolVersionUnsupported, $"protocol must be {IvxpProtocol.Version10} or {IvxpProtocol.Version11}.");
    }

    private static Reply<T> Plain<T>(JsonElement root, JsonTypeInfo<T> type)
        where T : class => root.Deserialize(type)!;

    // The library's own sentence names types of ours; the place is what helps.
    private static string Where(JsonException e) => e.Path is { Length: > 1 } path && path.Length <= IvxpProtocol.Limits.NameLength
        ? $"The body cannot be read at {path}."
        : "The body is not the JSON that this path takes: a member is missing, given twice or of the wrong kind.";
}
