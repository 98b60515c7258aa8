using System.Buffers;

namespace Posthouse.Ivxp.Signing;

/// <summary>Ethereum's writing of bytes: <c>0x</c> and lower-case hexadecimal digits.</summary>
internal static class Hex
{
    /// <summary>The digits in both cases.</summary>
    public static SearchValues<char> Digits { get; } = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary><c>0x</c> and two lower-case digits a byte.</summary>
    public static string Write(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    /// <summary>Reads exactly as many bytes as <paramref name="bytes"/> holds, with or without <c>0x</c>.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.StartsWith("0x"))
            text = text[2..];
        return text.Length == bytes.Length * 2
            && Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done;
    }
}
