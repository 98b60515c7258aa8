using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>
/// A content of any JSON, kept as its canonical bytes: the bytes that are hashed are the bytes that are stored and sent.
/// </summary>
[JsonConverter(typeof(JsonContentConverter))]
public readonly struct JsonContent : IEquatable<JsonContent>
{
    private readonly byte[]? _canonical;

    private JsonContent(byte[] canonical) => _canonical = canonical;

    /// <summary>The canonical UTF-8 bytes; <c>null</c> for the default value.</summary>
    public ReadOnlySpan<byte> Utf8 => _canonical ?? "null"u8;

    /// <summary>A content, brought into its canonical form.</summary>
    public static JsonContent From(JsonElement element) => new(CanonicalJson.Write(element));

    /// <summary>A content from its UTF-8 text, brought into its canonical form.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static JsonContent Parse(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        return From(document.RootElement);
    }

    /// <summary>The content's digests under the three definitions in use.</summary>
    public ContentHash Hash()
    {
        using var document = JsonDocument.Parse(Utf8.ToArray());
        return ContentHash.Of(document.RootElement);
    }

    /// <summary>The canonical text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8);

    /// <summary>Whether both are the same bytes.</summary>
    public bool Equals(JsonContent other) => Utf8.SequenceEqual(other.Utf8);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is JsonContent other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Utf8);
        return hash.ToHashCode();
    }

    /// <summary>Whether both are the same bytes.</summary>
    public static bool operator ==(JsonContent left, JsonContent right) => left.Equals(right);

    /// <summary>Whether the bytes differ.</summary>
    public static bool operator !=(JsonContent left, JsonContent right) => !left.Equals(right);
}

/// <summary>Reads any JSON and writes the canonical bytes untouched.</summary>
internal sealed class JsonContentConverter : JsonConverter<JsonContent>
{
    /// <summary>A content may be null: that is a value of JSON.</summary>
    public override bool HandleNull => true;

    /// <inheritdoc/>
    public override JsonContent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return JsonContent.From(document.RootElement);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, JsonContent value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8, skipInputValidation: true);
}
