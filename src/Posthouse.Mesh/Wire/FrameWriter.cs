using System.Buffers;
using System.Globalization;
using System.Text;

namespace Posthouse.Mesh.Wire;

/// <summary>
/// Writes a frame's fields into a lent buffer. What the reader of another node would refuse is not written: it throws, for it can only be
/// a mistake of this node. Give it back with <see cref="Dispose"/>.
/// </summary>
internal ref struct FrameWriter : IDisposable
{
    private const int FirstBytes = 512;

    private byte[] _buffer;

    public FrameWriter() => _buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Byte(byte value) => Room(1)[0] = value;

    public void Bytes(scoped ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    /// <summary>Bytes to fill later, or by somebody else.</summary>
    public Span<byte> Room(int count)
    {
        if (Length + count > _buffer.Length)
            Grow(Length + count);
        var room = _buffer.AsSpan(Length, count);
        Length += count;
        return room;
    }

    public void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            Byte((byte)(value | 0x80));
        Byte((byte)value);
    }

    public void Count(int count, int most)
    {
        if (count > most)
            throw new ArgumentException($"{count} items; at most {most} can be sent.");
        Varint((ulong)count);
    }

    public void Text(string text, int most, SearchValues<byte> allowed)
    {
        var bytes = Span(text, most);
        if (text.Length == 0 || bytes.ContainsAnyExcept(allowed))
            throw new ArgumentException($"'{text}' cannot be sent.");
    }

    public void TextOrNone(string text, int most, SearchValues<byte> allowed)
    {
        if (Span(text, most).ContainsAnyExcept(allowed))
            throw new ArgumentException($"'{text}' cannot be sent.");
    }

    public void Key(AssetKey key)
    {
        Text(key.Asset, MeshProtocol.NameChars, WireText.Asset);
        Text(key.Chain, MeshProtocol.NameChars, WireText.Name);
    }

    public void Decimal(decimal value)
    {
        Span<byte> text = stackalloc byte[MeshProtocol.DecimalChars];
        // A zero with a sign would be a second way to write zero.
        (value == 0 ? Math.Abs(value) : value).TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
        Byte((byte)length);
        Bytes(text[..length]);
    }

    public void Time(DateTimeOffset time)
    {
        var milliseconds = time.ToUnixTimeMilliseconds();
        if (milliseconds is < 0 or > MeshProtocol.MaxUnixMilliseconds)
            throw new ArgumentException($"{time:O} cannot be sent.");
        Varint((ulong)milliseconds);
    }

    public void Node(NodeId id) => id.Write(Room(NodeId.Size));

    public void MessageId(MessageId id) => id.Write(Room(MeshProtocol.MessageIdBytes));

    public void Stamp(Stamp stamp)
    {
        Varint(stamp.Epoch);
        Varint(stamp.Seq);
    }

    public void Network(NetworkId id) => id.Write(Room(MeshProtocol.NetworkIdBytes));

    public void Blob(scoped ReadOnlySpan<byte> bytes, int most)
    {
        if (bytes.Length > most)
            throw new ArgumentException($"{bytes.Length} bytes; at most {most} can be sent.");
        Varint((ulong)bytes.Length);
        Bytes(bytes);
    }

    /// <summary>The frame.</summary>
    /// <exception cref="ArgumentException">It is longer than a frame may be.</exception>
    public readonly byte[] ToFrame(int most = MeshProtocol.MaxFrameBytes) =>
        Length <= most ? Written.ToArray() : throw new ArgumentException($"A frame of {Length} bytes; at most {most} can be sent.");

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private ReadOnlySpan<byte> Span(string text, int most)
    {
        if (text.Length > most)
            throw new ArgumentException($"A text of {text.Length} characters; at most {most} can be sent.");
        Byte((byte)text.Length);
        var room = Room(text.Length);
        // A character beyond ASCII becomes '?', which may be allowed; so it is looked at before.
        if (!Ascii.IsValid(text))
            throw new ArgumentException($"'{text}' is not ASCII and cannot be sent.");
        Encoding.ASCII.GetBytes(text, room);
        return room;
    }

    private void Grow(int least)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(least, _buffer.Length * 2));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
