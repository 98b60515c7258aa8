using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>How one value is chosen among the providers'.</summary>
public enum AggregationRule
{
    /// <summary>By the number of live sources: outliers rejected and the median of three and more; with two the newer; with one that one.</summary>
    Auto,

    /// <summary>The newest by the source's time.</summary>
    Newest,

    /// <summary>The median of the live sources, none rejected.</summary>
    Median,

    /// <summary>The median of the sources that agree, once <see cref="AggregationPolicy.Quorum"/> of them do; until then the value before.</summary>
    Quorum,

    /// <summary>The first of <see cref="AggregationPolicy.Preferred"/> that is live; if none is, as <see cref="Auto"/>.</summary>
    Preferred,
}

/// <summary>Thresholds of some assets that move more, or less, than others.</summary>
/// <param name="Assets">The assets they are for.</param>
/// <param name="Discrepancy">Above which difference of sources a warning is due, as a share in (0, 1].</param>
/// <param name="Jump">Above which jump a lone source must be confirmed, as a share in (0, 1].</param>
public sealed record AssetThresholds(AssetPattern Assets, decimal Discrepancy, decimal Jump);

/// <summary>How the served value follows from what the providers said.</summary>
public sealed record AggregationPolicy
{
    /// <summary>Further updates that confirm a jump of a lone source. Two: a provider's single slip passes by itself.</summary>
    public const int Confirmations = 2;

    /// <summary>The share of a threshold to which a difference must fall before its warning ends: without a gap, prices at the edge would warn at every update.</summary>
    public const decimal Calm = 0.8m;

    /// <summary>How far apart in time two readings may be to be compared. A minute: farther apart it is the market that differs.</summary>
    public static readonly TimeSpan Comparable = TimeSpan.FromSeconds(60);

    /// <summary>The rule. Default <see cref="AggregationRule.Auto"/>.</summary>
    public AggregationRule Rule { get; init; } = AggregationRule.Auto;

    /// <summary>Sources that must agree under <see cref="AggregationRule.Quorum"/>. Default 2.</summary>
    public int Quorum { get; init; } = 2;

    /// <summary>The providers in order of trust, for <see cref="AggregationRule.Preferred"/>.</summary>
    public IReadOnlyList<NodeId> Preferred { get; init; } = [];

    /// <summary>Whether an even number of values gives the mean of the two in the middle. Default false: the lower one, a price that somebody really read.</summary>
    public bool MeanOfMiddle { get; init; }

    /// <summary>The interval between fetches. Default 30 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The least time for which a reading counts as live. Default 90 s.</summary>
    public TimeSpan MinLive { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>The threshold of the discrepancy warning where no asset's own applies. Default 5 %.</summary>
    public decimal Discrepancy { get; init; } = 0.05m;

    /// <summary>The jump of a lone source that must be confirmed, where no asset's own applies. Default 20 %.</summary>
    public decimal Jump { get; init; } = 0.20m;

    /// <summary>Thresholds of some assets; the first that names one is its own.</summary>
    public IReadOnlyList<AssetThresholds> PerAsset { get; init; } = [];

    /// <summary>For how long a reading counts as live: three intervals, so that two lost slots in a row change nothing.</summary>
    internal TimeSpan LiveFor => Interval * 3 > MinLive ? Interval * 3 : MinLive;

    /// <summary>The thresholds of one asset.</summary>
    internal AssetThresholds Of(AssetKey key)
    {
        foreach (var thresholds in PerAsset)
        {
            if (thresholds.Assets.Matches(key))
            {
                return thresholds;
            }
        }

        return new(new("*"), Discrepancy, Jump);
    }
}
