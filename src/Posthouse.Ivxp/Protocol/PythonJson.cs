using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Posthouse.Ivxp.Protocol;

/// <summary>
/// Writes JSON byte for byte as Python's <c>json.dumps(json.loads(text), sort_keys=True)</c> does: the form that old IVXP programs
/// hash. ASCII only, a blank after comma and colon, keys by code point, whole numbers as they came.
/// </summary>
internal static class PythonJson
{
    /// <summary>The bytes of <paramref name="element"/>.</summary>
    public static byte[] Write(JsonElement element)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(element, output);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(JsonElement element, ArrayBufferWriter<byte> output)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(element, output);
                break;
            case JsonValueKind.Array:
                WriteArray(element, output);
                break;
            case JsonValueKind.String:
                WriteString(JsonText.String(element), output);
                break;
            case JsonValueKind.Number:
                JsonText.Append(output, Number(JsonMarshal.GetRawUtf8Value(element)));
                break;
            default:
                output.Write(JsonMarshal.GetRawUtf8Value(element));
                break;
        }
    }

    private static void WriteObject(JsonElement element, ArrayBufferWriter<byte> output)
    {
        var members = JsonText.Members(element);
        members.Sort((left, right) => CompareCodePoints(left.Key, right.Key));
        var separator = "{";
        foreach (var (name, value) in members)
        {
            JsonText.Append(output, separator);
            WriteString(name, output);
            JsonText.Append(output, ": ");
            Write(value, output);
            separator = ", ";
        }
        JsonText.Append(output, members.Count == 0 ? "{}" : "}");
    }

    private static void WriteArray(JsonElement element, ArrayBufferWriter<byte> output)
    {
        var separator = "[";
        foreach (var item in element.EnumerateArray())
        {
            JsonText.Append(output, separator);
            Write(item, output);
            separator = ", ";
        }
        JsonText.Append(output, separator == "[" ? "[]" : "]");
    }

    private static void WriteString(string text, ArrayBufferWriter<byte> output)
    {
        JsonText.Append(output, "\"");
        foreach (var sign in text)
        {
            if (Short(sign) is { } escape)
                JsonText.Append(output, escape);
            else if (sign is < ' ' or > '~')
                JsonText.AppendEscape(output, sign);
            else
                JsonText.Append(output, [sign]);
        }
        JsonText.Append(output, "\"");
    }

    private static string? Short(char sign) => sign switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => null,
    };

    private static string Number(ReadOnlySpan<byte> raw)
    {
        if (raw.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0)
            return raw.SequenceEqual("-0"u8) ? "0" : System.Text.Encoding.ASCII.GetString(raw);
        var value = double.Parse(raw, NumberStyles.Float, CultureInfo.InvariantCulture);
        var sign = double.IsNegative(value) ? "-" : "";
        if (double.IsInfinity(value))
            return sign + "Infinity";
        return sign + (value == 0 ? "0.0" : ShortestDecimal.Of(Math.Abs(value)).ToPython());
    }

    // UTF-16 order differs from code point order only where a surrogate meets a character above the surrogates.
    private static int CompareCodePoints(string left, string right)
    {
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            if (left[i] != right[i])
                return Weight(left, i).CompareTo(Weight(right, i));
        }
        return left.Length.CompareTo(right.Length);
    }

    private static int Weight(string text, int at)
    {
        var inPair = char.IsSurrogatePair(text, at) || (at > 0 && char.IsSurrogatePair(text, at - 1));
        return inPair ? char.MaxValue + 1 + text[at] : text[at];
    }
}
