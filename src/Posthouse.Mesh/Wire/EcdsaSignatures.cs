using System.Security.Cryptography;

namespace Posthouse.Mesh.Wire;

/// <summary>
/// Checks ECDSA over P-256. Reading a key costs as much as checking a signature or more, so read keys are kept, at most
/// <see cref="MaxKeys"/>, in two generations: when the younger is full the older is forgotten. One instance serves one thread.
/// </summary>
internal sealed class EcdsaSignatures : ISignatures
{
    /// <summary>Keys kept: ten times the providers of a large mesh; about 2 KiB each.</summary>
    public const int MaxKeys = 1_024;

    private Dictionary<PublicKey, ECDsa?> _young = [];
    private Dictionary<PublicKey, ECDsa?> _old = [];

    /// <inheritdoc/>
    public byte Scheme => MeshProtocol.SchemeP256;

    /// <summary>Keys kept now.</summary>
    public int Kept => _young.Count + _old.Count;

    /// <inheritdoc/>
    public bool IsSigned(PublicKey key, MessageDigest digest, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != MeshProtocol.SignatureBytes(Scheme) || Parsed(key) is not { } parsed)
            return false;
        Span<byte> hash = stackalloc byte[MessageDigest.Size];
        digest.Write(hash);
        try
        {
            return parsed.VerifyHash(hash, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            // Some systems throw where r or s is no number of the curve.
            return false;
        }
    }

    /// <summary>The key ready for use; null for a point that is not on the curve, which is remembered too.</summary>
    private ECDsa? Parsed(PublicKey key)
    {
        if (_young.TryGetValue(key, out var parsed))
            return parsed;
        if (!_old.Remove(key, out parsed))
            parsed = Parse(key);
        if (_young.Count >= MaxKeys / 2)
        {
            foreach (var forgotten in _old.Values)
                forgotten?.Dispose();
            (_old, _young) = (_young, []);
        }

        _young.Add(key, parsed);
        return parsed;
    }

    private static ECDsa? Parse(PublicKey key)
    {
        try
        {
            return ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = key.Point[..(MeshProtocol.KeyBytes / 2)].ToArray(), Y = key.Point[(MeshProtocol.KeyBytes / 2)..].ToArray() },
            });
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
