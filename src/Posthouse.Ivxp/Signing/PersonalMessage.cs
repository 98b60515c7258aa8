using System.Globalization;
using System.Text;

namespace Posthouse.Ivxp.Signing;

/// <summary>A text signed by a wallet as EIP-191 says (version 0x45, <c>personal_sign</c>): the prefix counts UTF-8 bytes, not characters.</summary>
public static class PersonalMessage
{
    private const string Prefix = "\u0019Ethereum Signed Message:\n";

    /// <summary>The digest that a wallet signs for <paramref name="text"/>, 32 bytes.</summary>
    public static byte[] Digest(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var head = Prefix + Encoding.UTF8.GetByteCount(text).ToString(CultureInfo.InvariantCulture);
        return Keccak256.Hash(Encoding.UTF8.GetBytes(head + text));
    }

    /// <summary>Finds the account that signed <paramref name="text"/>.</summary>
    /// <returns>False if the signature belongs to no account; <paramref name="signer"/> is then the zero address.</returns>
    public static bool TryRecover(string text, EthereumSignature signature, ISecp256k1 curve, out EthereumAddress signer)
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(curve);
        return signature.TryRecover(Digest(text), curve, out signer);
    }

    /// <summary>Whether <paramref name="account"/>, not the zero address, signed <paramref name="text"/>.</summary>
    public static bool IsSignedBy(string text, EthereumSignature signature, EthereumAddress account, ISecp256k1 curve) =>
        TryRecover(text, signature, curve, out var signer) && signer == account;
}
