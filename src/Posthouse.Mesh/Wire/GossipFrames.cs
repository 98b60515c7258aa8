namespace Posthouse.Mesh.Wire;

/// <summary>Ids that the sender has.</summary>
/// <param name="Ids">At most 256.</param>
internal sealed record IHave(MessageId[] Ids) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.IHave;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer) => WriteIds(ref writer, Ids);

    internal static IHave Read(ref FrameReader reader) => new(ReadIds(ref reader));
}

/// <summary>Ids that the sender asks for.</summary>
/// <param name="Ids">At most 256.</param>
internal sealed record IWant(MessageId[] Ids) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.IWant;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer) => WriteIds(ref writer, Ids);

    internal static IWant Read(ref FrameReader reader) => new(ReadIds(ref reader));
}

/// <summary>Ids that need not be sent to the sender any more; told only of frames of 1 KiB and above.</summary>
/// <param name="Ids">At most 256.</param>
internal sealed record IDontWant(MessageId[] Ids) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.IDontWant;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer) => WriteIds(ref writer, Ids);

    internal static IDontWant Read(ref FrameReader reader) => new(ReadIds(ref reader));
}

/// <summary>Send me everything at once, as I shall send it to you.</summary>
internal sealed record Graft : Frame
{
    /// <summary>The only one there is.</summary>
    public static readonly Graft One = new();

    private Graft()
    {
    }

    /// <inheritdoc/>
    public override FrameType Type => FrameType.Graft;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
    }
}

/// <summary>Send me ids only, as I shall.</summary>
/// <param name="BackoffSeconds">For how long neither side may graft again.</param>
/// <param name="Records">Signed records of other peers, at most 16: whole frames.</param>
internal sealed record Prune(int BackoffSeconds, ReadOnlyMemory<byte>[] Records) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.Prune;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        writer.Varint((ulong)BackoffSeconds);
        WriteSigned(ref writer, Records, MeshProtocol.MaxRecords);
    }

    internal static Prune Read(ref FrameReader reader) =>
        new((int)reader.Varint(MeshProtocol.MaxBackoffSeconds), ReadSigned(ref reader, MeshProtocol.MaxRecords));
}
