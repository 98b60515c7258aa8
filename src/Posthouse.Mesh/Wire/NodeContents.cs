namespace Posthouse.Mesh.Wire;

/// <summary>The signer goes over to another key. What the old key signs after it counts no more.</summary>
/// <param name="Successor">The other key.</param>
/// <param name="Proof">The successor's signature over both keys: nobody can name a key that is not theirs.</param>
internal sealed record KeyChangeContent(PublicKey Successor, ReadOnlyMemory<byte> Proof) : SignedContent
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.KeyChange;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        writer.Bytes(Successor.Point);
        writer.Bytes(Proof.Span);
    }

    internal static KeyChangeContent Read(ref FrameReader reader, byte scheme) =>
        new(PublicKey.Read(reader.Bytes(MeshProtocol.KeyBytes)), reader.Memory(MeshProtocol.SignatureBytes(scheme)));
}

/// <summary>Where the signer takes connections.</summary>
/// <param name="Addresses">1 to 4, each a URI.</param>
/// <param name="IsProvider">Whether it reads prices from a source itself.</param>
internal sealed record PeerContent(string[] Addresses, bool IsProvider) : SignedContent
{
    private const int LeastAddressBytes = 2;

    /// <inheritdoc/>
    public override FrameType Type => FrameType.PeerRecord;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        writer.Byte(IsProvider ? (byte)1 : (byte)0);
        writer.Count(Addresses.Length, MeshProtocol.MaxAddresses);
        foreach (var address in Addresses)
            writer.Text(address, MeshProtocol.AddressChars, WireText.Address);
    }

    internal static PeerContent Read(ref FrameReader reader)
    {
        var isProvider = reader.Byte(1, Refusal.UnknownChoice) == 1;
        var addresses = new string[reader.Count(MeshProtocol.MaxAddresses, LeastAddressBytes)];
        for (var at = 0; at < addresses.Length; at++)
            addresses[at] = reader.Text(MeshProtocol.AddressChars, WireText.Address);
        return new PeerContent(addresses, isProvider);
    }
}
