using System.Globalization;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>
/// Reads a number from the text that the source wrote, never through a binary fraction: 0.1 stays 0.1. The text is a number of JSON
/// (RFC 8259 §6) and nothing else, also where a vendor puts it into quotes, so that <c>NaN</c>, <c>1,000</c> and <c>0x10</c> are none.
/// </summary>
internal static class JsonDecimal
{
    /// <summary>Characters of a number: a decimal of .NET has at most 31, and vendors write doubles of 24.</summary>
    public const int MaxChars = 64;

    /// <summary>Reads a number; digits beyond the 28th are rounded.</summary>
    /// <returns>Null, or <see cref="ReadingFlawKind.PriceUnreadable"/> or <see cref="ReadingFlawKind.PriceOutOfRange"/>.</returns>
    public static ReadingFlawKind? Read(ReadOnlySpan<byte> text, out decimal value)
    {
        value = 0;
        if (!IsNumber(text, out var hasDigits))
            return ReadingFlawKind.PriceUnreadable;
        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (text.Length > MaxChars || !decimal.TryParse(text, Styles, CultureInfo.InvariantCulture, out value))
            return ReadingFlawKind.PriceOutOfRange;
        return value == 0 && hasDigits ? ReadingFlawKind.PriceOutOfRange : null;
    }

    /// <summary>Whether a text is a number of JSON, and whether any digit before its exponent is not zero.</summary>
    private static bool IsNumber(ReadOnlySpan<byte> text, out bool hasDigits)
    {
        var rest = text.StartsWith("-"u8) ? text[1..] : text;
        var whole = Digits(rest);
        hasDigits = rest[..whole].ContainsAnyExcept((byte)'0');
        if (whole == 0 || (whole > 1 && rest[0] == '0'))
            return false;
        rest = rest[whole..];
        if (rest.StartsWith("."u8))
        {
            var fraction = Digits(rest[1..]);
            hasDigits |= rest.Slice(1, fraction).ContainsAnyExcept((byte)'0');
            if (fraction == 0)
                return false;
            rest = rest[(1 + fraction)..];
        }

        if (rest.IsEmpty || rest[0] is not ((byte)'e' or (byte)'E'))
            return rest.IsEmpty;
        rest = rest.Length > 1 && rest[1] is (byte)'+' or (byte)'-' ? rest[2..] : rest[1..];
        return rest.Length > 0 && Digits(rest) == rest.Length;
    }

    private static int Digits(ReadOnlySpan<byte> text) => text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is var end and >= 0 ? end : text.Length;
}
