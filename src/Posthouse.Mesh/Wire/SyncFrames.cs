using System.Buffers.Binary;

namespace Posthouse.Mesh.Wire;

/// <summary>What the sender holds, to be compared; or, when the comparison is done, the updates it asks for.</summary>
/// <param name="Number">Told back by every answer.</param>
/// <param name="Buckets">256 hashes over what is held, or null where updates are asked for.</param>
/// <param name="Wanted">Ids of the updates asked for, at most 256; null where buckets are compared.</param>
internal sealed record DigestRequest(uint Number, ulong[]? Buckets, MessageId[]? Wanted) : Frame
{
    private const byte Comparing = 0;
    private const byte Asking = 1;
    private const int BucketBytes = 8;

    /// <inheritdoc/>
    public override FrameType Type => FrameType.DigestRequest;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        if (Buckets is null == Wanted is null || Buckets is { Length: not MeshProtocol.Buckets })
            throw new ArgumentException($"A digest request has {MeshProtocol.Buckets} buckets or a list of ids.");
        writer.Varint(Number);
        writer.Byte(Buckets is null ? Asking : Comparing);
        foreach (var bucket in Buckets ?? [])
            BinaryPrimitives.WriteUInt64BigEndian(writer.Room(BucketBytes), bucket);
        if (Wanted is not null)
            WriteIds(ref writer, Wanted);
    }

    internal static DigestRequest Read(ref FrameReader reader)
    {
        var number = (uint)reader.Varint(uint.MaxValue);
        if (reader.Byte(Asking, Refusal.UnknownChoice) == Asking)
            return new DigestRequest(number, null, ReadIds(ref reader));
        var bytes = reader.Bytes(MeshProtocol.Buckets * BucketBytes);
        if (bytes.IsEmpty)
            return new DigestRequest(number, null, null);
        var buckets = new ulong[MeshProtocol.Buckets];
        for (var at = 0; at < buckets.Length; at++)
            buckets[at] = BinaryPrimitives.ReadUInt64BigEndian(bytes[(at * BucketBytes)..]);
        return new DigestRequest(number, buckets, null);
    }
}

/// <summary>One price that a node holds, without the price.</summary>
/// <param name="Key">What it is the price of.</param>
/// <param name="Provider">Who signed it.</param>
/// <param name="ObservedAt">When it was observed.</param>
/// <param name="Stamp">Where its update stands among the provider's messages.</param>
/// <param name="Update">The update that carries it, to ask for.</param>
internal readonly record struct DigestItem(AssetKey Key, NodeId Provider, DateTimeOffset ObservedAt, Stamp Stamp, MessageId Update)
{
    internal void Write(ref FrameWriter writer)
    {
        writer.Key(Key);
        writer.Node(Provider);
        writer.Time(ObservedAt);
        writer.Stamp(Stamp);
        writer.MessageId(Update);
    }

    internal static DigestItem Read(ref FrameReader reader) => new(reader.Key(), reader.Node(), reader.Time(), reader.Stamp(), reader.MessageId());
}

/// <summary>What the sender holds in the buckets that differ.</summary>
/// <param name="Number">The request's.</param>
/// <param name="IsLast">Whether no further answer comes.</param>
/// <param name="Items">At most 512, sorted by key and provider.</param>
internal sealed record DigestResponse(uint Number, bool IsLast, DigestItem[] Items) : Frame
{
    private const int LeastItemBytes = 2 + 2 + NodeId.Size + 1 + 2 + MeshProtocol.MessageIdBytes;

    /// <inheritdoc/>
    public override FrameType Type => FrameType.DigestResponse;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        writer.Varint(Number);
        writer.Byte(IsLast ? (byte)1 : (byte)0);
        writer.Count(Items.Length, MeshProtocol.MaxDigestItems);
        for (var at = 0; at < Items.Length; at++)
        {
            ref readonly var item = ref Items[at];
            if (at > 0 && !IsAfter(item, Items[at - 1]))
                throw new ArgumentException("The items of a digest are sorted.");
            item.Write(ref writer);
        }
    }

    internal static DigestResponse Read(ref FrameReader reader)
    {
        var number = (uint)reader.Varint(uint.MaxValue);
        var isLast = reader.Byte(1, Refusal.UnknownChoice) == 1;
        var items = new DigestItem[reader.Count(MeshProtocol.MaxDigestItems, LeastItemBytes)];
        for (var at = 0; at < items.Length && reader.IsSound; at++)
        {
            items[at] = DigestItem.Read(ref reader);
            if (at > 0 && reader.IsSound && !IsAfter(items[at], items[at - 1]))
                reader.Fail(Refusal.NotSorted);
        }

        return new DigestResponse(number, isLast, items);
    }

    private static bool IsAfter(in DigestItem item, in DigestItem before) =>
        (item.Key.CompareTo(before.Key) is var order and not 0 ? order : item.Provider.CompareTo(before.Provider)) > 0;
}

/// <summary>Original signed updates for a node that lacks them.</summary>
/// <param name="Number">The request's.</param>
/// <param name="IsLast">Whether it has all that was asked for and is held; else it was full, and the rest is to be asked for again.</param>
/// <param name="Updates">Whole signed frames, at most 64: never passed on, and no proof that anybody is alive.</param>
internal sealed record SnapshotChunk(uint Number, bool IsLast, ReadOnlyMemory<byte>[] Updates) : Frame
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.SnapshotChunk;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        writer.Varint(Number);
        writer.Byte(IsLast ? (byte)1 : (byte)0);
        WriteSigned(ref writer, Updates, MeshProtocol.MaxChunkUpdates);
    }

    internal static SnapshotChunk Read(ref FrameReader reader) =>
        new((uint)reader.Varint(uint.MaxValue), reader.Byte(1, Refusal.UnknownChoice) == 1, ReadSigned(ref reader, MeshProtocol.MaxChunkUpdates));
}
