using System.Buffers.Binary;

namespace Posthouse.Ivxp.Chain;

/// <summary>
/// Recursive length prefix, the writing that transactions are hashed and sent in (Yellow Paper, appendix B). Only what a
/// transaction has: strings of bytes, numbers without leading zeros, and lists of these. Each method answers a whole item.
/// </summary>
internal static class Rlp
{
    private const int StringOffset = 0x80;
    private const int ListOffset = 0xC0;

    // Lengths up to 55 stand in the prefix itself.
    private const int ShortLength = 55;

    public static byte[] Bytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 1 && bytes[0] < StringOffset ? [bytes[0]] : [.. Prefix(StringOffset, bytes.Length), .. bytes];

    /// <summary>A number from 0 to 2^63 − 1; zero is the empty string.</summary>
    public static byte[] Number(long number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        return Bytes(BigEndian(number));
    }

    /// <summary>A number given as big-endian bytes, such as one half of a signature.</summary>
    public static byte[] Number(ReadOnlySpan<byte> bigEndian) => Bytes(bigEndian.TrimStart((byte)0));

    public static byte[] List(params IReadOnlyList<byte[]> items)
    {
        var length = items.Sum(item => item.Length);
        return [.. Prefix(ListOffset, length), .. items.SelectMany(item => item)];
    }

    private static byte[] Prefix(int offset, int length)
    {
        if (length <= ShortLength)
            return [(byte)(offset + length)];
        var size = BigEndian(length);
        return [(byte)(offset + ShortLength + size.Length), .. size];
    }

    private static byte[] BigEndian(long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes.TrimStart((byte)0).ToArray();
    }
}
