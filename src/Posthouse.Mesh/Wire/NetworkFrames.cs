namespace Posthouse.Mesh.Wire;

/// <summary>Tell me of other peers.</summary>
/// <param name="Most">How many, at most 16.</param>
internal sealed record PxRequest(byte Most) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.PxRequest;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer) => writer.Byte(Most);

    internal static PxRequest Read(ref FrameReader reader) => new(reader.Byte(MeshProtocol.MaxRecords, Refusal.TooManyItems));
}

/// <summary>Other peers.</summary>
/// <param name="Records">Signed records, at most 16: whole frames.</param>
internal sealed record PxResponse(ReadOnlyMemory<byte>[] Records) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.PxResponse;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer) => WriteSigned(ref writer, Records, MeshProtocol.MaxRecords);

    internal static PxResponse Read(ref FrameReader reader) => new(ReadSigned(ref reader, MeshProtocol.MaxRecords));
}

/// <summary>When did you last hear of this node? Asked of others when one's own connection to a provider is lost.</summary>
/// <param name="Number">Told back by the answer.</param>
/// <param name="Target">The node in question.</param>
internal sealed record ProbeRequest(uint Number, NodeId Target) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.ProbeRequest;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        writer.Varint(Number);
        writer.Node(Target);
    }

    internal static ProbeRequest Read(ref FrameReader reader) => new((uint)reader.Varint(uint.MaxValue), reader.Node());
}

/// <summary>The answer to a <see cref="ProbeRequest"/>.</summary>
/// <param name="Number">The request's.</param>
/// <param name="Target">The node in question.</param>
/// <param name="Newest">Where the newest message heard from it stands; nothing heard: epoch and number 0.</param>
/// <param name="AgeMilliseconds">How long ago it was heard.</param>
/// <param name="Proof">That message, a whole signed frame, so that nobody can keep the dead alive; empty: none kept.</param>
internal sealed record ProbeAck(uint Number, NodeId Target, Stamp Newest, ulong AgeMilliseconds, ReadOnlyMemory<byte> Proof) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.ProbeAck;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        writer.Varint(Number);
        writer.Node(Target);
        writer.Stamp(Newest);
        writer.Varint(AgeMilliseconds);
        writer.Blob(Proof.Span, MeshProtocol.MaxSignedBytes);
    }

    internal static ProbeAck Read(ref FrameReader reader) => new((uint)reader.Varint(uint.MaxValue), reader.Node(), reader.Stamp(),
        reader.Varint(MeshProtocol.MaxUnixMilliseconds), reader.Blob(MeshProtocol.MaxSignedBytes));
}

/// <summary>The sender's estimate of who is in the network: a HyperLogLog sketch over node ids, merged by taking the larger of each register.</summary>
/// <param name="Period">Whole periods of 10 minutes since 1970: a sketch only grows, so it begins anew with each.</param>
/// <param name="Registers">1,024 registers, each at most 55.</param>
internal sealed record SizeSketch(uint Period, ReadOnlyMemory<byte> Registers) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.SizeSketch;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        if (Registers.Length != MeshProtocol.SketchRegisters || Registers.Span.ContainsAnyExceptInRange((byte)0, MeshProtocol.MaxRegister))
            throw new ArgumentException($"A sketch has {MeshProtocol.SketchRegisters} registers of at most {MeshProtocol.MaxRegister}.");
        writer.Varint(Period);
        writer.Bytes(Registers.Span);
    }

    internal static SizeSketch Read(ref FrameReader reader)
    {
        var period = (uint)reader.Varint(uint.MaxValue);
        var registers = reader.Memory(MeshProtocol.SketchRegisters);
        if (registers.Span.ContainsAnyExceptInRange((byte)0, MeshProtocol.MaxRegister))
            reader.Fail(Refusal.NumberTooLarge);
        return new SizeSketch(period, registers);
    }
}
