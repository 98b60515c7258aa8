using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Orders;

/// <summary>The three header fields of a signed request, as they came.</summary>
/// <param name="Address">Who signed.</param>
/// <param name="Timestamp">When.</param>
/// <param name="Signature">The signature.</param>
internal readonly record struct SignedHeaders(string? Address, string? Timestamp, string? Signature);

/// <summary>Whether a request without a body was signed, lately, by the account that it names. Pure.</summary>
internal static class SignedRequest
{
    /// <summary>Null: it was, and by <paramref name="expected"/> where one is expected.</summary>
    /// <param name="headers">What came.</param>
    /// <param name="texts">What may have been signed, given the timestamp.</param>
    /// <param name="expected">Who alone may ask, or null: whoever signed, about its own.</param>
    /// <param name="curve">Who recovers.</param>
    /// <param name="now">The present time.</param>
    public static Refusal? Refuse(SignedHeaders headers, Func<string, IEnumerable<string>> texts, EthereumAddress? expected, ISecp256k1 curve, DateTimeOffset now)
    {
        if (headers is not { Address: { } address, Timestamp: { } timestamp, Signature: { } written })
            return Unsigned($"This request is signed: it needs {IvxpProtocol.Headers.Address}, {IvxpProtocol.Headers.Timestamp} and {IvxpProtocol.Headers.Signature}.", "missing");
        if (!EthereumAddress.TryParse(address, out var signer) || (expected is not null && signer != expected))
            return Unsigned("The signing account may not ask for this.", "signer");
        if (!WireTime.TryParse(timestamp, out var signedAt))
            return Untimely(now);
        if (!EthereumSignature.TryParse(written, out var signature) || !texts(timestamp).Any(text => PersonalMessage.IsSignedBy(text, signature, signer, curve)))
            return Unsigned("The signature is not that of the named account, or of another text.", "signer");
        return WireTime.IsFresh(signedAt, now) ? null : Untimely(now);
    }

    /// <summary>As above, for a text that names an order and a time.</summary>
    public static Refusal? Refuse(SignedHeaders headers, SignedText kind, Order order, ISecp256k1 curve, DateTimeOffset now) =>
        Refuse(headers, timestamp => [kind.Build(new SignedFields(order.Id, Timestamp: timestamp))], order.Client, curve, now);

    private static Refusal Unsigned(string message, string reason) => new(IvxpErrors.SignatureInvalid, message, reason);

    private static Refusal Untimely(DateTimeOffset now) =>
        new(IvxpErrors.InvalidTimestamp, $"The request is too old or ahead of time; it is {WireTime.Write(now)} here. Sign it when you send it.");
}
