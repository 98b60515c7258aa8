namespace Posthouse.Mesh.Wire;

/// <summary>One price as a provider read it from its source.</summary>
/// <param name="Key">What it is the price of.</param>
/// <param name="Price">In US dollars, above zero; as the source wrote it, never through a binary fraction.</param>
/// <param name="ObservedAt">The source's own time of the price, in whole milliseconds; never the time at which it was fetched.</param>
public sealed record PriceReading(AssetKey Key, decimal Price, DateTimeOffset ObservedAt)
{
    /// <summary>The change over 24 hours in percent, −100 and above; null: the source does not say.</summary>
    public decimal? Change24h { get; init; }

    /// <summary>The market or service it was read from, at most 32 characters; null: not told.</summary>
    public string? Venue { get; init; }

    /// <summary>How far the source thinks it may be off, in US dollars; null: not told.</summary>
    public decimal? Confidence { get; init; }
}
