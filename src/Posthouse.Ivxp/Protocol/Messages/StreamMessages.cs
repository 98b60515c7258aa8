using System.Text.Json.Serialization;

namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>The data of <see cref="IvxpProtocol.StreamEvents.Status"/>. Streams write camelCase, as their one known reader does.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Status">In the words of the reader's version.</param>
public sealed record StreamStatus([property: JsonPropertyName("orderId")] string OrderId, string Status);

/// <summary>The data of <see cref="IvxpProtocol.StreamEvents.Progress"/>.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Progress">Which part of the work is done, 0 to 1.</param>
/// <param name="Message">What is being done.</param>
public sealed record StreamProgress([property: JsonPropertyName("orderId")] string OrderId, double Progress, string? Message = null);

/// <summary>The data of <see cref="IvxpProtocol.StreamEvents.Completed"/>.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="DeliverableUrl">Where the result is, in full.</param>
public sealed record StreamCompleted(
    [property: JsonPropertyName("orderId")] string OrderId, [property: JsonPropertyName("deliverableUrl")] string DeliverableUrl);

/// <summary>The data of <see cref="IvxpProtocol.StreamEvents.Failed"/>.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Reason">A class such as <c>work_failed</c>, never a text from inside.</param>
public sealed record StreamFailed([property: JsonPropertyName("orderId")] string OrderId, string Reason);
