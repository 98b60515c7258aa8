using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC;
using Org.BouncyCastle.Math.EC.Multiplier;

namespace Posthouse.Ivxp.Signing;

/// <summary>
/// secp256k1 in managed code, for machines without the system's library. Uses the curve written for this field: the generic
/// one of the same package is four times slower.
/// </summary>
internal sealed class ManagedSecp256k1 : ISecp256k1
{
    private static readonly X9ECParameters Curve = CustomNamedCurves.GetByName("secp256k1");
    private static readonly BigInteger HalfOrder = Curve.N.ShiftRight(1);

    /// <inheritdoc/>
    public string Name => "managed";

    /// <inheritdoc/>
    public bool TrySign(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> secretKey, Span<byte> signature)
    {
        Require(digest, Keccak256.DigestBytes);
        Require(signature, ISecp256k1.SignatureBytes);
        if (!TryReadScalar(secretKey, out var secret))
            return false;
        var message = new BigInteger(1, digest.ToArray());
        var nonces = new HMacDsaKCalculator(new Sha256Digest());
        nonces.Init(Curve.N, secret, digest.ToArray());
        while (true)
        {
            var nonce = nonces.NextK();
            var point = MultiplyGenerator(nonce);
            var x = point.AffineXCoord.ToBigInteger();
            var s = nonce.ModInverse(Curve.N).Multiply(message.Add(secret.Multiply(x))).Mod(Curve.N);
            // r ≥ n cannot be told in Ethereum's v; zero is no signature. Both have a probability below 2^-120.
            if (x.SignValue == 0 || x.CompareTo(Curve.N) >= 0 || s.SignValue == 0)
                continue;
            var odd = point.AffineYCoord.TestBitZero();
            if (s.CompareTo(HalfOrder) > 0)
            {
                s = Curve.N.Subtract(s);
                odd = !odd;
            }
            WriteScalar(x, signature[..32]);
            WriteScalar(s, signature[32..64]);
            signature[64] = odd ? (byte)1 : (byte)0;
            return true;
        }
    }

    /// <inheritdoc/>
    public bool TryRecover(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, Span<byte> publicKey)
    {
        Require(digest, Keccak256.DigestBytes);
        Require(signature, ISecp256k1.SignatureBytes);
        Require(publicKey, ISecp256k1.PublicKeyBytes);
        if (signature[64] > 1 || !TryReadScalar(signature[..32], out var r) || !TryReadScalar(signature[32..64], out var s))
            return false;
        if (!TryLift(signature[..32], odd: signature[64] == 1, out var nonce))
            return false;
        var inverse = r.ModInverse(Curve.N);
        var message = new BigInteger(1, digest.ToArray());
        var u1 = Curve.N.Subtract(message.Mod(Curve.N)).Multiply(inverse).Mod(Curve.N);
        var u2 = s.Multiply(inverse).Mod(Curve.N);
        var key = ECAlgorithms.SumOfTwoMultiplies(Curve.G, u1, nonce, u2);
        if (key.IsInfinity)
            return false;
        WritePoint(key.Normalize(), publicKey);
        return true;
    }

    /// <inheritdoc/>
    public bool TryGetPublicKey(ReadOnlySpan<byte> secretKey, Span<byte> publicKey)
    {
        Require(publicKey, ISecp256k1.PublicKeyBytes);
        if (!TryReadScalar(secretKey, out var secret))
            return false;
        WritePoint(MultiplyGenerator(secret), publicKey);
        return true;
    }

    // The comb walks the same steps for every scalar, so that time tells nothing of the secret's bits.
    private static ECPoint MultiplyGenerator(BigInteger scalar) => new FixedPointCombMultiplier().Multiply(Curve.G, scalar).Normalize();

    private static bool TryLift(ReadOnlySpan<byte> x, bool odd, out ECPoint point)
    {
        Span<byte> compressed = stackalloc byte[33];
        compressed[0] = odd ? (byte)3 : (byte)2;
        x.CopyTo(compressed[1..]);
        try
        {
            point = Curve.Curve.DecodePoint(compressed.ToArray());
            return true;
        }
        catch (ArgumentException)
        {
            // Half of all x have no point on the curve; the package says so by throwing.
            point = Curve.G;
            return false;
        }
    }

    private static bool TryReadScalar(ReadOnlySpan<byte> bytes, out BigInteger scalar)
    {
        Require(bytes, 32);
        scalar = new BigInteger(1, bytes.ToArray());
        return scalar.SignValue > 0 && scalar.CompareTo(Curve.N) < 0;
    }

    private static void WritePoint(ECPoint point, Span<byte> publicKey)
    {
        WriteScalar(point.AffineXCoord.ToBigInteger(), publicKey[..32]);
        WriteScalar(point.AffineYCoord.ToBigInteger(), publicKey[32..]);
    }

    private static void WriteScalar(BigInteger number, Span<byte> bytes)
    {
        var digits = number.ToByteArrayUnsigned();
        bytes.Clear();
        digits.CopyTo(bytes[(bytes.Length - digits.Length)..]);
    }

    private static void Require(ReadOnlySpan<byte> span, int length) => ArgumentOutOfRangeException.ThrowIfNotEqual(span.Length, length);
}
