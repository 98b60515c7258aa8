namespace Posthouse.Ivxp.Signing;

/// <summary>
/// The seam to the curve secp256k1 (SEC 2, section 2.4.1): the three operations that wallets need. Implementations are
/// safe for use by many threads at once and agree byte for byte, for nonces follow RFC 6979.
/// </summary>
public interface ISecp256k1
{
    /// <summary>Bytes of a secret key.</summary>
    const int SecretKeyBytes = 32;

    /// <summary>Bytes of a public key: x then y, each 32 bytes big-endian, without the leading 0x04.</summary>
    const int PublicKeyBytes = 64;

    /// <summary>Bytes of a recoverable signature: r, s (each 32 bytes big-endian) and the recovery bit 0 or 1.</summary>
    const int SignatureBytes = 65;

    /// <summary>What does the arithmetic, for the log: <c>native</c> or <c>managed</c>.</summary>
    string Name { get; }

    /// <summary>Signs a digest; s is always the lower of the two possible values (EIP-2).</summary>
    /// <param name="digest">32 bytes.</param>
    /// <param name="secretKey">32 bytes, a number from 1 to n − 1.</param>
    /// <param name="signature">Receives 65 bytes.</param>
    /// <returns>False if the secret key is no number from 1 to n − 1; <paramref name="signature"/> is then undefined.</returns>
    bool TrySign(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> secretKey, Span<byte> signature);

    /// <summary>Finds the public key that made a signature. High s is not judged here: <see cref="EthereumSignature"/> refuses it.</summary>
    /// <param name="digest">32 bytes.</param>
    /// <param name="signature">65 bytes, the last 0 or 1.</param>
    /// <param name="publicKey">Receives 64 bytes.</param>
    /// <returns>False if no public key belongs to this signature.</returns>
    bool TryRecover(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, Span<byte> publicKey);

    /// <summary>The public key of a secret key.</summary>
    /// <param name="secretKey">32 bytes.</param>
    /// <param name="publicKey">Receives 64 bytes.</param>
    /// <returns>False if the secret key is no number from 1 to n − 1.</returns>
    bool TryGetPublicKey(ReadOnlySpan<byte> secretKey, Span<byte> publicKey);
}
