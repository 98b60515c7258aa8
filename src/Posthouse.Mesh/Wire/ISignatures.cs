namespace Posthouse.Mesh.Wire;

/// <summary>Checks signatures. A port, so that a simulation of 10,000 nodes can do with a tag.</summary>
internal interface ISignatures
{
    /// <summary>The one scheme it knows; signatures of another are refused before they come here.</summary>
    byte Scheme { get; }

    /// <summary>Whether the holder of a key signed a digest. A key that is no point of the curve signed nothing.</summary>
    bool IsSigned(PublicKey key, MessageDigest digest, ReadOnlySpan<byte> signature);
}

/// <summary>A node's own key.</summary>
internal interface ISigningKey
{
    /// <summary>How it signs.</summary>
    byte Scheme { get; }

    /// <summary>The half that everybody may know.</summary>
    PublicKey Public { get; }

    /// <summary>Signs a digest.</summary>
    /// <param name="digest">What to sign.</param>
    /// <param name="signature">As long as <see cref="MeshProtocol.SignatureBytes"/> says of the scheme.</param>
    void Sign(MessageDigest digest, Span<byte> signature);
}
