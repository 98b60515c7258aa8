using System.Buffers.Binary;

namespace Posthouse.Mesh.Wire;

/// <summary>A message's id: the first 16 bytes of the digest of what was signed. Garbage cannot take the id of a true message.</summary>
internal readonly record struct MessageId(UInt128 Value) : IComparable<MessageId>
{
    /// <summary>Reads an id.</summary>
    public static MessageId Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>Writes the id.</summary>
    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);

    /// <inheritdoc/>
    public int CompareTo(MessageId other) => Value.CompareTo(other.Value);

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[MeshProtocol.MessageIdBytes];
        Write(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}

/// <summary>The SHA-256 of what is signed, held without an allocation.</summary>
internal readonly record struct MessageDigest(UInt128 High, UInt128 Low)
{
    /// <summary>Bytes of a digest.</summary>
    public const int Size = 32;

    /// <summary>The id of the message.</summary>
    public MessageId Id => new(High);

    /// <summary>Reads a digest.</summary>
    public static MessageDigest Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));

    /// <summary>Writes the digest.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[16..], Low);
    }
}
