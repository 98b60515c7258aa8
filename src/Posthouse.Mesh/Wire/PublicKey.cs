
namespace Posthouse.Mesh.Wire;

/// <summary>A node's public key, a point of P-256, and the id that follows from it. Whether the point lies on the curve is found when it is used.</summary>
internal sealed class PublicKey : IEquatable<PublicKey>
{
    /// <summary>Bytes of the key as SPKI in DER (RFC 5480).</summary>
    public const int SpkiBytes = 27 + MeshProtocol.KeyBytes;

    private readonly byte[] _point;

    private PublicKey(byte[] point)
    {
        _point = point;
        Span<byte> spki = stackalloc byte[SpkiBytes];
        WriteSpki(spki);
        Id = NodeId.Of(spki);
    }

    /// <summary>The id of who holds the key.</summary>
    public NodeId Id { get; }

    /// <summary>X and Y, 32 bytes each, the highest byte first.</summary>
    public ReadOnlySpan<byte> Point => _point;

    // id-ecPublicKey over secp256r1, and the uncompressed point: the same bytes before every key of P-256.
    private static ReadOnlySpan<byte> SpkiPrefix =>
    [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
        0x03, 0x42, 0x00, 0x04,
    ];

    /// <summary>The key of a point.</summary>
    /// <param name="point">64 bytes, copied. Anything else is read as the point of zeros, which is no key.</param>
    public static PublicKey Read(ReadOnlySpan<byte> point) =>
        new(point.Length == MeshProtocol.KeyBytes ? point.ToArray() : new byte[MeshProtocol.KeyBytes]);

    /// <summary>Reads the key that people write: SPKI in Base64, as between the lines of a PEM file.</summary>
    public static bool TryParse(string? text, out PublicKey? key)
    {
        Span<byte> spki = stackalloc byte[SpkiBytes];
        key = text is not null && Convert.TryFromBase64String(text, spki, out var length) && length == SpkiBytes && spki.StartsWith(SpkiPrefix)
            ? Read(spki[SpkiPrefix.Length..])
            : null;
        return key is not null;
    }

    /// <summary>Writes the key as SPKI.</summary>
    /// <param name="spki">91 bytes.</param>
    public void WriteSpki(Span<byte> spki)
    {
        SpkiPrefix.CopyTo(spki);
        _point.CopyTo(spki[SpkiPrefix.Length..]);
    }

    /// <inheritdoc/>
    public bool Equals(PublicKey? other) => other is not null && _point.AsSpan().SequenceEqual(other._point);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => Id.GetHashCode();

    /// <summary>The key as people write it: SPKI in Base64.</summary>
    public override string ToString()
    {
        Span<byte> spki = stackalloc byte[SpkiBytes];
        WriteSpki(spki);
        return Convert.ToBase64String(spki);
    }
}
