using System.Text.Json;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Ivxp.Payments;

/// <summary>The result of a call of the development chain: something to write, or a fault of JSON-RPC 2.0 (section 5.1).</summary>
/// <param name="Write">Writes the result; null for a fault.</param>
/// <param name="Code">The fault's code.</param>
/// <param name="Message">The fault's sentence.</param>
internal readonly record struct DevReply(Action<Utf8JsonWriter>? Write, int Code = 0, string? Message = null)
{
    /// <summary>The result <c>null</c>: there is no such thing.</summary>
    public static DevReply Null { get; } = new(json => json.WriteNullValue());

    public static DevReply Result(string text) => new(json => json.WriteStringValue(text));

    public static DevReply Fault(int code, string message) => new(null, code, message);

    /// <summary>The parameter at a position; undefined if there is none.</summary>
    public static JsonElement At(JsonElement given, int position) =>
        given.ValueKind == JsonValueKind.Array && given.GetArrayLength() > position ? given[position] : default;

    /// <summary>The parameter at a position if it is a string.</summary>
    public static string? TextAt(JsonElement given, int position) => Text(At(given, position));

    /// <summary>A member if it is a string.</summary>
    public static string? TextOf(JsonElement given, string name) => Text(Of(given, name));

    /// <summary>The text of a member that is a number, or a string said to be one.</summary>
    public static string? NumberOf(JsonElement given, string name) =>
        Of(given, name) is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : TextOf(given, name);

    /// <summary>Writes the member <c>result</c> or <c>error</c>.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        if (Write is not null)
        {
            json.WritePropertyName("result");
            Write(json);
            return;
        }
        json.WriteStartObject("error");
        json.WriteNumber("code", Code);
        json.WriteString("message", Message);
        json.WriteEndObject();
    }

    private static JsonElement Of(JsonElement given, string name) =>
        given.ValueKind == JsonValueKind.Object && given.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? JsonText.String(element) : null;
}
