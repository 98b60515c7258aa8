using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Orders;

/// <summary>Whether a proof of payment was signed by the order's client, for this order and this payment. Pure.</summary>
internal static class ProofText
{
    /// <summary>Null: it was. The text must be of the form D1 or D2 in full, and every field of it must say what the message says.</summary>
    /// <param name="request">The message.</param>
    /// <param name="transaction">Its transaction, lower case.</param>
    /// <param name="client">The order's client: the one who must have signed and paid.</param>
    /// <param name="curve">Who recovers.</param>
    public static Refusal? Refuse(DeliveryRequest request, string transaction, EthereumAddress client, ISecp256k1 curve)
    {
        if (!SignedText.Payment.TryParse(request.SignedMessage, out var text) && !SignedText.PaymentWithNonce.TryParse(request.SignedMessage, out text))
            return Wrong("signed_message is not of the form D1 or D2.", "text");
        if (text.OrderId != request.OrderId)
            return Wrong("signed_message names another order.", "order");
        if (!TransactionHash.TryNormalize(text.Payment, out var signed) || signed != transaction)
            return Wrong("signed_message names another payment.", "payment");
        if (text.Timestamp != request.Timestamp)
            return Wrong("signed_message bears another timestamp than the message.", "timestamp");
        if (text.Nonce is not null && request.Nonce is not null && text.Nonce != request.Nonce)
            return Wrong("signed_message bears another nonce than the message.", "nonce");
        if (!EthereumAddress.TryParse(request.PaymentProof.FromAddress, out var payer) || payer != client)
            return Wrong("payment_proof.from_address is not the order's client.", "payer");
        return EthereumSignature.TryParse(request.Signature, out var signature) && PersonalMessage.IsSignedBy(request.SignedMessage, signature, client, curve)
            ? null
            : Wrong("The signature is not the order's client's.", "signer");
    }

    private static Refusal Wrong(string message, string reason) => new(IvxpErrors.SignatureInvalid, message, reason);
}
