using System.Text.Json.Serialization;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>A price as readers get it: the value, how old it is by its source's time, and how far it can be trusted.</summary>
public sealed record ServedPrice
{
    /// <summary>The symbol.</summary>
    public required string Asset { get; init; }

    /// <summary>In US dollars; a string in JSON, so that no reader turns it into a binary fraction.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public required decimal Price { get; init; }

    /// <summary>The source's own time of the price.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>The provider whose reading is served.</summary>
    public required NodeId SourceNodeId { get; init; }

    /// <summary>The chain, <c>multi</c> where the source does not tell chains apart.</summary>
    public required string Blockchain { get; init; }

    /// <summary>The change over 24 hours in percent; null: the source does not say.</summary>
    [JsonPropertyName("change_24h")]
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public decimal? Change24h { get; init; }

    /// <summary>The market or service; null: not told.</summary>
    public string? Venue { get; init; }

    /// <summary>Whole seconds since <see cref="Timestamp"/>, never below 0.</summary>
    public required long AgeSeconds { get; init; }

    /// <summary>The age in words.</summary>
    public required DataFreshness Freshness { get; init; }

    /// <summary>Whether it is as old as <c>Mesh:StaleAfter</c> says, an hour where nothing else is configured, or older.</summary>
    public required bool IsStale { get; init; }

    /// <summary>Whether a provider is alive and a source of this asset spoke lately; false: a cached value.</summary>
    public required bool Live { get; init; }

    /// <summary>How it came to this node.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<PriceOrigin>))]
    public required PriceOrigin Origin { get; init; }

    /// <summary>The providers that stand behind the value.</summary>
    public required IReadOnlyList<NodeId> Providers { get; init; }

    /// <summary>Whether sources disagree beyond the asset's threshold, and one had to be chosen.</summary>
    public required bool Inconsistent { get; init; }

    /// <summary>Whether a newer reading waits for confirmation because it jumped too far; this is the value before it.</summary>
    public required bool Quarantined { get; init; }

    /// <summary>How far the value may be off, in US dollars: the median deviation of the sources, or what the one source says; null: not known.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public decimal? Confidence { get; init; }
}
