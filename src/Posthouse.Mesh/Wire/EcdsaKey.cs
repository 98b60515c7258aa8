using System.Security.Cryptography;
using System.Text;
using Posthouse.Storage;

namespace Posthouse.Mesh.Wire;

/// <summary>A node's key of P-256. The secret leaves this class only into its own file.</summary>
internal sealed class EcdsaKey : ISigningKey, IDisposable
{
    private readonly ECDsa _key;

    private EcdsaKey(ECDsa key)
    {
        _key = key;
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        Public = PublicKey.Read([.. point.X!, .. point.Y!]);
    }

    /// <inheritdoc/>
    public byte Scheme => MeshProtocol.SchemeP256;

    /// <inheritdoc/>
    public PublicKey Public { get; }

    /// <summary>A new key.</summary>
    public static EcdsaKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>The key of a file, which is made where it is missing: the first start of a node.</summary>
    /// <param name="path">A private key, PKCS#8 in PEM; only this user may read it (0600).</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: open to other users, or no key of P-256. A key that
    /// cannot be read is never replaced: a node that loses its key loses its name.</exception>
    /// <exception cref="IOException">The file could not be written; there is no key then.</exception>
    public static EcdsaKey Open(string path)
    {
        if (File.Exists(path))
            return Load(path);
        var made = Create();
        Durable.WriteAllBytesAtomically(path, Encoding.ASCII.GetBytes(made._key.ExportPkcs8PrivateKeyPem() + "\n"));
        return made;
    }

    /// <inheritdoc/>
    public void Sign(MessageDigest digest, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[MessageDigest.Size];
        digest.Write(hash);
        if (!_key.TrySignHash(hash, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out var length) || length != signature.Length)
            throw new CryptographicException("The key gave no signature of 64 bytes.");
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static EcdsaKey Load(string path)
    {
        if (!Durable.IsPrivate(path))
            throw Unusable($"Other users may read or change the key file {path}. Run 'chmod 600 {path}' and start again.");
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            if (key.ExportParameters(includePrivateParameters: false) is { Curve.Oid.Value: "1.2.840.10045.3.1.7" } && HasSecret(key))
                return new EcdsaKey(key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            // Said below, in the words of the house.
        }

        key.Dispose();
        throw Unusable($"The key file {path} holds no private key of P-256. Restore it from a copy; without it the node gets another id.");
    }

    private static bool HasSecret(ECDsa key)
    {
        Span<byte> signature = stackalloc byte[MeshProtocol.SignatureBytes(MeshProtocol.SchemeP256)];
        return key.TrySignHash(new byte[MessageDigest.Size], signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out _);
    }

    private static PosthouseException Unusable(string message) => new(ErrorCodes.OptionsInvalid, message);
}
