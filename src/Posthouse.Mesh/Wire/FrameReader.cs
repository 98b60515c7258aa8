using System.Buffers;
using System.Globalization;
using System.Text;

namespace Posthouse.Mesh.Wire;

/// <summary>
/// Reads a frame's fields. It never throws: the first thing wrong is remembered, everything read after it is nothing, and whoever reads
/// asks once, at the end, with <see cref="Finish"/>.
/// </summary>
internal ref struct FrameReader
{
    private const int MaxVarintBytes = 10;

    private readonly ReadOnlyMemory<byte> _memory;
    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    public FrameReader(ReadOnlyMemory<byte> frame)
    {
        _memory = frame;
        _bytes = frame.Span;
    }

    /// <summary>The first thing that was wrong.</summary>
    public Refusal Error { get; private set; }

    /// <summary>Whether nothing was wrong so far.</summary>
    public readonly bool IsSound => Error == Refusal.None;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Left => _bytes.Length - _at;

    /// <summary>What was wrong, with bytes left over as the last thing that can be.</summary>
    public Refusal Finish()
    {
        if (Left > 0)
            Fail(Refusal.TrailingBytes);
        return Error;
    }

    /// <summary>Notes what is wrong, unless something was before.</summary>
    public void Fail(Refusal reason)
    {
        if (IsSound)
            Error = reason;
    }

    public byte Byte()
    {
        var bytes = Bytes(1);
        return bytes.IsEmpty ? (byte)0 : bytes[0];
    }

    /// <summary>A byte with a limit.</summary>
    public byte Byte(byte most, Refusal otherwise)
    {
        var value = Byte();
        if (value > most)
            Fail(otherwise);
        return IsSound ? value : (byte)0;
    }

    /// <summary>The next bytes, or none where too few are left.</summary>
    public ReadOnlySpan<byte> Bytes(int count) => Advance(count) ? _bytes.Slice(_at - count, count) : default;

    /// <summary>The next bytes as a part of the frame's memory.</summary>
    public ReadOnlyMemory<byte> Memory(int count) => Advance(count) ? _memory.Slice(_at - count, count) : default;

    /// <summary>An unsigned number, seven bits a byte, lowest first (LEB128), in its shortest form.</summary>
    public ulong Varint(ulong most = ulong.MaxValue)
    {
        ulong value = 0;
        for (var count = 0; count < MaxVarintBytes && IsSound; count++)
        {
            var next = Byte();
            if (count == MaxVarintBytes - 1 && next > 1)
                break;
            value |= (ulong)(next & 0x7F) << (7 * count);
            if ((next & 0x80) != 0)
                continue;
            if (next == 0 && count > 0)
                Fail(Refusal.NumberNotMinimal);
            if (value > most)
                Fail(Refusal.NumberTooLarge);
            return IsSound ? value : 0;
        }

        Fail(Refusal.NumberTooLarge);
        return 0;
    }

    /// <summary>How many items follow. A count that the bytes left cannot hold is refused before anything is made for it.</summary>
    public int Count(int most, int leastBytesEach)
    {
        var count = Varint();
        if (count > (ulong)most)
            Fail(Refusal.TooManyItems);
        else if ((long)count * leastBytesEach > Left)
            Fail(Refusal.Truncated);
        return IsSound ? (int)count : 0;
    }

    /// <summary>A text: its length, then its characters.</summary>
    public string Text(int most, SearchValues<byte> allowed) => AsText(TextBytes(1, most, allowed));

    /// <summary>A text that may be empty.</summary>
    public string TextOrNone(int most, SearchValues<byte> allowed) => AsText(TextBytes(0, most, allowed));

    public AssetKey Key()
    {
        var asset = Text(MeshProtocol.NameChars, WireText.Asset);
        var chain = TextBytes(1, MeshProtocol.NameChars, WireText.Name);
        return new AssetKey(asset, chain.SequenceEqual("multi"u8) ? AssetKey.AnyChain : AsText(chain));
    }

    /// <summary>A decimal number in its one form: what formatting it gives back.</summary>
    public decimal Decimal()
    {
        var text = TextBytes(1, MeshProtocol.DecimalChars, WireText.Printable);
        if (!IsSound)
            return 0;
        Span<byte> back = stackalloc byte[MeshProtocol.DecimalChars];
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && (value != 0 || text[0] != '-')
            && value.TryFormat(back, out var length, provider: CultureInfo.InvariantCulture)
            && text.SequenceEqual(back[..length]))
        {
            return value;
        }

        Fail(Refusal.DecimalInvalid);
        return 0;
    }

    /// <summary>A time in milliseconds since 1970.</summary>
    public DateTimeOffset Time()
    {
        var milliseconds = Varint();
        if (milliseconds > MeshProtocol.MaxUnixMilliseconds)
            Fail(Refusal.TimeInvalid);
        return DateTimeOffset.FromUnixTimeMilliseconds(IsSound ? (long)milliseconds : 0);
    }

    public NodeId Node()
    {
        var bytes = Bytes(NodeId.Size);
        var id = bytes.IsEmpty ? default : NodeId.Read(bytes);
        if (id.IsNil)
            Fail(Refusal.NilNode);
        return id;
    }

    public MessageId MessageId()
    {
        var bytes = Bytes(MeshProtocol.MessageIdBytes);
        return bytes.IsEmpty ? default : Wire.MessageId.Read(bytes);
    }

    public Stamp Stamp() => new((uint)Varint(uint.MaxValue), Varint());

    public NetworkId Network()
    {
        var bytes = Bytes(MeshProtocol.NetworkIdBytes);
        return bytes.IsEmpty ? default : NetworkId.Read(bytes);
    }

    /// <summary>A byte string: its length, then its bytes.</summary>
    public ReadOnlyMemory<byte> Blob(int most)
    {
        var length = Varint();
        if (length > (ulong)most)
            Fail(Refusal.TooLong);
        return Memory(IsSound ? (int)length : 0);
    }

    private static string AsText(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? "" : Encoding.ASCII.GetString(bytes);

    private ReadOnlySpan<byte> TextBytes(int least, int most, SearchValues<byte> allowed)
    {
        var length = Byte();
        if (IsSound && (length < least || length > most))
            Fail(Refusal.TextInvalid);
        var bytes = Bytes(length);
        if (bytes.ContainsAnyExcept(allowed))
            Fail(Refusal.TextInvalid);
        return IsSound ? bytes : default;
    }

    private bool Advance(int count)
    {
        if (count > Left)
            Fail(Refusal.Truncated);
        if (!IsSound)
            return false;
        _at += count;
        return true;
    }
}
