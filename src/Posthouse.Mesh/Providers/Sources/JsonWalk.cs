using System.Text;
using System.Text.Json;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>
/// Walks a JSON text without building a tree of it: values stay the bytes that the source wrote. A member that comes twice counts where it
/// comes first. All but <see cref="IsSound"/> expect a text that is sound.
/// </summary>
internal static class JsonWalk
{
    /// <summary>How deep an answer may be nested: the deepest known vendor has six levels.</summary>
    public const int MaxDepth = 32;

    private static readonly JsonReaderOptions _options = new() { MaxDepth = MaxDepth };

    /// <summary>A text without the byte order mark and the white space that some servers put around it.</summary>
    public static ReadOnlySpan<byte> Bare(ReadOnlySpan<byte> json) => (json.StartsWith("\uFEFF"u8) ? json[3..] : json).Trim(" \t\r\n"u8);

    /// <summary>Whether a text is one JSON value in valid UTF-8, nested no deeper than <see cref="MaxDepth"/>.</summary>
    public static bool IsSound(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, _options);
            while (reader.Read())
            {
                // Text is checked here once, so that nothing can throw later.
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName
                    && (reader.ValueIsEscaped || reader.ValueSpan.ContainsAnyInRange((byte)0x80, (byte)0xFF)))
                {
                    _ = reader.GetString();
                }
            }

            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Goes from <paramref name="json"/> along the steps.</summary>
    public static bool TryFind(ReadOnlySpan<byte> json, ReadOnlySpan<JsonStep> steps, out ReadOnlySpan<byte> value)
    {
        value = json;
        foreach (var step in steps)
        {
            var found = step.Index < 0 && !step.IsMatch ? TryMember(value, step.Name, out value) : TryElement(value, step, out value);
            if (!found)
                return false;
        }

        return true;
    }

    /// <summary>The characters of the string, number or truth value at a path; null: there is none, or another kind of value.</summary>
    public static string? Text(ReadOnlySpan<byte> json, JsonPath path) => TryFind(json, path.Steps, out var value) ? Text(value) : null;

    /// <summary>The characters of a string, number or truth value; null: it is another kind of value.</summary>
    public static string? Text(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value, _options);
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => Encoding.UTF8.GetString(reader.ValueSpan),
            _ => null,
        };
    }

    /// <summary>
    /// Finds, in one pass, where each asset's own value stands.
    /// </summary>
    /// <param name="json">The whole answer.</param>
    /// <param name="path">The way, with a step that differs by symbol.</param>
    /// <param name="wanted">Where to put what is found, by symbol; symbols that are not in it are passed over.</param>
    /// <returns>Whether what holds the symbols is there at all.</returns>
    public static bool TryIndex(ReadOnlySpan<byte> json, JsonPath path, Dictionary<string, Range?> wanted)
    {
        var step = path.Steps[path.SymbolAt];
        if (!TryFind(json, path.Steps.AsSpan(0, path.SymbolAt), out var container))
            return false;
        var rest = path.Steps.AsSpan(path.SymbolAt + 1);
        var reader = new Utf8JsonReader(container, _options);
        reader.Read();
        if (reader.TokenType != (step.IsMatch ? JsonTokenType.StartArray : JsonTokenType.StartObject))
            return false;
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject))
        {
            var name = step.IsMatch ? null : reader.GetString();
            var item = step.IsMatch ? Value(container, ref reader) : Next(container, ref reader);
            var symbol = name ?? (TryMember(item, step.Name, out var own) ? Text(own) : null);
            if (symbol is not null && wanted.TryGetValue(symbol, out var before) && before is null
                && TryFind(item, rest, out var value) && json.Overlaps(value, out var at))
            {
                wanted[symbol] = at..(at + value.Length);
            }
        }

        return true;
    }

    private static bool TryMember(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(json, _options);
        value = default;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            value = Next(json, ref reader);
            if (isIt)
                return true;
        }

        return false;
    }

    private static bool TryElement(ReadOnlySpan<byte> json, JsonStep step, out ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(json, _options);
        value = default;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return false;
        for (var at = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; at++)
        {
            value = Value(json, ref reader);
            if (step.IsMatch ? TryMember(value, step.Name, out var own) && Text(own) == step.Value : at == step.Index)
                return true;
        }

        return false;
    }

    private static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> json, scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        return Value(json, ref reader);
    }

    /// <summary>The bytes of the value that the reader stands at the beginning of; the reader then stands at its end.</summary>
    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> json, scoped ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }
}
