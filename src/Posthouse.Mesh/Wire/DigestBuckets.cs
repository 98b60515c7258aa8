using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Posthouse.Mesh.Wire;

/// <summary>
/// Hashes over everything that a node holds, in 256 buckets: two nodes that hold the same find it out by 2 KiB, and two that do not talk
/// only of the buckets that differ. An item can be taken out as it was put in, so the hashes are kept up while prices change.
/// </summary>
internal sealed class DigestBuckets
{
    private readonly ulong[] _hashes = new ulong[MeshProtocol.Buckets];

    /// <summary>The hashes, to send.</summary>
    public ulong[] ToArray() => [.. _hashes];

    /// <summary>Puts an item in, or takes it out again: both are the same.</summary>
    public void Toggle(in DigestItem item) => _hashes[BucketOf(item.Key, item.Provider)] ^= HashOf(item);

    /// <summary>Whether a bucket holds something else than another node's.</summary>
    public bool Differs(int bucket, ReadOnlySpan<ulong> others) => _hashes[bucket] != others[bucket];

    /// <summary>The bucket of what one provider says of one asset, whatever it says.</summary>
    public static int BucketOf(AssetKey key, NodeId provider)
    {
        using var writer = new FrameWriter();
        writer.Key(key);
        writer.Node(provider);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(writer.Written, digest);
        return digest[0];
    }

    private static ulong HashOf(in DigestItem item)
    {
        var writer = new FrameWriter();
        try
        {
            item.Write(ref writer);
            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(writer.Written, digest);
            return BinaryPrimitives.ReadUInt64BigEndian(digest);
        }
        finally
        {
            writer.Dispose();
        }
    }
}
