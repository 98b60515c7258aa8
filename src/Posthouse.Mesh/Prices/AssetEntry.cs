using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>What the book keeps of one asset beside its readings. Owned by the engine's thread, the history aside.</summary>
internal sealed class AssetEntry(AssetKey key, AssetThresholds thresholds, ExpiryRule expiry)
{
    /// <summary>Which.</summary>
    public AssetKey Key => key;

    /// <summary>Its thresholds.</summary>
    public AssetThresholds Thresholds => thresholds;

    /// <summary>How long it is kept.</summary>
    public ExpiryRule Expiry => expiry;

    /// <summary>What the last judgement remembered.</summary>
    public AggregationMemory Memory { get; set; }

    /// <summary>What is served.</summary>
    public Aggregate? Value { get; set; }

    /// <summary>When time alone may change what is served.</summary>
    public DateTimeOffset ReviewAt { get; set; } = DateTimeOffset.MaxValue;

    /// <summary>Whether the served price was stale when last looked at.</summary>
    public bool IsStale { get; set; }

    /// <summary>The readings that differ too far, as long as they do.</summary>
    public DiscrepantPair? Discrepancy { get; set; }

    /// <summary>Whether more sources were asked for, and have not decided yet.</summary>
    public bool WantsCrossCheck { get; set; }

    /// <summary>Its recent past.</summary>
    public PriceHistory History { get; } = new();
}
