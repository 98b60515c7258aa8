using System.Text.Json;

namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>The proof of payment of a workflow client: the body of <see cref="IvxpProtocol.Routes.OrderPayment"/>.</summary>
/// <param name="Protocol">The order's version.</param>
/// <param name="MessageType"><see cref="IvxpProtocol.MessageTypes.PaymentProof"/>.</param>
/// <param name="Timestamp">When it was signed; equal to the one in the signed text.</param>
/// <param name="OrderId">The order that was paid, the same as in the path.</param>
/// <param name="Payment">The payment.</param>
/// <param name="Signature">Of a text of <see cref="SignedText.Payment"/> or <see cref="SignedText.PaymentWithNonce"/>.</param>
public sealed record WorkflowPayment(
    string Protocol, string MessageType, string Timestamp, string OrderId, NamedPayment Payment, NestedSignature Signature);

/// <summary>Which payment.</summary>
/// <param name="TxHash">The transaction.</param>
/// <param name="Network">Where; browsers write <c>base</c> for <see cref="UsdcNetwork.BaseMainnet"/>.</param>
/// <param name="AmountUsdc">What the client believes it paid. Never compared: peers write other units under this name.</param>
public sealed record NamedPayment(string TxHash, string Network, JsonElement? AmountUsdc = null);

/// <summary>A signature with what it signs.</summary>
/// <param name="Message">The text.</param>
/// <param name="Sig">65 bytes in hexadecimal digits.</param>
/// <param name="Signer">The account, which must be the order's client.</param>
public sealed record NestedSignature(string Message, string Sig, string Signer);
