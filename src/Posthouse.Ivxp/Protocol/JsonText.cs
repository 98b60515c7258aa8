using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Posthouse.Ivxp.Protocol;

/// <summary>
/// Reading JSON as a JavaScript engine does: strings may hold lone surrogates (which <see cref="JsonElement.GetString"/> refuses),
/// and of members with one name the last value stands at the first one's place.
/// </summary>
internal static class JsonText
{
    /// <summary>The UTF-16 text of a string element.</summary>
    public static string String(JsonElement element) => Unescape(JsonMarshal.GetRawUtf8Value(element)[1..^1]);

    /// <summary>The members of an object in the order of their first mention.</summary>
    public static List<KeyValuePair<string, JsonElement>> Members(JsonElement element)
    {
        var members = new List<KeyValuePair<string, JsonElement>>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            var name = Unescape(JsonMarshal.GetRawUtf8PropertyName(property));
            var member = KeyValuePair.Create(name, property.Value);
            if (places.TryAdd(name, members.Count))
                members.Add(member);
            else
                members[places[name]] = member;
        }
        return members;
    }

    /// <summary>Appends UTF-16 text as UTF-8.</summary>
    public static void Append(IBufferWriter<byte> output, ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, output);

    /// <summary>Appends <c>\u</c> and four lower-case digits.</summary>
    public static void AppendEscape(IBufferWriter<byte> output, char sign) =>
        Append(output, string.Create(CultureInfo.InvariantCulture, $"\\u{(int)sign:x4}"));

    private static string Unescape(ReadOnlySpan<byte> raw)
    {
        if (raw.IndexOf((byte)'\\') < 0)
            return Encoding.UTF8.GetString(raw);
        var text = new StringBuilder(raw.Length);
        while (raw.IndexOf((byte)'\\') is >= 0 and var mark)
        {
            text.Append(Encoding.UTF8.GetString(raw[..mark]));
            var sign = raw[mark + 1];
            if (sign == 'u')
                text.Append((char)int.Parse(raw.Slice(mark + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            else
                text.Append(Plain(sign));
            raw = raw[(mark + (sign == 'u' ? 6 : 2))..];
        }
        return text.Append(Encoding.UTF8.GetString(raw)).ToString();
    }

    private static char Plain(byte sign) => (char)sign switch
    {
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        var other => other,
    };
}
