using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Posthouse.AspNetCore.Dashboard.Queue;

/// <summary>Bytes of others as text to be looked at: never as HTML, and never without an end.</summary>
internal static class Payloads
{
    /// <summary>Characters shown: some screens of text; more belongs into a file.</summary>
    public const int MaxShown = 16 * 1024;

    /// <summary>Bytes that are edited in a page; larger ones in a file, by 'posthouse queue retry ID --edit FILE'.</summary>
    public const int MaxEdited = 64 * 1024;

    private static readonly JsonWriterOptions _readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text, and whether it was cut.</summary>
    public static (string Text, bool IsCut) Shown(byte[] bytes)
    {
        var text = Pretty(bytes) ?? Convert.ToBase64String(bytes);
        return text.Length > MaxShown ? (text[..MaxShown], true) : (text, false);
    }

    /// <summary>JSON with a line for each member; null: it is none.</summary>
    public static string? Pretty(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer, _readable)) { document.RootElement.WriteTo(json); }
            return Encoding.UTF8.GetString(buffer.ToArray());
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, escaped: it is JSON by its grammar (RFC 8259 §8.2), and nothing can write it but as it stands.
            return Encoding.UTF8.GetString(bytes);
        }
    }

    /// <summary>The bytes of an edited text; null: it is no JSON.</summary>
    public static byte[]? Compact(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer)) { document.RootElement.WriteTo(json); }
            return buffer.ToArray();
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetBytes(text);
        }
    }
}
