using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Orders.Proofs;

/// <summary>Whether a proof of payment was signed by the order's client, for this order and this payment. Pure.</summary>
internal static class ProofText
{
    /// <summary>Null: it was. The text must be one of the dialect's forms in full, and every field of it must say what the message says.</summary>
    /// <param name="proof">The proof.</param>
    /// <param name="transaction">Its transaction, lower case.</param>
    /// <param name="client">The order's client: the one who must have signed and paid.</param>
    /// <param name="curve">Who recovers.</param>
    public static Refusal? Refuse(ProofOfPayment proof, string transaction, EthereumAddress client, ISecp256k1 curve)
    {
        if (Read(proof) is not { } text)
            return Wrong($"The signed text is not of the form {string.Join(" or ", proof.Forms.Select(form => form.Id))}.", "text");
        if (text.OrderId != proof.OrderId)
            return Wrong("The signed text names another order.", "order");
        if (text.Payment is not null && (!TransactionHash.TryNormalize(text.Payment, out var signed) || signed != transaction))
            return Wrong("The signed text names another payment.", "payment");
        if (text.Address is not null && !IsOf(text.Address, client))
            return Wrong("The signed text names another account than the order's client.", "address");
        if (text.Timestamp is not null && proof.Timestamp is not null && !IsSameTime(text.Timestamp, proof.Timestamp))
            return Wrong("The signed text bears another timestamp than the message.", "timestamp");
        if (text.Nonce is not null && proof.Nonce is not null && text.Nonce != proof.Nonce)
            return Wrong("The signed text bears another nonce than the message.", "nonce");
        if (!IsOf(proof.Payer, client))
            return Wrong("The named payer or signer is not the order's client.", "payer");
        return EthereumSignature.TryParse(proof.Signature, out var signature) && PersonalMessage.IsSignedBy(proof.Text, signature, client, curve)
            ? null
            : Wrong("The signature is not the order's client's.", "signer");
    }

    /// <summary>Whether the text's time, and the message's where it has one, are close to now.</summary>
    public static bool IsFresh(ProofOfPayment proof, DateTimeOffset now)
    {
        var text = Read(proof)!;
        var isRead = text.UnixMilliseconds is { } unix ? WireTime.TryParseUnix(unix, out var signedAt) : WireTime.TryParse(text.Timestamp, out signedAt);
        return isRead && WireTime.IsFresh(signedAt, now)
            && (proof.Timestamp is null || (WireTime.TryParse(proof.Timestamp, out var sentAt) && WireTime.IsFresh(sentAt, now)));
    }

    private static SignedFields? Read(ProofOfPayment proof)
    {
        foreach (var form in proof.Forms)
        {
            if (form.TryParse(proof.Text, out var fields))
                return fields;
        }
        return null;
    }

    private static bool IsOf(string address, EthereumAddress client) => EthereumAddress.TryParse(address, out var read) && read == client;

    private static bool IsSameTime(string one, string other) =>
        one == other || (WireTime.TryParse(one, out var first) && WireTime.TryParse(other, out var second) && first == second);

    private static Refusal Wrong(string message, string reason) => new(IvxpErrors.SignatureInvalid, message, reason);
}
