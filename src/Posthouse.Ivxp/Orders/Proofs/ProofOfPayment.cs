using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.Ivxp.Orders.Proofs;

/// <summary>What a client says who has paid, whichever dialect said it: from here on the rules are the same for all.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Transaction">The transaction as it was written.</param>
/// <param name="Payer">The account that says so, as it was written.</param>
/// <param name="Network">Where it was paid, as it was written.</param>
/// <param name="Text">What was signed.</param>
/// <param name="Signature">The signature as it was written.</param>
/// <param name="Forms">The texts that this dialect signs.</param>
/// <param name="Timestamp">The message's own time, where it has one.</param>
/// <param name="Nonce">The message's own nonce, where it has one.</param>
/// <param name="Endpoint">Where the client wants the result, or null.</param>
internal sealed record ProofOfPayment(
    string OrderId, string Transaction, string Payer, string Network, string Text, string Signature, IReadOnlyList<SignedText> Forms,
    string? Timestamp = null, string? Nonce = null, string? Endpoint = null)
{
    private static readonly SignedText[] _workflow = [SignedText.Payment, SignedText.PaymentWithNonce];
    private static readonly SignedText[] _wire = [.. _workflow, SignedText.Identity];
    private static readonly SignedText[] _hub = [SignedText.Identity];

    /// <summary>From a delivery request, which also browsers send where they find no other path.</summary>
    public static Reply<ProofOfPayment> From(DeliveryRequest said) => said.MessageType != IvxpProtocol.MessageTypes.DeliveryRequest
        ? WrongType(IvxpProtocol.MessageTypes.DeliveryRequest)
        : new ProofOfPayment(said.OrderId, said.PaymentProof.TxHash, said.PaymentProof.FromAddress, said.PaymentProof.Network, said.SignedMessage, said.Signature,
            _wire, said.Timestamp, said.Nonce, said.DeliveryEndpoint);

    /// <summary>From a workflow client.</summary>
    /// <param name="said">The message.</param>
    /// <param name="path">The order that the path names.</param>
    public static Reply<ProofOfPayment> From(WorkflowPayment said, string path) => said.MessageType != IvxpProtocol.MessageTypes.PaymentProof
        ? WrongType(IvxpProtocol.MessageTypes.PaymentProof)
        : said.OrderId != path
            ? OtherOrder()
            : From(said.OrderId, said.Payment, said.Signature) with { Forms = _workflow, Timestamp = said.Timestamp };

    /// <summary>From a browser.</summary>
    /// <param name="said">The message.</param>
    /// <param name="path">The order that the path names, or null where it names none.</param>
    public static Reply<ProofOfPayment> From(HubDelivery said, string? path) =>
        path is not null && said.OrderId != path ? OtherOrder() : From(said.OrderId, said.Payment, said.Signature);

    private static ProofOfPayment From(string order, NamedPayment payment, NestedSignature signature) =>
        new(order, payment.TxHash, signature.Signer, payment.Network, signature.Message, signature.Sig, _hub);

    private static Refusal WrongType(string expected) => new(IvxpErrors.InvalidRequest, $"message_type must be {expected}.");

    private static Refusal OtherOrder() => new(IvxpErrors.InvalidRequest, "order_id is another order than the path's.");
}
