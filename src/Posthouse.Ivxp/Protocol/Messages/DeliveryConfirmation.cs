using System.Text.Json;

namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>
/// The client's signed word on a delivery: the body of <see cref="IvxpProtocol.Routes.Confirm"/> and its two other paths. Three
/// shapes share it: text and signature beside <paramref name="Confirmation"/> (version 1.1), inside it (the workflow dialect), or
/// with nothing nested at all (the oldest clients). What is confirmed or disputed is what the signed text says.
/// </summary>
/// <param name="OrderId">The order.</param>
/// <param name="Protocol">The version; the oldest shape has none.</param>
/// <param name="MessageType"><see cref="IvxpProtocol.MessageTypes.DeliveryConfirmation"/>; the oldest shape has none.</param>
/// <param name="Timestamp">When it was signed.</param>
/// <param name="ClientAgent">Who confirms; it must be the order's client.</param>
/// <param name="Confirmation">What is confirmed.</param>
/// <param name="Status">The oldest shape: <see cref="IvxpProtocol.Statuses.Received"/>.</param>
/// <param name="ContentHash">The oldest shape: the content's hash.</param>
/// <param name="SatisfactionRating">The oldest shape: 1 to 5, an integer.</param>
/// <param name="Signature">The client's signature of <paramref name="SignedMessage"/>, with or without <c>0x</c>.</param>
/// <param name="SignedMessage">A text C1, C3 or X1.</param>
public sealed record DeliveryConfirmation(
    string OrderId,
    string? Protocol = null,
    string? MessageType = null,
    string? Timestamp = null,
    ClientAgent? ClientAgent = null,
    Confirmation? Confirmation = null,
    string? Status = null,
    string? ContentHash = null,
    JsonElement? SatisfactionRating = null,
    string? Signature = null,
    string? SignedMessage = null);

/// <summary>What a client confirms or disputes.</summary>
/// <param name="Received">Whether the result came; false goes with a text X1.</param>
/// <param name="ContentHash">The hash of what came, in the same characters as in the signed text; <c>none</c> in a dispute if nothing came.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="SatisfactionRating">1 to 5, an integer; kept as it was written, because 5.0 and "5" are refused.</param>
/// <param name="Reason">Why the client disputes, at most <see cref="IvxpProtocol.Limits.ReasonLength"/> characters.</param>
/// <param name="Message">The workflow dialect: the signed text, C1, C2 or X1.</param>
/// <param name="Signature">The workflow dialect: the signature of <paramref name="Message"/>.</param>
/// <param name="Signer">The workflow dialect: who signed; it must be the order's client.</param>
public sealed record Confirmation(
    bool? Received = null,
    string? ContentHash = null,
    string? ReceivedAt = null,
    JsonElement? SatisfactionRating = null,
    string? Reason = null,
    string? Message = null,
    string? Signature = null,
    string? Signer = null);

/// <summary>The answer to a receipt or a dispute that was taken, now or before.</summary>
/// <param name="Status"><see cref="IvxpProtocol.Statuses.Confirmed"/> or <see cref="IvxpProtocol.Statuses.Disputed"/>.</param>
/// <param name="OrderId">The order.</param>
/// <param name="OrderStatus">After a receipt: where the order stands, in the words of version 1.1.</param>
/// <param name="ConfirmedAt">After a receipt: when the first one was taken.</param>
/// <param name="DisputedAt">After a dispute: when it was taken.</param>
public sealed record ConfirmationAccepted(string Status, string OrderId, string? OrderStatus = null, string? ConfirmedAt = null, string? DisputedAt = null);
