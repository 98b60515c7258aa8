namespace Posthouse.Mesh.Wire;

/// <summary>How a node goes over to another key: the old key announces the new one, and the new one signs that it is held by who is announced.</summary>
internal static class KeySuccession
{
    /// <summary>What the old key has to sign.</summary>
    /// <param name="network">The mesh it is for.</param>
    /// <param name="old">The old key.</param>
    /// <param name="successor">The new key.</param>
    public static KeyChangeContent Announce(NetworkId network, PublicKey old, ISigningKey successor)
    {
        var proof = new byte[MeshProtocol.SignatureBytes(successor.Scheme)];
        successor.Sign(SignedBytes.OfSuccessor(network, old, successor.Public), proof);
        return new KeyChangeContent(successor.Public, proof);
    }

    /// <summary>Whether the successor's key signed too.</summary>
    public static bool IsProven(SignedFrame frame, ISignatures signatures) => frame.Content is KeyChangeContent change
        && signatures.IsSigned(change.Successor, SignedBytes.OfSuccessor(frame.Envelope.Network, frame.Envelope.Key, change.Successor), change.Proof.Span);
}
