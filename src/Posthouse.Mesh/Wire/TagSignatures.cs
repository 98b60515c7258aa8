using System.Security.Cryptography;

namespace Posthouse.Mesh.Wire;

/// <summary>
/// The simulator's signatures: a tag of 16 bytes that anybody could make, so that ten thousand nodes fit into one process. It has a scheme
/// of its own, which real nodes refuse.
/// </summary>
internal sealed class TagSignatures : ISignatures
{
    /// <inheritdoc/>
    public byte Scheme => MeshProtocol.SchemeTag;

    /// <inheritdoc/>
    public bool IsSigned(PublicKey key, MessageDigest digest, ReadOnlySpan<byte> signature)
    {
        Span<byte> tag = stackalloc byte[MessageDigest.Size / 2];
        Tag(key, digest, tag);
        return tag.SequenceEqual(signature);
    }

    /// <summary>The tag: the digest mixed with the signer's id. Another message or another signer has another tag.</summary>
    internal static void Tag(PublicKey key, MessageDigest digest, Span<byte> tag)
    {
        key.Id.Write(tag);
        var id = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(tag);
        // Odd, so that the product loses nothing of the id.
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(tag, (digest.High ^ (id * (digest.Low | 1))) + digest.Low);
    }
}

/// <summary>A simulated node's key.</summary>
internal sealed class TagKey : ISigningKey
{
    /// <summary>The key of a simulated node.</summary>
    /// <param name="number">Which node.</param>
    public TagKey(ulong number)
    {
        Span<byte> seed = stackalloc byte[sizeof(ulong)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(seed, number);
        Public = PublicKey.Read(SHA512.HashData(seed));
    }

    /// <inheritdoc/>
    public byte Scheme => MeshProtocol.SchemeTag;

    /// <inheritdoc/>
    public PublicKey Public { get; }

    /// <inheritdoc/>
    public void Sign(MessageDigest digest, Span<byte> signature) => TagSignatures.Tag(Public, digest, signature);
}
