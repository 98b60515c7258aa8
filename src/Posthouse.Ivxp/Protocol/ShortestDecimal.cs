using System.Globalization;

namespace Posthouse.Ivxp.Protocol;

/// <summary>
/// The shortest decimal that reads back as one finite, positive double: 0.<see cref="Digits"/> × 10^<see cref="Point"/>. JavaScript and
/// Python choose the same digits and differ only in where they begin to write exponents.
/// </summary>
/// <param name="Digits">Decimal digits without zeros at either end.</param>
/// <param name="Point">Where the decimal point stands: after that many digits.</param>
internal readonly record struct ShortestDecimal(string Digits, int Point)
{
    // ECMA-262, section 6.1.6.1.20 (Number::toString).
    private const int EcmaScriptMaxPoint = 21;
    private const int EcmaScriptMinPoint = -5;

    // CPython, float_repr_style "short": Objects/floatobject.c with format code r.
    private const int PythonMaxPoint = 16;
    private const int PythonMinPoint = -3;

    /// <summary>The digits of a number that is finite and above zero.</summary>
    public static ShortestDecimal Of(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = mark < 0 ? text : text[..mark];
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? mantissa.Length : dot;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var significant = digits.TrimStart('0');
        return new ShortestDecimal(significant.TrimEnd('0'), whole + exponent - (digits.Length - significant.Length));
    }

    /// <summary>As JavaScript writes it: 100000000000000000000, 1e+21, 0.000001, 1e-7.</summary>
    public string ToEcmaScript() => Point is > EcmaScriptMaxPoint or < EcmaScriptMinPoint ? Scientific(minExponentDigits: "0") : Fixed();

    /// <summary>As Python writes a float: 1.0, 1e+16, 0.0001, 1e-05.</summary>
    public string ToPython()
    {
        if (Point is > PythonMaxPoint or < PythonMinPoint)
            return Scientific(minExponentDigits: "00");
        return Point >= Digits.Length ? Fixed() + ".0" : Fixed();
    }

    private string Fixed()
    {
        if (Point <= 0)
            return $"0.{new string('0', -Point)}{Digits}";
        return Point >= Digits.Length ? Digits.PadRight(Point, '0') : $"{Digits[..Point]}.{Digits[Point..]}";
    }

    private string Scientific(string minExponentDigits)
    {
        var mantissa = Digits.Length == 1 ? Digits : $"{Digits[0]}.{Digits[1..]}";
        var exponent = Math.Abs(Point - 1).ToString(minExponentDigits, CultureInfo.InvariantCulture);
        return $"{mantissa}e{(Point > 0 ? '+' : '-')}{exponent}";
    }
}
