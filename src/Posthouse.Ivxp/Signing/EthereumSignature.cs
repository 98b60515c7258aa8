using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Posthouse.Ivxp.Signing;

/// <summary>
/// A recoverable signature of 65 bytes: r, s and v. Only the canonical one of each pair exists here: a high s (EIP-2), zero and
/// numbers beyond the group's order are refused on reading, so that nobody can make a second signature out of a first.
/// </summary>
public sealed class EthereumSignature
{
    private static readonly UInt128 OrderHigh = new(0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE);
    private static readonly UInt128 OrderLow = new(0xBAAEDCE6AF48A03B, 0xBFD25E8CD0364141);
    private static readonly UInt128 HalfHigh = new(0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF);
    private static readonly UInt128 HalfLow = new(0x5D576E7357A4501D, 0xDFE92F46681B20A0);

    // r, s and the recovery bit 0 or 1.
    private readonly byte[] _bytes;

    private EthereumSignature(byte[] bytes) => _bytes = bytes;

    /// <summary>The first half, 32 bytes big-endian.</summary>
    internal ReadOnlySpan<byte> R => _bytes.AsSpan(0, 32);

    /// <summary>The second half, 32 bytes big-endian, never the high one.</summary>
    internal ReadOnlySpan<byte> S => _bytes.AsSpan(32, 32);

    /// <summary>0 or 1, as typed transactions write v (EIP-2718).</summary>
    internal long YParity => _bytes[64];

    /// <summary>Reads 130 hexadecimal digits, with or without <c>0x</c> (old Python wallets leave it out); v may be 0, 1, 27 or 28.</summary>
    /// <returns>False for another form, for r or s of zero or beyond the order, and for a high s.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out EthereumSignature? signature)
    {
        signature = null;
        var bytes = new byte[ISecp256k1.SignatureBytes];
        if (text is null || !Hex.TryRead(text, bytes))
            return false;
        if (bytes[64] is 27 or 28)
            bytes[64] -= 27;
        if (bytes[64] > 1 || !IsUpTo(bytes.AsSpan(0, 32), OrderHigh, OrderLow - 1) || !IsUpTo(bytes.AsSpan(32, 32), HalfHigh, HalfLow))
            return false;
        signature = new EthereumSignature(bytes);
        return true;
    }

    /// <summary>Signs a digest of 32 bytes.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: the secret key is no key of this curve.</exception>
    internal static EthereumSignature Sign(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> secretKey, ISecp256k1 curve)
    {
        var bytes = new byte[ISecp256k1.SignatureBytes];
        if (!curve.TrySign(digest, secretKey, bytes))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "The wallet's key is no key of secp256k1. Make one with 'posthouse wallet new'.");
        return new EthereumSignature(bytes);
    }

    /// <summary>The account that signed a digest of 32 bytes; a failed recovery and the zero address are no signer.</summary>
    internal bool TryRecover(ReadOnlySpan<byte> digest, ISecp256k1 curve, out EthereumAddress signer)
    {
        Span<byte> publicKey = stackalloc byte[ISecp256k1.PublicKeyBytes];
        signer = curve.TryRecover(digest, _bytes, publicKey) ? EthereumAddress.FromPublicKey(publicKey) : EthereumAddress.Zero;
        return !signer.IsZero;
    }

    /// <summary><c>0x</c> and 130 lower-case digits, v written 27 or 28 as wallets do.</summary>
    public override string ToString()
    {
        Span<byte> written = stackalloc byte[ISecp256k1.SignatureBytes];
        _bytes.CopyTo(written);
        written[64] += 27;
        return Hex.Write(written);
    }

    private static bool IsUpTo(ReadOnlySpan<byte> number, UInt128 maxHigh, UInt128 maxLow)
    {
        var high = BinaryPrimitives.ReadUInt128BigEndian(number);
        var low = BinaryPrimitives.ReadUInt128BigEndian(number[16..]);
        return (high != 0 || low != 0) && (high < maxHigh || (high == maxHigh && low <= maxLow));
    }
}
