using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// One log message as one line of JSON: <c>{"time":…,"level":…,"category":…,"event_id":…,"event":…,"message":…,"fields":{…},"exception":…}</c>.
/// The fields are those of the message's text, named as everything is that the product writes as JSON. ASP.NET's own formatter knows neither
/// the event's name nor any writer but the console.
/// </summary>
internal static class JsonLogLine
{
    private const string Template = "{OriginalFormat}";

    /// <summary>Only what would end a line or a string is escaped: a log is no page.</summary>
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The line, without its end.</summary>
    public static string Of(LogMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, _options))
        {
            json.WriteStartObject();
            json.WriteString("time", message.Time);
            json.WriteString("level", message.Level);
            json.WriteString("category", message.Category);
            json.WriteNumber("event_id", message.Id.Id);
            if (message.Id.Name is { } name) { json.WriteString("event", name); }
            json.WriteString("message", message.Text);
            WriteFields(json, message.State as IReadOnlyList<KeyValuePair<string, object?>> ?? []);
            if (message.Exception is { } exception) { json.WriteString("exception", exception); }
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteFields(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        json.WriteStartObject("fields");
        foreach (var (name, value) in fields)
        {
            if (name != Template) { WriteField(json, JsonNamingPolicy.SnakeCaseLower.ConvertName(name), value); }
        }

        json.WriteEndObject();
    }

    private static void WriteField(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null: json.WriteNull(name); break;
            case bool flag: json.WriteBoolean(name, flag); break;
            case int or long or short or byte: json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case double number when double.IsFinite(number): json.WriteNumber(name, number); break;
            default: json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }
}

/// <summary>One message of a log.</summary>
/// <param name="Time">When, in UTC.</param>
/// <param name="Level">The word of its level.</param>
/// <param name="Category">Who says it.</param>
/// <param name="Id">Its event.</param>
/// <param name="Text">Its words.</param>
/// <param name="State">What the words were made of.</param>
/// <param name="Exception">What had happened, or null.</param>
internal sealed record LogMessage(string Time, string Level, string Category, EventId Id, string Text, object? State, string? Exception);
