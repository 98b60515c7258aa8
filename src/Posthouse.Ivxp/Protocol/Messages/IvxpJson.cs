using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>
/// How messages become JSON: snake_case, unknown members ignored, absent members left out, a member given twice refused
/// (two readers might believe different ones).
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ServiceCatalog))]
[JsonSerializable(typeof(ServiceRequest))]
[JsonSerializable(typeof(ServiceQuote))]
[JsonSerializable(typeof(DeliveryRequest))]
[JsonSerializable(typeof(WorkflowPayment))]
[JsonSerializable(typeof(DeliveryAccepted))]
[JsonSerializable(typeof(OrderStatus))]
[JsonSerializable(typeof(ServiceDelivery))]
[JsonSerializable(typeof(DeliverableNotReady))]
[JsonSerializable(typeof(DeliveryConfirmation))]
[JsonSerializable(typeof(ConfirmationAccepted))]
[JsonSerializable(typeof(InboxPage))]
[JsonSerializable(typeof(Reputation))]
[JsonSerializable(typeof(ServiceReputation))]
[JsonSerializable(typeof(ReceiptBundle))]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(Dictionary<string, string>))]
public sealed partial class IvxpJson : JsonSerializerContext
{
    /// <summary>The one set of options for the wire.</summary>
    public static IvxpJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = IvxpProtocol.Limits.JsonDepth,
        // Bodies are application/json and never become part of a page, so text of all languages stays readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
