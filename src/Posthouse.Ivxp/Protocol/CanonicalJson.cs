using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Posthouse.Ivxp.Protocol;

/// <summary>
/// Writes JSON byte for byte as <c>JSON.stringify(JSON.parse(text))</c> does in JavaScript, for content hashes are defined on
/// that form. No encoder of .NET does: they escape astral characters and U+2028, and write 1E+21, 1.0 and -0.
/// </summary>
public static class CanonicalJson
{
    // An array index (ECMA-262, section 6.1.7) is below 2^32 - 1; such keys come first, in numeric order.
    private const uint MaxIndex = uint.MaxValue - 1;

    /// <summary>The canonical UTF-8 bytes of <paramref name="element"/>.</summary>
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
        var separator = "{";
        // OrderBy is stable: all other keys keep the order in which they came.
        foreach (var (name, value) in members.OrderBy(member => Index(member.Key) ?? uint.MaxValue))
        {
            JsonText.Append(output, separator);
            WriteString(name, output);
            JsonText.Append(output, ":");
            Write(value, output);
            separator = ",";
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
            separator = ",";
        }
        JsonText.Append(output, separator == "[" ? "[]" : "]");
    }

    private static void WriteString(string text, ArrayBufferWriter<byte> output)
    {
        JsonText.Append(output, "\"");
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i))
                i++;
            else if (text[i] is < ' ' or '"' or '\\' || char.IsSurrogate(text[i]))
            {
                JsonText.Append(output, text.AsSpan(start, i - start));
                WriteEscape(text[i], output);
                start = i + 1;
            }
        }
        JsonText.Append(output, text.AsSpan(start));
        JsonText.Append(output, "\"");
    }

    private static void WriteEscape(char sign, ArrayBufferWriter<byte> output)
    {
        var plain = sign switch
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
        if (plain is null)
            JsonText.AppendEscape(output, sign);
        else
            JsonText.Append(output, plain);
    }

    private static string Number(ReadOnlySpan<byte> raw)
    {
        var value = double.Parse(raw, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value))
            return "null";
        return value == 0 ? "0" : (value < 0 ? "-" : "") + ShortestDecimal.Of(Math.Abs(value)).ToEcmaScript();
    }

    private static uint? Index(string name) =>
        uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        && index <= MaxIndex && (name.Length == 1 || name[0] != '0')
            ? index
            : null;
}
