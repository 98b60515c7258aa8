using System.Security.Cryptography;
using System.Text;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Signing;

/// <summary>A secret key and what is done with it: sign texts and transactions. The key leaves this class only into its own file.</summary>
public sealed class Wallet
{
    // 64 digits, an optional 0x, a line end of either kind: anything longer is no key file.
    private const int MaxFileBytes = 70;

    private readonly byte[] _secret;
    private readonly ISecp256k1 _curve;

    private Wallet(byte[] secret, ISecp256k1 curve, EthereumAddress address)
    {
        _secret = secret;
        _curve = curve;
        Address = address;
    }

    /// <summary>The wallet's account.</summary>
    public EthereumAddress Address { get; }

    /// <summary>A new wallet.</summary>
    /// <param name="ids">Where the key is drawn; outside tests fit for secrets, as <see cref="SystemIds"/> is.</param>
    /// <param name="curve">Who does the arithmetic.</param>
    public static Wallet Create(IIds ids, ISecp256k1 curve)
    {
        ArgumentNullException.ThrowIfNull(ids);
        while (true)
        {
            var secret = new byte[ISecp256k1.SecretKeyBytes];
            ids.Fill(secret);
            // Fewer than one draw in 2^127 is no key.
            if (TryOpen(secret, curve) is { } wallet)
                return wallet;
        }
    }

    /// <summary>A wallet from its key.</summary>
    /// <param name="secret">32 bytes, copied.</param>
    /// <param name="curve">Who does the arithmetic.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: the bytes are no key of secp256k1.</exception>
    public static Wallet FromSecret(ReadOnlySpan<byte> secret, ISecp256k1 curve) =>
        (secret.Length == ISecp256k1.SecretKeyBytes ? TryOpen(secret.ToArray(), curve) : null)
        ?? throw Unusable("This is no key of secp256k1: it has 32 bytes, is not zero and is below the curve's order.");

    /// <summary>Reads the key file at <paramref name="path"/>: 64 hexadecimal digits.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: missing, open to other users, or no key.</exception>
    public static Wallet Load(string path, ISecp256k1 curve)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw Unusable($"There is no key file {path}. Make one with 'posthouse wallet new'.");
        if (!Durable.IsPrivate(path))
            throw Unusable($"Other users may read or change the key file {path}. Run 'chmod 600 {path}' and start again.");
        var secret = new byte[ISecp256k1.SecretKeyBytes];
        if (file.Length > MaxFileBytes || !Hex.TryRead(File.ReadAllText(path).AsSpan().Trim(), secret) || TryOpen(secret, curve) is not { } wallet)
            throw Unusable($"The key file {path} holds no key. It should hold 64 hexadecimal digits; restore it from a copy.");
        return wallet;
    }

    /// <summary>
    /// Writes the key to a new file that only this user can read (mode 0600) and returns when it is on the disk. An existing file is
    /// never overwritten.
    /// </summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: a file of this name exists.</exception>
    public void Save(string path)
    {
        // It gets its name when it is whole: half a key would keep every later start from making one.
        var unfinished = $"{Path.GetFullPath(path)}.{Environment.ProcessId}.new";
        try
        {
            Durable.WriteAllBytesAtomically(unfinished, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(_secret) + "\n"));
            if (!Durable.TryName(unfinished, Path.GetFullPath(path)))
                throw Unusable($"{path} exists. A key is never overwritten: name another file, or move this one away.");
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Signs <paramref name="text"/> as EIP-191 says.</summary>
    public EthereumSignature Sign(string text) => EthereumSignature.Sign(PersonalMessage.Digest(text), _secret, _curve);

    /// <summary>Signs a digest of 32 bytes, that of a transaction. Never one that a stranger made: a digest hides what it says.</summary>
    internal EthereumSignature SignDigest(ReadOnlySpan<byte> digest) => EthereumSignature.Sign(digest, _secret, _curve);

    /// <summary>The account; the key is never part of a text.</summary>
    public override string ToString() => Address.ToString();

    private static PosthouseException Unusable(string message) => new(ErrorCodes.OptionsInvalid, message);

    private static Wallet? TryOpen(byte[] secret, ISecp256k1 curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        Span<byte> publicKey = stackalloc byte[ISecp256k1.PublicKeyBytes];
        if (curve.TryGetPublicKey(secret, publicKey))
            return new Wallet(secret, curve, EthereumAddress.FromPublicKey(publicKey));
        CryptographicOperations.ZeroMemory(secret);
        return null;
    }
}
