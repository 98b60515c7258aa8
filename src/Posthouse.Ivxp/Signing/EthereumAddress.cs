using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Posthouse.Ivxp.Signing;

/// <summary>
/// An account on an Ethereum chain: 20 bytes, written <c>0x</c> and 40 hexadecimal digits. Any case is read; addresses are
/// compared and stored in lower case. The default value is the zero address.
/// </summary>
public readonly struct EthereumAddress : IEquatable<EthereumAddress>
{
    private const string ZeroText = "0x0000000000000000000000000000000000000000";

    private readonly string? _text;

    private EthereumAddress(string lowerCase) => _text = lowerCase;

    /// <summary>Nobody's account. Some tools answer it when recovery fails, so it is never a signer.</summary>
    public static EthereumAddress Zero => default;

    /// <summary>Whether this is the zero address.</summary>
    public bool IsZero => _text is null or ZeroText;

    /// <summary>Reads <c>^0x[a-fA-F0-9]{40}$</c>; the EIP-55 case of the digits is not asked for.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EthereumAddress address)
    {
        address = default;
        if (text is not { Length: 42 } || text[0] != '0' || text[1] != 'x' || text.AsSpan(2).ContainsAnyExcept(Hex.Digits))
            return false;
        address = new EthereumAddress(text.ToLowerInvariant());
        return true;
    }

    /// <summary>Reads an address that must be right, such as one of the configuration.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: the text is no address.</exception>
    public static EthereumAddress Parse(string text) => TryParse(text, out var address)
        ? address
        : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{text}' is no Ethereum address. Write 0x and 40 hexadecimal digits.");

    /// <summary>The address of a public key: the last 20 bytes of its Keccak-256.</summary>
    /// <param name="publicKey">64 bytes, x then y.</param>
    public static EthereumAddress FromPublicKey(ReadOnlySpan<byte> publicKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, ISecp256k1.PublicKeyBytes);
        Span<byte> digest = stackalloc byte[Keccak256.DigestBytes];
        Keccak256.Hash(publicKey, digest);
        return new EthereumAddress(Hex.Write(digest[12..]));
    }

    /// <summary>The address with the mixed case of EIP-55, for people to check.</summary>
    public string ToChecksum()
    {
        var digits = ToString().AsSpan(2);
        Span<byte> ascii = stackalloc byte[40];
        Encoding.ASCII.GetBytes(digits, ascii);
        Span<byte> digest = stackalloc byte[Keccak256.DigestBytes];
        Keccak256.Hash(ascii, digest);
        Span<char> mixed = stackalloc char[42];
        "0x".CopyTo(mixed);
        for (var i = 0; i < digits.Length; i++)
        {
            var nibble = i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 0xF;
            mixed[i + 2] = nibble >= 8 ? char.ToUpperInvariant(digits[i]) : digits[i];
        }
        return new string(mixed);
    }

    /// <summary>The address in lower case.</summary>
    public override string ToString() => _text ?? ZeroText;

    /// <inheritdoc/>
    public bool Equals(EthereumAddress other) => string.Equals(ToString(), other.ToString(), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EthereumAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToString());

    /// <summary>Whether both are the same account.</summary>
    public static bool operator ==(EthereumAddress left, EthereumAddress right) => left.Equals(right);

    /// <summary>Whether the accounts differ.</summary>
    public static bool operator !=(EthereumAddress left, EthereumAddress right) => !left.Equals(right);
}
