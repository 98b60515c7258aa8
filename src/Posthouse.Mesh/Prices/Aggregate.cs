using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>The value of one asset as it was last judged; immutable, so that readers need no lock.</summary>
internal sealed record Aggregate
{
    /// <summary>In US dollars.</summary>
    public required decimal Price { get; init; }

    /// <summary>The reading that is served, or the lower of the two whose mean is.</summary>
    public required HeldPrice Reading { get; init; }

    /// <summary>The providers that stand behind it, in the order of their ids.</summary>
    public required IReadOnlyList<NodeId> Providers { get; init; }

    /// <summary>Until when it counts as live; before now if it did not when it was judged.</summary>
    public required DateTimeOffset LiveUntil { get; init; }

    /// <summary>Whether sources disagree and one had to be chosen.</summary>
    public bool IsInconsistent { get; init; }

    /// <summary>Whether this is the value before a jump that nobody has confirmed.</summary>
    public bool IsQuarantined { get; init; }

    /// <summary>The median deviation of the sources, or what the one source says; null: not known.</summary>
    public decimal? Confidence { get; init; }

    /// <summary>From when it is hidden from readers, by the asset's rule of expiry.</summary>
    public DateTimeOffset HideAt { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>The age from which it is marked stale.</summary>
    public TimeSpan StaleAfter { get; init; } = DataFreshness.StaleAge;

    /// <summary>The asset's recent past.</summary>
    public PriceHistory? History { get; init; }

    /// <summary>Whether readers would see another price, another time or another mark than in <paramref name="before"/>.</summary>
    public bool DiffersFrom(Aggregate? before) =>
        before is null || Price != before.Price || Reading != before.Reading || IsInconsistent != before.IsInconsistent || IsQuarantined != before.IsQuarantined;

    /// <summary>The value as readers get it.</summary>
    /// <param name="now">The wall's time, from which ages follow.</param>
    /// <param name="hasProviders">Whether any provider is alive; without one every value is a cached one.</param>
    public ServedPrice Serve(DateTimeOffset now, bool hasProviders)
    {
        var age = now - Reading.ObservedAt;
        return new()
        {
            Asset = Reading.Key.Asset,
            Blockchain = Reading.Key.Chain,
            Price = Price,
            Timestamp = Reading.ObservedAt,
            SourceNodeId = Reading.Provider,
            Change24h = Reading.Reading.Change24h,
            Venue = Reading.Reading.Venue,
            AgeSeconds = Math.Max(0, (long)age.TotalSeconds),
            Freshness = DataFreshness.Of(age),
            IsStale = age >= StaleAfter,
            Live = hasProviders && now <= LiveUntil,
            Origin = Reading.Origin,
            Providers = Providers,
            Inconsistent = IsInconsistent,
            Quarantined = IsQuarantined,
            Confidence = Confidence,
        };
    }
}

/// <summary>
/// What judging one asset remembers. Nodes that agree on all readings can differ in it while sources disagree, for a node that joined
/// later saw no agreement; the value says so itself, by being inconsistent or quarantined.
/// </summary>
internal readonly record struct AggregationMemory
{
    /// <summary>The last value that its sources agreed on.</summary>
    public Aggregate? Agreed { get; init; }

    /// <summary>The jump that waits for confirmation.</summary>
    public HeldPrice? Jump { get; init; }

    /// <summary>Further updates that confirmed it.</summary>
    public int Confirmed { get; init; }

    /// <summary>Whether a discrepancy was warned of and has not ended.</summary>
    public bool IsDiscrepant { get; init; }
}

/// <summary>What judging says of one reading's provider.</summary>
internal enum ReadingVerdict : byte
{
    /// <summary>Nothing: too few to compare with, or the newest of all, which may know what the others do not know yet.</summary>
    None,

    /// <summary>It agrees with the others.</summary>
    Agrees,

    /// <summary>The others refreshed and do not confirm it.</summary>
    Outlier,
}

/// <summary>Two readings of one asset that lie too far apart.</summary>
/// <param name="Low">The lower.</param>
/// <param name="High">The higher.</param>
internal sealed record DiscrepantPair(HeldPrice Low, HeldPrice High)
{
    /// <summary>The difference in percent of the lower.</summary>
    public double Percent => Gap.Percent(Low.Price, High.Price);
}

/// <summary>The outcome of judging one asset.</summary>
internal readonly record struct AssetJudgement
{
    /// <summary>What is served.</summary>
    public required Aggregate Value { get; init; }

    /// <summary>What the next judgement is given.</summary>
    public required AggregationMemory Memory { get; init; }

    /// <summary>The readings that differ too far, as long as they do.</summary>
    public DiscrepantPair? Discrepancy { get; init; }

    /// <summary>Whether a lone newest reading differs from all others: the next slot should come early and with more providers.</summary>
    public bool WantsCrossCheck { get; init; }
}
