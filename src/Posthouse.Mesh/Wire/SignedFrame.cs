namespace Posthouse.Mesh.Wire;

/// <summary>A frame that somebody signed.</summary>
/// <param name="Envelope">Who and when.</param>
/// <param name="Content">What.</param>
internal sealed record SignedFrame(Envelope Envelope, SignedContent Content) : Frame
{
    private const int TtlAt = 1;
    private const int HopAt = 2;

    private PriceUpdate? _update;

    /// <inheritdoc/>
    public override FrameType Type => Content.Type;

    /// <summary>The prices in the words of the rest of the house; null for every other content.</summary>
    public PriceUpdate? Update => _update ??= Content is PriceContent prices
        ? new PriceUpdate(Envelope.Signer, Envelope.Stamp, prices.Slot, Envelope.IssuedAt, prices.Prices)
        : null;

    /// <summary>Reads a signed frame. The signature is not checked.</summary>
    /// <param name="bytes">The whole frame; kept, so it must not be changed any more.</param>
    /// <param name="digest">What <see cref="SignedBytes.TryDigest"/> found.</param>
    /// <param name="frame">The frame, or null.</param>
    public static Refusal TryRead(ReadOnlyMemory<byte> bytes, MessageDigest digest, out SignedFrame? frame)
    {
        frame = null;
        var type = (FrameType)bytes.Span[0];
        var scheme = bytes.Span[MeshProtocol.SignedHeaderBytes + 1];
        var reader = new FrameReader(bytes[1..^MeshProtocol.SignatureBytes(scheme)]);
        var envelope = Envelope.Read(ref reader, bytes, digest);
        if (!reader.IsSound)
            return reader.Error;
        SignedContent? content = type switch
        {
            FrameType.PriceUpdate => PriceContent.Read(ref reader),
            FrameType.ProviderBeacon => BeaconContent.Read(ref reader),
            FrameType.Goodbye => GoodbyeContent.Read(ref reader),
            FrameType.KeyChange => KeyChangeContent.Read(ref reader, scheme),
            FrameType.PeerRecord => PeerContent.Read(ref reader),
            _ => null,
        };
        if (content is null)
            return Refusal.UnknownType;
        var error = reader.Finish();
        if (error == Refusal.None)
            frame = new SignedFrame(envelope, content);
        return error;
    }

    /// <summary>The frame as it goes on from here: one hop more, one less to go. False where it has gone far enough.</summary>
    public bool TryRelay(out byte[] relayed)
    {
        relayed = [];
        if (Envelope.Ttl == 0)
            return false;
        relayed = Envelope.Frame.ToArray();
        relayed[TtlAt]--;
        relayed[HopAt] = (byte)Math.Min(relayed[HopAt] + 1, byte.MaxValue);
        return true;
    }

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer) => writer.Bytes(Envelope.Frame.Span[1..]);
}
