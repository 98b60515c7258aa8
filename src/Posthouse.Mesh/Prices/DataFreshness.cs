using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Posthouse.Mesh.Prices;

/// <summary>The classes of age that people are shown.</summary>
public enum FreshnessKind
{
    /// <summary>Below a minute.</summary>
    JustNow,

    /// <summary>Below an hour.</summary>
    MinutesAgo,

    /// <summary>Below a day.</summary>
    HoursAgo,

    /// <summary>A day and more.</summary>
    Stale,
}

/// <summary>How old data is, in words. As JSON: <c>"JustNow"</c>, <c>{"MinutesAgo":5}</c>, <c>{"HoursAgo":2}</c>, <c>"Stale"</c>.</summary>
[JsonConverter(typeof(DataFreshnessJson))]
public readonly record struct DataFreshness
{
    /// <summary>The age at which a price counts as stale where no other is configured, an hour: <c>is_stale</c>.</summary>
    public static readonly TimeSpan StaleAge = TimeSpan.FromHours(1);

    internal DataFreshness(FreshnessKind kind, int count) => (Kind, Count) = (kind, count);

    /// <summary>The class.</summary>
    public FreshnessKind Kind { get; }

    /// <summary>Whole minutes or hours, of the two classes that count; else 0.</summary>
    public int Count { get; }

    /// <summary>The class of an age; one below nothing, as skewed clocks make it, is just now.</summary>
    public static DataFreshness Of(TimeSpan age) =>
        age < TimeSpan.FromMinutes(1) ? new(FreshnessKind.JustNow, 0)
        : age < TimeSpan.FromHours(1) ? new(FreshnessKind.MinutesAgo, (int)age.TotalMinutes)
        : age < TimeSpan.FromDays(1) ? new(FreshnessKind.HoursAgo, (int)age.TotalHours)
        : new(FreshnessKind.Stale, 0);

    /// <summary>For people: <c>just now</c>, <c>5 minutes ago</c>, <c>1 hour ago</c>, <c>stale</c>.</summary>
    public override string ToString() => Kind switch
    {
        FreshnessKind.JustNow => "just now",
        FreshnessKind.MinutesAgo => Ago("minute"),
        FreshnessKind.HoursAgo => Ago("hour"),
        _ => "stale",
    };

    private string Ago(string unit) => string.Create(CultureInfo.InvariantCulture, $"{Count} {unit}{(Count == 1 ? "" : "s")} ago");
}

/// <summary>Writes and reads the JSON form of <see cref="DataFreshness"/>.</summary>
public sealed class DataFreshnessJson : JsonConverter<DataFreshness>
{
    /// <inheritdoc/>
    public override DataFreshness Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.ValueTextEquals(nameof(FreshnessKind.JustNow)) ? new(FreshnessKind.JustNow, 0)
                : reader.ValueTextEquals(nameof(FreshnessKind.Stale)) ? new(FreshnessKind.Stale, 0)
                : throw new JsonException("A freshness in one word is JustNow or Stale.");
        }

        if (reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
        {
            throw new JsonException("A freshness is a word, or an object with MinutesAgo or HoursAgo.");
        }

        var kind = reader.ValueTextEquals(nameof(FreshnessKind.MinutesAgo)) ? FreshnessKind.MinutesAgo
            : reader.ValueTextEquals(nameof(FreshnessKind.HoursAgo)) ? FreshnessKind.HoursAgo
            : throw new JsonException("A freshness counts MinutesAgo or HoursAgo.");
        reader.Read();
        var count = reader.GetInt32();
        reader.Read();
        return reader.TokenType == JsonTokenType.EndObject ? new(kind, count) : throw new JsonException("A freshness has one member.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DataFreshness value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var name = value.Kind.ToString();
        if (value.Kind is FreshnessKind.JustNow or FreshnessKind.Stale)
        {
            writer.WriteStringValue(name);
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber(name, value.Count);
        writer.WriteEndObject();
    }
}
