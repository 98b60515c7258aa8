using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>The readings that count in one judgement, sorted by price, and the ways to make a value of them.</summary>
internal ref struct Bench(
    ReadOnlySpan<HeldPrice> readings, Span<int> places, AggregationPolicy policy, AssetThresholds thresholds, in AggregationMemory memory, Span<ReadingVerdict> verdicts)
{
    /// <summary>All readings of the asset.</summary>
    public readonly ReadOnlySpan<HeldPrice> Readings = readings;

    /// <summary>Where those that count stand among them, by price.</summary>
    public readonly Span<int> Places = places;

    /// <summary>What is said of each reading.</summary>
    public readonly Span<ReadingVerdict> Verdicts = verdicts;

    /// <summary>The policy.</summary>
    public readonly AggregationPolicy Policy = policy;

    /// <summary>The asset's thresholds.</summary>
    public readonly AssetThresholds Thresholds = thresholds;

    /// <summary>What the judgement before remembered.</summary>
    public readonly AggregationMemory Memory = memory;

    /// <summary>Whether the readings that count are live.</summary>
    public bool IsLive { get; init; }

    /// <summary>The n-th reading that counts, from the cheapest.</summary>
    public readonly HeldPrice At(int n) => Readings[Places[n]];

    /// <summary>Sorts by price, and equal prices by provider, so that every node sees one order.</summary>
    public readonly void SortByPrice()
    {
        for (var at = 1; at < Places.Length; at++)
        {
            for (var to = at; to > 0 && IsBefore(Places[to], Places[to - 1]); to--)
            {
                (Places[to], Places[to - 1]) = (Places[to - 1], Places[to]);
            }
        }
    }

    /// <summary>Where the newest stands; of equally new ones the one of the smaller provider.</summary>
    public readonly int Newest()
    {
        var newest = Places[0];
        foreach (var place in Places)
        {
            var order = Readings[place].ObservedAt.CompareTo(Readings[newest].ObservedAt);
            if (order > 0 || (order == 0 && place < newest))
            {
                newest = place;
            }
        }

        return newest;
    }

    /// <summary>The median of readings that are sorted by price: the lower one in the middle, or the mean of the two.</summary>
    public readonly decimal Median(ReadOnlySpan<int> sorted)
    {
        var lower = Readings[sorted[(sorted.Length - 1) / 2]].Price;
        return Policy.MeanOfMiddle ? Halfway(lower, Readings[sorted[sorted.Length / 2]].Price) : lower;
    }

    /// <summary>The median of the distances to the median.</summary>
    public readonly decimal Deviation()
    {
        var median = Median(Places);
        Span<decimal> distances = stackalloc decimal[Places.Length];
        for (var at = 0; at < Places.Length; at++)
        {
            distances[at] = Math.Abs(At(at).Price - median);
        }

        distances.Sort();
        return distances[(distances.Length - 1) / 2];
    }

    /// <summary>Writes one verdict for some readings.</summary>
    public readonly void Say(ReadOnlySpan<int> some, ReadingVerdict verdict)
    {
        foreach (var place in some)
        {
            Verdicts[place] = verdict;
        }
    }

    /// <summary>Takes one reading, which it alone or some others stand behind, as agreed.</summary>
    public readonly AssetJudgement Take(int place, ReadOnlySpan<int> behind = default)
    {
        var value = Value(place, behind.IsEmpty ? [place] : behind) with { Confidence = Readings[place].Reading.Confidence };
        return new() { Value = value, Memory = Agreed(value) };
    }

    /// <summary>Takes the median of some readings, sorted by price.</summary>
    public readonly AssetJudgement TakeMedian(ReadOnlySpan<int> sorted, decimal deviation, bool agree = true)
    {
        var value = Value(sorted[(sorted.Length - 1) / 2], sorted) with { Price = Median(sorted), Confidence = deviation, IsInconsistent = !agree };
        return new() { Value = value, Memory = agree ? Agreed(value) : Memory };
    }

    /// <summary>Takes one reading that another one contradicts.</summary>
    public readonly AssetJudgement TakeDisputed(int place) => new() { Value = Value(place, [place]) with { IsInconsistent = true }, Memory = Memory };

    /// <summary>Keeps what was agreed on before; without such a thing takes the newest.</summary>
    public readonly AssetJudgement KeepDisputed() =>
        Memory.Agreed is { } agreed ? new() { Value = agreed with { IsInconsistent = true }, Memory = Memory } : TakeDisputed(Newest());

    /// <summary>The cheapest and the dearest of the readings that are near enough in time to the newest to be compared; null if it is the only one.</summary>
    public readonly DiscrepantPair? FarthestApart()
    {
        var newest = Readings[Newest()].ObservedAt;
        HeldPrice? low = null, high = null;
        foreach (var place in Places)
        {
            if (newest - Readings[place].ObservedAt <= AggregationPolicy.Comparable)
            {
                (low, high) = (low ?? Readings[place], Readings[place]);
            }
        }

        return low is not null && high is not null && low != high ? new(low, high) : null;
    }

    private static decimal Halfway(decimal low, decimal high) => low + ((high - low) / 2);

    private static AggregationMemory Agreed(Aggregate value) => new() { Agreed = value };

    private readonly bool IsBefore(int one, int other) =>
        Readings[one].Price.CompareTo(Readings[other].Price) is var order && (order < 0 || (order == 0 && one < other));

    private readonly Aggregate Value(int place, ReadOnlySpan<int> behind)
    {
        var providers = new NodeId[behind.Length];
        var newest = DateTimeOffset.MinValue;
        for (var at = 0; at < behind.Length; at++)
        {
            var reading = Readings[behind[at]];
            providers[at] = reading.Provider;
            newest = reading.ObservedAt > newest ? reading.ObservedAt : newest;
        }

        Array.Sort(providers);
        return new()
        {
            Price = Readings[place].Price,
            Reading = Readings[place],
            Providers = providers,
            LiveUntil = newest + Policy.LiveFor,
        };
    }
}
