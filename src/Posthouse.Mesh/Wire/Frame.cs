namespace Posthouse.Mesh.Wire;

/// <summary>One frame as it is understood. Its bytes are <see cref="FrameCodec"/>'s.</summary>
internal abstract record Frame
{
    /// <summary>The first byte.</summary>
    public abstract FrameType Type { get; }

    /// <summary>Writes what follows the first byte.</summary>
    public abstract void Write(ref FrameWriter writer);

    /// <summary>Reads ids, as the frames that list them have them.</summary>
    protected static MessageId[] ReadIds(ref FrameReader reader)
    {
        var ids = new MessageId[reader.Count(MeshProtocol.MaxIds, MeshProtocol.MessageIdBytes)];
        for (var at = 0; at < ids.Length; at++)
            ids[at] = reader.MessageId();
        return ids;
    }

    /// <summary>Writes ids.</summary>
    protected static void WriteIds(ref FrameWriter writer, ReadOnlySpan<MessageId> ids)
    {
        writer.Count(ids.Length, MeshProtocol.MaxIds);
        foreach (var id in ids)
            writer.MessageId(id);
    }

    /// <summary>Reads whole signed frames that are carried by this one. They are not looked into here: each takes the way of every signed frame.</summary>
    protected static ReadOnlyMemory<byte>[] ReadSigned(ref FrameReader reader, int most)
    {
        var frames = new ReadOnlyMemory<byte>[reader.Count(most, leastBytesEach: 1)];
        for (var at = 0; at < frames.Length; at++)
            frames[at] = reader.Blob(MeshProtocol.MaxSignedBytes);
        return frames;
    }

    /// <summary>Writes whole signed frames.</summary>
    protected static void WriteSigned(ref FrameWriter writer, ReadOnlySpan<ReadOnlyMemory<byte>> frames, int most)
    {
        writer.Count(frames.Length, most);
        foreach (var frame in frames)
            writer.Blob(frame.Span, MeshProtocol.MaxSignedBytes);
    }
}
