using System.Globalization;
using System.Security.Cryptography;

namespace Posthouse.Mesh.Wire;

/// <summary>
/// A node's id: a UUIDv8 (RFC 9562 §5.8) whose 122 free bits are the first of the SHA-256 of its public key (SPKI, DER), so that
/// nobody can claim the id of another.
/// </summary>
public readonly struct NodeId : IEquatable<NodeId>, IComparable<NodeId>
{
    /// <summary>Bytes of an id on the wire.</summary>
    public const int Size = 16;

    private readonly UInt128 _value;

    private NodeId(UInt128 value) => _value = value;

    /// <summary>Whether it is the nil id, which no key has.</summary>
    public bool IsNil => _value == 0;

    /// <summary>The first eight characters, as people tell nodes apart.</summary>
    public string Short => ToString()[..8];

    /// <summary>The id that belongs to a public key.</summary>
    /// <param name="subjectPublicKeyInfo">The key, SPKI in DER.</param>
    public static NodeId Of(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(subjectPublicKeyInfo, digest);
        var id = digest[..Size];
        id[6] = (byte)((id[6] & 0x0F) | 0x80);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return Read(id);
    }

    /// <summary>Reads the 16 bytes of an id, in the order of RFC 9562.</summary>
    public static NodeId Read(ReadOnlySpan<byte> bytes) => new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>Reads the text form: 36 characters with hyphens.</summary>
    public static bool TryParse(string? text, out NodeId id)
    {
        var isOne = Guid.TryParseExact(text, "D", out var guid);
        Span<byte> bytes = stackalloc byte[Size];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        id = Read(bytes);
        return isOne;
    }

    /// <summary>Writes the 16 bytes of the id, in the order of RFC 9562.</summary>
    public void Write(Span<byte> bytes) => System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, _value);

    /// <inheritdoc/>
    public int CompareTo(NodeId other) => _value.CompareTo(other._value);

    /// <inheritdoc/>
    public bool Equals(NodeId other) => _value == other._value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NodeId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <summary>The text form: 36 lower-case characters with hyphens.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes);
        return new Guid(bytes, bigEndian: true).ToString("D", CultureInfo.InvariantCulture);
    }

    /// <summary>Whether two ids are one.</summary>
    public static bool operator ==(NodeId one, NodeId other) => one.Equals(other);

    /// <summary>Whether two ids differ.</summary>
    public static bool operator !=(NodeId one, NodeId other) => !one.Equals(other);
}
