namespace Posthouse.Mesh.Prices;

/// <summary>How prices are chosen and kept.</summary>
public sealed record PriceBookOptions
{
    /// <summary>How one value is chosen among the providers'.</summary>
    public AggregationPolicy Aggregation { get; init; } = new();

    /// <summary>How long prices are kept. Default: for ever.</summary>
    public PriceExpiry Expiry { get; init; } = new();

    /// <summary>The age from which a price is marked stale. Default an hour.</summary>
    public TimeSpan StaleAfter { get; init; } = DataFreshness.StaleAge;
}
