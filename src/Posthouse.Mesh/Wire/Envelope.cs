namespace Posthouse.Mesh.Wire;

/// <summary>Who signed a message, when, and where it stands among their messages; with the frame as it came, to be passed on.</summary>
internal sealed class Envelope
{
    /// <summary>The whole frame.</summary>
    public required ReadOnlyMemory<byte> Frame { get; init; }

    /// <summary>What the signature is over.</summary>
    public required MessageDigest Digest { get; init; }

    /// <summary>The network it was signed for.</summary>
    public required NetworkId Network { get; init; }

    /// <summary>How it is signed.</summary>
    public required byte Scheme { get; init; }

    /// <summary>The signer's key.</summary>
    public required PublicKey Key { get; init; }

    /// <summary>The word of an operator for that key, if there is one.</summary>
    public Certificate? Certificate { get; init; }

    /// <summary>Where it stands among the signer's messages.</summary>
    public required Stamp Stamp { get; init; }

    /// <summary>When it was signed, by the signer's clock.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The message's id.</summary>
    public MessageId Id => Digest.Id;

    /// <summary>Who signed it.</summary>
    public NodeId Signer => Key.Id;

    /// <summary>How many more hops it may take. Not signed: each node lowers it.</summary>
    public byte Ttl => Frame.Span[1];

    /// <summary>How many hops it has taken. Not signed, hence only a hint.</summary>
    public byte Hop => Frame.Span[2];

    /// <summary>The signature.</summary>
    public ReadOnlySpan<byte> Signature => Frame.Span[^MeshProtocol.SignatureBytes(Scheme)..];

    /// <summary>Whether the signature is the signer's.</summary>
    public bool IsSigned(ISignatures signatures) => signatures.IsSigned(Key, Digest, Signature);

    /// <summary>Reads the fields before the content's.</summary>
    internal static Envelope Read(ref FrameReader reader, ReadOnlyMemory<byte> frame, MessageDigest digest)
    {
        reader.Byte(MeshProtocol.MaxTtl, Refusal.TtlTooLarge);
        reader.Byte();
        var network = reader.Network();
        if (reader.Byte() != MeshProtocol.Version)
            reader.Fail(Refusal.UnknownVersion);
        var scheme = reader.Byte();
        return new Envelope
        {
            Frame = frame,
            Digest = digest,
            Network = network,
            Scheme = scheme,
            Key = PublicKey.Read(reader.Bytes(MeshProtocol.KeyBytes)),
            Certificate = Certificate.Read(ref reader, scheme),
            Stamp = reader.Stamp(),
            IssuedAt = reader.Time(),
        };
    }
}
