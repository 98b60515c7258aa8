namespace Posthouse.Mesh.Wire;

/// <summary>
/// One side of the greeting on one connection. Both sides send a Hello with a fresh nonce at once, and each proves its key by signing both
/// Hellos; so neither can be played back from another connection, and none of what they claim can be changed on the way.
/// </summary>
/// <param name="key">This node's key.</param>
/// <param name="signatures">Checks the other's.</param>
internal sealed class Handshake(ISigningKey key, ISignatures signatures)
{
    private byte[] _own = [];
    private ReadOnlyMemory<byte> _others;
    private NetworkId _network;

    /// <summary>What the other side says of itself; believed only when <see cref="IsDone"/>.</summary>
    public Hello? Peer { get; private set; }

    /// <summary>Whether the other side proved that it holds the key it named.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The first frame to send.</summary>
    /// <param name="network">The mesh to speak in.</param>
    /// <param name="epoch">The start of this process.</param>
    /// <param name="nonce">32 random bytes.</param>
    /// <param name="address">Where this node takes connections; empty: nowhere.</param>
    /// <param name="agent">Program and version.</param>
    public byte[] Begin(NetworkId network, uint epoch, ReadOnlyMemory<byte> nonce, string address = "", string agent = "")
    {
        _network = network;
        return _own = FrameCodec.Encode(new Hello(network, key.Scheme, key.Public, epoch, nonce, address, agent));
    }

    /// <summary>Takes the other side's Hello.</summary>
    /// <param name="frame">Its bytes; kept.</param>
    /// <param name="hello">What they say.</param>
    /// <param name="answer">The proof to send.</param>
    /// <returns>Why the connection must be closed, or <see cref="Refusal.None"/>.</returns>
    public Refusal OnHello(ReadOnlyMemory<byte> frame, Hello hello, out byte[] answer)
    {
        answer = [];
        if (Peer is not null || _own.Length == 0)
            return Refusal.OutOfPlace;
        if (hello.Network != _network)
            return Refusal.WrongNetwork;
        if (hello.Scheme != signatures.Scheme)
            return Refusal.UnknownScheme;
        if (hello.Key.Id == key.Public.Id)
            return Refusal.OwnKey;
        Peer = hello;
        _others = frame;
        var signature = new byte[MeshProtocol.SignatureBytes(key.Scheme)];
        key.Sign(SignedBytes.OfHellos(_network, _own, frame.Span), signature);
        answer = FrameCodec.Encode(new HelloAck(signature));
        return Refusal.None;
    }

    /// <summary>Takes the other side's proof.</summary>
    /// <returns>Why the connection must be closed, or <see cref="Refusal.None"/>.</returns>
    public Refusal OnAck(HelloAck ack)
    {
        if (Peer is null || IsDone)
            return Refusal.OutOfPlace;
        if (!signatures.IsSigned(Peer.Key, SignedBytes.OfHellos(_network, _others.Span, _own), ack.Signature.Span))
            return Refusal.SignatureInvalid;
        IsDone = true;
        return Refusal.None;
    }
}
