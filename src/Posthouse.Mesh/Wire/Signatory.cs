namespace Posthouse.Mesh.Wire;

/// <summary>Signs a node's messages and numbers them.</summary>
/// <param name="key">The node's key.</param>
/// <param name="network">The mesh it speaks in.</param>
/// <param name="epoch">The start of the process, see <see cref="EpochFile"/>.</param>
/// <param name="certificate">An operator's word for the key, where providers need one.</param>
internal sealed class Signatory(ISigningKey key, NetworkId network, uint epoch, Certificate? certificate = null)
{
    private ulong _seq;

    /// <summary>Whose messages they are.</summary>
    public NodeId Id => key.Public.Id;

    /// <summary>The key that signs.</summary>
    public ISigningKey Key => key;

    /// <summary>The mesh it speaks in.</summary>
    public NetworkId Network => network;

    /// <summary>Where the last message stands.</summary>
    public Stamp Last => new(epoch, _seq);

    /// <summary>Signs the next message.</summary>
    /// <param name="content">What to say.</param>
    /// <param name="issuedAt">When; milliseconds count.</param>
    /// <param name="ttl">How many hops it may take.</param>
    /// <exception cref="ArgumentException">No node would take it: a field is beyond its limit, prices are unsorted, or it is longer than
    /// <see cref="MeshProtocol.MaxSignedBytes"/>. No number is used up.</exception>
    public SignedFrame Sign(SignedContent content, DateTimeOffset issuedAt, byte ttl = MeshProtocol.DefaultTtl)
    {
        var signature = MeshProtocol.SignatureBytes(key.Scheme);
        var stamp = new Stamp(epoch, _seq + 1);
        var writer = new FrameWriter();
        try
        {
            writer.Byte((byte)content.Type);
            writer.Byte(ttl);
            writer.Byte(0);
            writer.Network(network);
            writer.Byte(MeshProtocol.Version);
            writer.Byte(key.Scheme);
            writer.Bytes(key.Public.Point);
            Certificate.Write(ref writer, certificate);
            writer.Stamp(stamp);
            writer.Time(issuedAt);
            content.Write(ref writer);
            var digest = SignedBytes.Of(network, (byte)content.Type, writer.Written[MeshProtocol.SignedHeaderBytes..]);
            key.Sign(digest, writer.Room(signature));
            var frame = writer.ToFrame(MeshProtocol.MaxSignedBytes);
            _seq = stamp.Seq;
            return new SignedFrame(Sealed(frame, digest, stamp, issuedAt), content);
        }
        finally
        {
            writer.Dispose();
        }
    }

    private Envelope Sealed(byte[] frame, MessageDigest digest, Stamp stamp, DateTimeOffset issuedAt) => new()
    {
        Frame = frame,
        Digest = digest,
        Network = network,
        Scheme = key.Scheme,
        Key = key.Public,
        Certificate = certificate,
        Stamp = stamp,
        // What travels are whole milliseconds; the signer must see what the others see.
        IssuedAt = DateTimeOffset.FromUnixTimeMilliseconds(issuedAt.ToUnixTimeMilliseconds()),
    };
}
