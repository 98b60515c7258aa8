using System.Security.Cryptography;

namespace Posthouse.Mesh.Wire;

/// <summary>
/// What is signed, and nothing else is ever signed: <c>"posthouse-mesh/1\0"</c>, the network's id, the type, the canonical body. The
/// digest of it is what the signature is over and what a message's id is cut from.
/// </summary>
internal static class SignedBytes
{
    /// <summary>Where a signed frame names its scheme: after type, ttl, hop, network and version.</summary>
    private const int SchemeAt = MeshProtocol.SignedHeaderBytes + 1;

    /// <summary>Where a signed frame's network stands: after type, ttl and hop.</summary>
    private const int NetworkAt = 3;

    /// <summary>The digest of a signed frame, found without reading its fields: enough to tell whether it was here before.</summary>
    /// <param name="frame">A frame whose type is signed.</param>
    /// <param name="digest">The digest.</param>
    /// <returns>Why there is none, or nothing.</returns>
    public static Refusal TryDigest(ReadOnlySpan<byte> frame, out MessageDigest digest)
    {
        digest = default;
        if (frame.Length > MeshProtocol.MaxSignedBytes)
            return Refusal.TooLong;
        if (frame.Length <= SchemeAt)
            return Refusal.Truncated;
        var signature = MeshProtocol.SignatureBytes(frame[SchemeAt]);
        if (signature == 0)
            return Refusal.UnknownScheme;
        if (frame.Length <= SchemeAt + signature)
            return Refusal.Truncated;
        digest = Of(NetworkId.Read(frame[NetworkAt..]), frame[0], frame[MeshProtocol.SignedHeaderBytes..^signature]);
        return Refusal.None;
    }

    /// <summary>The digest of a body.</summary>
    public static MessageDigest Of(NetworkId network, byte type, ReadOnlySpan<byte> body)
    {
        using var writer = new FrameWriter();
        writer.Bytes(MeshProtocol.SignedPrefix);
        writer.Network(network);
        writer.Byte(type);
        writer.Bytes(body);
        Span<byte> digest = stackalloc byte[MessageDigest.Size];
        SHA256.HashData(writer.Written, digest);
        return MessageDigest.Read(digest);
    }

    /// <summary>
    /// The digest that the answer to a Hello is over: the SHA-256 of the signer's own Hello frame, then that of the other's. Both nonces
    /// stand in them, and so does everything else that was claimed; an answer cannot be sent back to who gave it.
    /// </summary>
    public static MessageDigest OfHellos(NetworkId network, ReadOnlySpan<byte> signers, ReadOnlySpan<byte> others)
    {
        Span<byte> body = stackalloc byte[2 * SHA256.HashSizeInBytes];
        SHA256.HashData(signers, body);
        SHA256.HashData(others, body[SHA256.HashSizeInBytes..]);
        return Of(network, MeshProtocol.SignsHello, body);
    }

    /// <summary>The digest that an operator signs: operator, provider's key, from when, until when.</summary>
    public static MessageDigest OfCertificate(NetworkId network, PublicKey provider, Certificate certificate)
    {
        using var writer = new FrameWriter();
        writer.Node(certificate.Operator);
        writer.Bytes(provider.Point);
        writer.Time(certificate.NotBefore);
        writer.Time(certificate.NotAfter);
        return Of(network, MeshProtocol.SignsCertificate, writer.Written);
    }

    /// <summary>The digest that a successor's key signs: the old key, then the new one.</summary>
    public static MessageDigest OfSuccessor(NetworkId network, PublicKey old, PublicKey successor)
    {
        Span<byte> body = stackalloc byte[2 * MeshProtocol.KeyBytes];
        old.Point.CopyTo(body);
        successor.Point.CopyTo(body[MeshProtocol.KeyBytes..]);
        return Of(network, MeshProtocol.SignsSuccessor, body);
    }
}
