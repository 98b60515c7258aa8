using System.Runtime.InteropServices;

namespace Posthouse.Ivxp.Signing;

/// <summary>
/// secp256k1 by the system's library (Debian: package libsecp256k1-1). The library aborts the process on a recovery id
/// outside 0 to 3 and on null pointers, so every argument is checked here first.
/// </summary>
internal sealed unsafe class NativeSecp256k1 : ISecp256k1
{
    // The functions used have kept their signatures over these versions: Debian 11 ships .0, 12 ships .1, 13 ships .2.
    private static readonly string[] FileNames = ["libsecp256k1.so.1", "libsecp256k1.so.2", "libsecp256k1.so.0"];

    // SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY; newer libraries ignore the difference, older ones need both.
    private const uint SignAndVerify = 0x301;
    private const uint Uncompressed = 2;
    private const int OpaqueKeyBytes = 64;
    private const int OpaqueSignatureBytes = 65;
    private const int SerializedKeyBytes = 65;

    private readonly nint _context;
    private readonly delegate* unmanaged<nint, byte*, byte*, int> _createKey;
    private readonly delegate* unmanaged<nint, byte*, nuint*, byte*, uint, int> _serializeKey;
    private readonly delegate* unmanaged<nint, byte*, byte*, byte*, nint, nint, int> _sign;
    private readonly delegate* unmanaged<nint, byte*, int*, byte*, int> _serializeSignature;
    private readonly delegate* unmanaged<nint, byte*, byte*, int, int> _parseSignature;
    private readonly delegate* unmanaged<nint, byte*, byte*, byte*, int> _recover;

    private NativeSecp256k1(nint library)
    {
        var createContext = (delegate* unmanaged<uint, nint>)NativeLibrary.GetExport(library, "secp256k1_context_create");
        var randomize = (delegate* unmanaged<nint, byte*, int>)NativeLibrary.GetExport(library, "secp256k1_context_randomize");
        _createKey = (delegate* unmanaged<nint, byte*, byte*, int>)NativeLibrary.GetExport(library, "secp256k1_ec_pubkey_create");
        _serializeKey = (delegate* unmanaged<nint, byte*, nuint*, byte*, uint, int>)NativeLibrary.GetExport(library, "secp256k1_ec_pubkey_serialize");
        _sign = (delegate* unmanaged<nint, byte*, byte*, byte*, nint, nint, int>)NativeLibrary.GetExport(library, "secp256k1_ecdsa_sign_recoverable");
        _serializeSignature = (delegate* unmanaged<nint, byte*, int*, byte*, int>)
            NativeLibrary.GetExport(library, "secp256k1_ecdsa_recoverable_signature_serialize_compact");
        _parseSignature = (delegate* unmanaged<nint, byte*, byte*, int, int>)
            NativeLibrary.GetExport(library, "secp256k1_ecdsa_recoverable_signature_parse_compact");
        _recover = (delegate* unmanaged<nint, byte*, byte*, byte*, int>)NativeLibrary.GetExport(library, "secp256k1_ecdsa_recover");
        _context = createContext(SignAndVerify);

        // Blinds the arithmetic against side channels; results do not change. Real randomness even in simulations, for nothing shows it.
        Span<byte> seed = stackalloc byte[32];
        Jobs.SystemIds.Instance.Fill(seed);
        fixed (byte* pointer = seed)
            _ = randomize(_context, pointer);
    }

    /// <inheritdoc/>
    public string Name => "native";

    /// <summary>The library if it is installed and has the recovery module, else null.</summary>
    public static NativeSecp256k1? TryLoad()
    {
        foreach (var name in FileNames)
        {
            if (NativeLibrary.TryLoad(name, out var library)
                && NativeLibrary.TryGetExport(library, "secp256k1_ecdsa_recover", out _))
                return new NativeSecp256k1(library);
        }
        return null;
    }

    /// <inheritdoc/>
    public bool TrySign(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> secretKey, Span<byte> signature)
    {
        Require(digest, Keccak256.DigestBytes);
        Require(secretKey, ISecp256k1.SecretKeyBytes);
        Require(signature, ISecp256k1.SignatureBytes);
        var opaque = stackalloc byte[OpaqueSignatureBytes];
        int recovery;
        fixed (byte* message = digest, key = secretKey, output = signature)
        {
            if (_sign(_context, opaque, message, key, 0, 0) == 0)
                return false;
            _ = _serializeSignature(_context, output, &recovery, opaque);
        }
        // 2 and 3 mean r ≥ n, of probability 2^-127: Ethereum's v has no room for it.
        signature[64] = (byte)recovery;
        return recovery <= 1;
    }

    /// <inheritdoc/>
    public bool TryRecover(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, Span<byte> publicKey)
    {
        Require(digest, Keccak256.DigestBytes);
        Require(signature, ISecp256k1.SignatureBytes);
        Require(publicKey, ISecp256k1.PublicKeyBytes);
        if (signature[64] > 1)
            return false;
        var opaqueSignature = stackalloc byte[OpaqueSignatureBytes];
        var opaqueKey = stackalloc byte[OpaqueKeyBytes];
        fixed (byte* message = digest, compact = signature)
        {
            if (_parseSignature(_context, opaqueSignature, compact, signature[64]) == 0)
                return false;
            if (_recover(_context, opaqueKey, opaqueSignature, message) == 0)
                return false;
        }
        Serialize(opaqueKey, publicKey);
        return true;
    }

    /// <inheritdoc/>
    public bool TryGetPublicKey(ReadOnlySpan<byte> secretKey, Span<byte> publicKey)
    {
        Require(secretKey, ISecp256k1.SecretKeyBytes);
        Require(publicKey, ISecp256k1.PublicKeyBytes);
        var opaqueKey = stackalloc byte[OpaqueKeyBytes];
        fixed (byte* key = secretKey)
        {
            if (_createKey(_context, opaqueKey, key) == 0)
                return false;
        }
        Serialize(opaqueKey, publicKey);
        return true;
    }

    private void Serialize(byte* opaqueKey, Span<byte> publicKey)
    {
        var serialized = stackalloc byte[SerializedKeyBytes];
        nuint length = SerializedKeyBytes;
        _ = _serializeKey(_context, serialized, &length, opaqueKey, Uncompressed);
        new ReadOnlySpan<byte>(serialized + 1, ISecp256k1.PublicKeyBytes).CopyTo(publicKey);
    }

    private static void Require(ReadOnlySpan<byte> span, int length) => ArgumentOutOfRangeException.ThrowIfNotEqual(span.Length, length);
}
