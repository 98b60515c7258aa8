using System.Text.Json;
using System.Text.Json.Serialization;

namespace Posthouse.Jobs;

/// <summary>Job ids in JSON are their text. Public because a generated context of another assembly makes one.</summary>
public sealed class JobIdJson : JsonConverter<JobId>
{
    /// <inheritdoc/>
    public override JobId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.Value);
    }

    /// <inheritdoc/>
    public override JobId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.GetString());

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(value.Value);
    }

    // The default value has no text, and has to come back as what it was.
    private static JobId Parse(string? text) => text is "" ? default
        : JobId.TryParse(text, out var id) ? id
        : throw new JsonException($"\"{text}\" is no job id.");
}
