namespace Posthouse.Mesh.Wire;

/// <summary>
/// Frames to bytes and back. One meaning has one form: what decodes encodes to the same bytes, and everything else is refused under a
/// name. Decoding never throws.
/// </summary>
internal static class FrameCodec
{
    /// <summary>Writes a frame.</summary>
    /// <exception cref="ArgumentException">No node would take it: a field is beyond its limit.</exception>
    public static byte[] Encode(Frame frame)
    {
        var writer = new FrameWriter();
        try
        {
            writer.Byte((byte)frame.Type);
            frame.Write(ref writer);
            return writer.ToFrame();
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Reads a frame. Signatures are not checked.</summary>
    /// <param name="bytes">The whole frame; what is read points into it, so it must not be changed any more.</param>
    /// <param name="frame">The frame, or null.</param>
    /// <returns>Why it was refused, or <see cref="Refusal.None"/>.</returns>
    public static Refusal TryDecode(ReadOnlyMemory<byte> bytes, out Frame? frame)
    {
        frame = null;
        if (TryType(bytes.Span, out var type) is var reason and not Refusal.None)
            return reason;
        if (type.IsSigned())
        {
            reason = SignedBytes.TryDigest(bytes.Span, out var digest);
            if (reason == Refusal.None)
                reason = SignedFrame.TryRead(bytes, digest, out var signed) is var why and not Refusal.None ? why : Take(signed, out frame);
            return reason;
        }

        var reader = new FrameReader(bytes[1..]);
        var read = Read(type, ref reader);
        reason = reader.Finish();
        return reason == Refusal.None ? Take(read, out frame) : reason;
    }

    /// <summary>The type of a frame that is neither empty nor too long: all that may be asked before a peer's share is.</summary>
    public static Refusal TryType(ReadOnlySpan<byte> bytes, out FrameType type)
    {
        type = FrameType.None;
        if (bytes.IsEmpty)
            return Refusal.Empty;
        if (bytes.Length > MeshProtocol.MaxFrameBytes)
            return Refusal.TooLong;
        if (!Enum.IsDefined((FrameType)bytes[0]) || bytes[0] == 0)
            return Refusal.UnknownType;
        type = (FrameType)bytes[0];
        return Refusal.None;
    }

    private static Refusal Take(Frame? read, out Frame? frame)
    {
        frame = read;
        return read is null ? Refusal.UnknownType : Refusal.None;
    }

    private static Frame? Read(FrameType type, ref FrameReader reader) => type switch
    {
        FrameType.Hello => Hello.Read(ref reader),
        FrameType.HelloAck => HelloAck.Read(ref reader),
        FrameType.NetworkStatus => NetworkStatusFrame.Read(ref reader),
        FrameType.Ping => Ping.Read(ref reader),
        FrameType.Pong => Pong.Read(ref reader),
        FrameType.IHave => IHave.Read(ref reader),
        FrameType.IWant => IWant.Read(ref reader),
        FrameType.IDontWant => IDontWant.Read(ref reader),
        FrameType.Graft => Graft.One,
        FrameType.Prune => Prune.Read(ref reader),
        FrameType.PxRequest => PxRequest.Read(ref reader),
        FrameType.PxResponse => PxResponse.Read(ref reader),
        FrameType.DigestRequest => DigestRequest.Read(ref reader),
        FrameType.DigestResponse => DigestResponse.Read(ref reader),
        FrameType.SnapshotChunk => SnapshotChunk.Read(ref reader),
        FrameType.ProbeRequest => ProbeRequest.Read(ref reader),
        FrameType.ProbeAck => ProbeAck.Read(ref reader),
        FrameType.SizeSketch => SizeSketch.Read(ref reader),
        _ => null,
    };
}
