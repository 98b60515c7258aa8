namespace Posthouse.Mesh.Wire;

/// <summary>The first frame of both sides of a connection.</summary>
/// <param name="Network">The mesh it wants to join.</param>
/// <param name="Scheme">How it signs.</param>
/// <param name="Key">Its key; its id follows from it.</param>
/// <param name="Epoch">The start of its process. A higher one replaces an older connection of the same id.</param>
/// <param name="Nonce">32 random bytes, new for every connection: what the other side has to sign.</param>
/// <param name="Address">Where it takes connections; empty: nowhere.</param>
/// <param name="Agent">Program and version, for people.</param>
internal sealed record Hello(NetworkId Network, byte Scheme, PublicKey Key, uint Epoch, ReadOnlyMemory<byte> Nonce, string Address, string Agent) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.Hello;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        if (Nonce.Length != MeshProtocol.NonceBytes)
            throw new ArgumentException($"A nonce has {MeshProtocol.NonceBytes} bytes.");
        writer.Byte(MeshProtocol.Version);
        writer.Network(Network);
        writer.Byte(Scheme);
        writer.Bytes(Key.Point);
        writer.Varint(Epoch);
        writer.Bytes(Nonce.Span);
        writer.TextOrNone(Address, MeshProtocol.AddressChars, WireText.Address);
        writer.TextOrNone(Agent, MeshProtocol.AgentChars, WireText.Printable);
    }

    internal static Hello Read(ref FrameReader reader)
    {
        if (reader.Byte() != MeshProtocol.Version)
            reader.Fail(Refusal.UnknownVersion);
        var network = reader.Network();
        var scheme = reader.Byte();
        if (MeshProtocol.SignatureBytes(scheme) == 0)
            reader.Fail(Refusal.UnknownScheme);
        return new Hello(network, scheme, PublicKey.Read(reader.Bytes(MeshProtocol.KeyBytes)), (uint)reader.Varint(uint.MaxValue),
            reader.Memory(MeshProtocol.NonceBytes), reader.TextOrNone(MeshProtocol.AddressChars, WireText.Address),
            reader.TextOrNone(MeshProtocol.AgentChars, WireText.Printable));
    }
}

/// <summary>Proof of the key that the Hello named: a signature over both Hellos, see <see cref="SignedBytes.OfHellos"/>.</summary>
/// <param name="Signature">As long as the scheme of the Hello says.</param>
internal sealed record HelloAck(ReadOnlyMemory<byte> Signature) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.HelloAck;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer) => writer.Bytes(Signature.Span);

    internal static HelloAck Read(ref FrameReader reader)
    {
        // The scheme is the Hello's, which is not known here; the one who checks compares the length.
        if (reader.Left > MeshProtocol.SignatureBytes(MeshProtocol.SchemeP256))
            reader.Fail(Refusal.TrailingBytes);
        if (reader.Left < MeshProtocol.SignatureBytes(MeshProtocol.SchemeTag))
            reader.Fail(Refusal.Truncated);
        return new HelloAck(reader.Memory(reader.Left));
    }
}

/// <summary>What a node is and which providers it knows to be alive; sent after the handshake and whenever it changes.</summary>
/// <param name="Node">The sender.</param>
/// <param name="IsProvider">Whether it reads prices from a source itself.</param>
/// <param name="HopCount">Hops to the nearest live provider: 0 for a provider, 255 where none is known.</param>
/// <param name="Beacons">The newest signed beacon of each provider it knows to be alive, and the changes of key it knows, together at most 64: whole
/// frames, each to be checked like any other.</param>
internal sealed record NetworkStatusFrame(NodeId Node, bool IsProvider, byte HopCount, ReadOnlyMemory<byte>[] Beacons) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.NetworkStatus;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        writer.Node(Node);
        writer.Byte(IsProvider ? (byte)1 : (byte)0);
        writer.Byte(HopCount);
        WriteSigned(ref writer, Beacons, MeshProtocol.MaxBeacons);
    }

    internal static NetworkStatusFrame Read(ref FrameReader reader) =>
        new(reader.Node(), reader.Byte(1, Refusal.UnknownChoice) == 1, reader.Byte(), ReadSigned(ref reader, MeshProtocol.MaxBeacons));
}

/// <summary>Are you there?</summary>
/// <param name="Number">Told back by the answer.</param>
/// <param name="SentAt">The sender's clock.</param>
internal sealed record Ping(uint Number, DateTimeOffset SentAt) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.Ping;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        writer.Varint(Number);
        writer.Time(SentAt);
    }

    internal static Ping Read(ref FrameReader reader) => new((uint)reader.Varint(uint.MaxValue), reader.Time());
}

/// <summary>The answer to a <see cref="Ping"/>, for round trip and for the difference of clocks.</summary>
/// <param name="Number">The ping's.</param>
/// <param name="SentAt">The ping's.</param>
/// <param name="ReceivedAt">The answering node's clock.</param>
internal sealed record Pong(uint Number, DateTimeOffset SentAt, DateTimeOffset ReceivedAt) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.Pong;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        writer.Varint(Number);
        writer.Time(SentAt);
        writer.Time(ReceivedAt);
    }

    internal static Pong Read(ref FrameReader reader) => new((uint)reader.Varint(uint.MaxValue), reader.Time(), reader.Time());
}
