using System.Text.Json;
using System.Text.Json.Serialization;

namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>
/// Where to push a result, as a client wrote it: whatever is no text counts as not given, for a bad endpoint must never have the
/// proof of a payment refused that was made.
/// </summary>
internal sealed class EndpointConverter : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: a text of no address.
            return null;
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
