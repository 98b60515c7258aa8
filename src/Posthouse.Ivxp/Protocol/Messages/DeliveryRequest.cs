using System.Text.Json.Serialization;

namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>The proof of payment: the body of <see cref="IvxpProtocol.Routes.Deliver"/>.</summary>
/// <param name="Protocol">The order's version.</param>
/// <param name="MessageType"><see cref="IvxpProtocol.MessageTypes.DeliveryRequest"/>.</param>
/// <param name="Timestamp">When it was signed; equal to the one in <paramref name="SignedMessage"/>.</param>
/// <param name="OrderId">The order that was paid.</param>
/// <param name="PaymentProof">The payment.</param>
/// <param name="Signature">The client's signature of <paramref name="SignedMessage"/>, with or without <c>0x</c>.</param>
/// <param name="SignedMessage">A text of <see cref="SignedText.Payment"/> or <see cref="SignedText.PaymentWithNonce"/>.</param>
/// <param name="DeliveryEndpoint">Where to push the result; a bad one never harms a paid order.</param>
/// <param name="Nonce">The nonce of <see cref="SignedText.PaymentWithNonce"/>.</param>
public sealed record DeliveryRequest(
    string Protocol,
    string MessageType,
    string Timestamp,
    string OrderId,
    PaymentProof PaymentProof,
    string Signature,
    string SignedMessage,
    [property: JsonConverter(typeof(EndpointConverter))] string? DeliveryEndpoint = null,
    string? Nonce = null);

/// <summary>
/// Which payment. Amount, recipient and block are read from the chain alone: peers write them under the same names in other
/// units, so they are not even read here.
/// </summary>
/// <param name="TxHash">The transaction.</param>
/// <param name="FromAddress">The account that paid; it must be the order's client and the signer.</param>
/// <param name="Network">One of <see cref="UsdcNetwork.All"/>.</param>
public sealed record PaymentProof(string TxHash, string FromAddress, string Network);

/// <summary>The answer to a proof of payment that was taken, now or before.</summary>
/// <param name="Status"><see cref="IvxpProtocol.Statuses.Accepted"/>.</param>
/// <param name="OrderId">The order.</param>
/// <param name="Message">A sentence for people, not empty.</param>
/// <param name="StreamUrl">Where a live stream of the order is served.</param>
/// <param name="WebhookSecret">The secret of this order's webhook signatures (<c>whsec_…</c>), told once.</param>
public sealed record DeliveryAccepted(string Status, string OrderId, string Message, string? StreamUrl = null, string? WebhookSecret = null);
