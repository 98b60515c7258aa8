namespace Posthouse.Mesh.Wire;

/// <summary>An operator's word that a key belongs to one of its providers. It travels with every message that the key signs, so that each can be judged alone.</summary>
/// <param name="Operator">The id of the operator's key.</param>
/// <param name="NotBefore">From when it holds.</param>
/// <param name="NotAfter">Until when it holds.</param>
/// <param name="Signature">The operator's signature, see <see cref="SignedBytes.OfCertificate"/>.</param>
internal sealed record Certificate(NodeId Operator, DateTimeOffset NotBefore, DateTimeOffset NotAfter, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Signs a certificate.</summary>
    /// <param name="key">The operator's key.</param>
    /// <param name="network">The mesh in which it holds.</param>
    /// <param name="provider">The provider's key.</param>
    /// <param name="notBefore">From when it holds.</param>
    /// <param name="notAfter">Until when it holds.</param>
    public static Certificate Issue(ISigningKey key, NetworkId network, PublicKey provider, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        var signature = new byte[MeshProtocol.SignatureBytes(key.Scheme)];
        var unsigned = new Certificate(key.Public.Id, notBefore, notAfter, signature);
        key.Sign(SignedBytes.OfCertificate(network, provider, unsigned), signature);
        return unsigned;
    }

    internal static Certificate? Read(ref FrameReader reader, byte scheme) => reader.Byte(1, Refusal.UnknownChoice) == 0 ? null
        : new Certificate(reader.Node(), reader.Time(), reader.Time(), reader.Memory(MeshProtocol.SignatureBytes(scheme)));

    internal static void Write(ref FrameWriter writer, Certificate? certificate)
    {
        writer.Byte(certificate is null ? (byte)0 : (byte)1);
        if (certificate is null)
            return;
        writer.Node(certificate.Operator);
        writer.Time(certificate.NotBefore);
        writer.Time(certificate.NotAfter);
        writer.Bytes(certificate.Signature.Span);
    }
}
