using System.Buffers.Binary;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Cache;

/// <summary>
/// A version as bytes whose order is the order of versions, so that a store compares it without knowing what it means: the source's time
/// in milliseconds (8), epoch (4), number (8), message id (16), the highest byte first.
/// </summary>
internal static class VersionBytes
{
    /// <summary>Bytes of a version.</summary>
    public const int Size = 8 + 4 + 8 + MeshProtocol.MessageIdBytes;

    private const int EpochAt = 8;
    private const int SeqAt = 12;
    private const int IdAt = 20;

    /// <summary>Writes a version. Times on the wire begin in 1970, so none is negative.</summary>
    public static byte[] Of(PriceVersion version)
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, version.ObservedAt.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(EpochAt), version.Stamp.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(SeqAt), version.Stamp.Seq);
        version.MessageId.Write(bytes.AsSpan(IdAt));
        return bytes;
    }

    /// <summary>Reads a version; false for what no node wrote.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out PriceVersion version)
    {
        version = default;
        if (bytes.Length != Size)
            return false;
        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (milliseconds is < 0 or > MeshProtocol.MaxUnixMilliseconds)
            return false;
        var stamp = new Stamp(BinaryPrimitives.ReadUInt32BigEndian(bytes[EpochAt..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[SeqAt..]));
        version = new(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), stamp, MessageId.Read(bytes[IdAt..]));
        return true;
    }
}
