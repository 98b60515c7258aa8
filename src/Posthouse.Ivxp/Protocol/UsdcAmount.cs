using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.Json.Serialization;

namespace Posthouse.Ivxp.Protocol;

/// <summary>
/// An amount of USDC as a whole number of units of 10⁻⁶ USDC. Never a floating-point number: 0.1 + 0.2 must be 0.3 when it is
/// money. On the wire it is a JSON number of USDC. Sums beyond the range throw <see cref="OverflowException"/>.
/// </summary>
[JsonConverter(typeof(UsdcAmountConverter))]
public readonly record struct UsdcAmount : IComparable<UsdcAmount>
{
    /// <summary>Units of one USDC.</summary>
    public const long UnitsPerUsdc = 1_000_000;

    private const int Decimals = 6;

    // The longest number a JavaScript engine writes has 25 characters; this bounds the arithmetic for hostile ones.
    private const int MaxTextLength = 400;

    // Far beyond any double, far below where adding to it could overflow.
    private const int MaxExponent = 100_000;

    private UsdcAmount(long units) => Units = units;

    /// <summary>Nothing.</summary>
    public static UsdcAmount Zero => default;

    /// <summary>Units of 10⁻⁶ USDC, not negative.</summary>
    public long Units { get; }

    /// <summary>An amount of units.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public static UsdcAmount FromUnits(long units)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(units);
        return new UsdcAmount(units);
    }

    /// <summary>
    /// Reads USDC exactly, in the form of a JSON number (<c>5</c>, <c>5.25</c>, <c>5e-1</c>), not negative and with no part below a unit.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out UsdcAmount amount) =>
        TryRead(text, out amount, out var exact) && exact;

    /// <summary>
    /// Reads USDC as <see cref="TryParse"/> does and drops what is below a unit; for limits such as a budget, which clients may have
    /// calculated.
    /// </summary>
    public static bool TryParseFloor([NotNullWhen(true)] string? text, out UsdcAmount amount) => TryRead(text, out amount, out _);

    /// <summary>The sum.</summary>
    public static UsdcAmount operator +(UsdcAmount left, UsdcAmount right) => new(checked(left.Units + right.Units));

    /// <summary>Whether the left amount is smaller.</summary>
    public static bool operator <(UsdcAmount left, UsdcAmount right) => left.Units < right.Units;

    /// <summary>Whether the left amount is larger.</summary>
    public static bool operator >(UsdcAmount left, UsdcAmount right) => left.Units > right.Units;

    /// <summary>Whether the left amount is at most the right.</summary>
    public static bool operator <=(UsdcAmount left, UsdcAmount right) => left.Units <= right.Units;

    /// <summary>Whether the left amount is at least the right.</summary>
    public static bool operator >=(UsdcAmount left, UsdcAmount right) => left.Units >= right.Units;

    /// <inheritdoc/>
    public int CompareTo(UsdcAmount other) => Units.CompareTo(other.Units);

    /// <summary>USDC with as many decimals as needed: <c>5</c>, <c>0.5</c>, <c>0.000001</c>. Also its form as a JSON number.</summary>
    public override string ToString()
    {
        var (whole, part) = Math.DivRem(Units, UnitsPerUsdc);
        var text = whole.ToString(CultureInfo.InvariantCulture);
        return part == 0 ? text : $"{text}.{part.ToString("D6", CultureInfo.InvariantCulture).TrimEnd('0')}";
    }

    private static bool TryRead(string? text, out UsdcAmount amount, out bool exact)
    {
        amount = default;
        exact = false;
        if (text is null || text.Length > MaxTextLength || !TrySplit(text, out var digits, out var exponent))
            return false;
        // digits × 10^exponent USDC are digits × 10^(exponent + 6) units.
        var shift = exponent + Decimals;
        if (digits.IsZero)
            shift = 0;
        // Above, even one digit leaves the range; below, even the longest text is less than a unit.
        if (shift > 18)
            return false;
        if (shift < -MaxTextLength)
            return true;
        var rest = BigInteger.Zero;
        var units = shift >= 0 ? digits * BigInteger.Pow(10, shift) : BigInteger.DivRem(digits, BigInteger.Pow(10, -shift), out rest);
        exact = rest.IsZero;
        if (units > long.MaxValue)
            return false;
        amount = new UsdcAmount((long)units);
        return true;
    }

    private static bool TrySplit(string text, out BigInteger digits, out int exponent)
    {
        digits = default;
        exponent = 0;
        var mantissa = text.AsSpan();
        var mark = mantissa.IndexOfAny('e', 'E');
        if (mark >= 0)
        {
            if (!int.TryParse(mantissa[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
                || Math.Abs((long)exponent) > MaxExponent)
                return false;
            mantissa = mantissa[..mark];
        }
        var point = mantissa.IndexOf('.');
        if (point == 0 || point == mantissa.Length - 1)
            return false;
        if (point > 0)
            exponent -= mantissa.Length - point - 1;
        var plain = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        return BigInteger.TryParse(plain, NumberStyles.None, CultureInfo.InvariantCulture, out digits);
    }
}
