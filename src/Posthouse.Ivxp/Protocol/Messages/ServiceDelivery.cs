namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>What was bought: the answer to <see cref="IvxpProtocol.Routes.Download"/> and the body of a push.</summary>
/// <param name="Protocol">The order's version.</param>
/// <param name="MessageType"><see cref="IvxpProtocol.MessageTypes.Delivery"/>.</param>
/// <param name="Timestamp">When this message was made.</param>
/// <param name="OrderId">The order.</param>
/// <param name="Status"><see cref="IvxpProtocol.Statuses.Completed"/>.</param>
/// <param name="ProviderAgent">Who worked.</param>
/// <param name="Deliverable">The result.</param>
/// <param name="ContentHash"><see cref="Protocol.ContentHash.Wire"/> of the content.</param>
/// <param name="CompletedAt">When the work was done.</param>
/// <param name="DeliveredAt">When the client first downloaded it.</param>
/// <param name="Signature">The provider's signature of <paramref name="SignedMessage"/>.</param>
/// <param name="SignedMessage">A text of <see cref="SignedText.Delivery"/>.</param>
/// <param name="Content">The content as one string, for clients that look for it here.</param>
/// <param name="ContentType">The media type of <paramref name="Content"/>.</param>
public sealed record ServiceDelivery(
    string Protocol,
    string MessageType,
    string Timestamp,
    string OrderId,
    string Status,
    ProviderAgent ProviderAgent,
    Deliverable Deliverable,
    string? ContentHash = null,
    string? CompletedAt = null,
    string? DeliveredAt = null,
    string? Signature = null,
    string? SignedMessage = null,
    string? Content = null,
    string? ContentType = null);

/// <summary>The result of the work.</summary>
/// <param name="Type">What it is, usually the service's name.</param>
/// <param name="Content">Any JSON.</param>
/// <param name="Format">How to read it: <c>markdown</c>, <c>json</c> or <c>code</c>.</param>
/// <param name="ContentHash">In pushes: the hash of the content's string form, which the original's receiver checks.</param>
public sealed record Deliverable(string Type, JsonContent Content, string? Format = null, string? ContentHash = null);

/// <summary>The answer to a download that comes too early, for orders of version 1.0 (202).</summary>
/// <param name="Status"><see cref="IvxpProtocol.Statuses.PendingPayment"/> or <see cref="IvxpProtocol.Statuses.Processing"/>.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="Error"><see cref="IvxpErrors.DeliverableNotReady"/>.</param>
public sealed record DeliverableNotReady(string Status, string Message, string Error);
