using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>
/// Chooses the served value of one asset: a function of the asset's readings, the policy, the time and the memory of the last
/// judgement. Readings that are live count; where none is, those that were live when the newest of them was read, so that the value that
/// outlives all providers is the one that they agreed on and not the one of whoever spoke last.
/// </summary>
internal static class Aggregation
{
    /// <summary>Median deviations beyond which a reading is an outlier: three standard deviations, each 1.4826 of the median one (normal law).</summary>
    public const decimal OutlierDeviations = 3 * 1.4826m;

    /// <summary>The least distance that makes an outlier, as a share: sources that agree to the cent must not outlaw a difference of two cents.</summary>
    public const decimal OutlierShare = 0.01m;

    /// <summary>Judges one asset.</summary>
    /// <param name="readings">All readings of it, by provider; at least one.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="thresholds">The asset's thresholds.</param>
    /// <param name="ejected">
    /// Providers whose word alone is not served while there is another's. That rests on what this node lived through, so what is served
    /// instead is marked; where anybody else stands behind the value they count like all, and every node serves the same.
    /// </param>
    /// <param name="memory">The memory of the judgement before.</param>
    /// <param name="now">The wall's time.</param>
    /// <param name="verdicts">Takes a verdict for each reading.</param>
    public static AssetJudgement Judge(
        ReadOnlySpan<HeldPrice> readings,
        AggregationPolicy policy,
        AssetThresholds thresholds,
        IReadOnlySet<NodeId> ejected,
        in AggregationMemory memory,
        DateTimeOffset now,
        Span<ReadingVerdict> verdicts)
    {
        var judgement = Choose(readings, policy, thresholds, _nobody, memory, now, verdicts);
        if (ejected.Count == 0 || StandsOnOthers(judgement.Value, ejected))
        {
            return judgement;
        }

        Span<ReadingVerdict> without = stackalloc ReadingVerdict[readings.Length];
        var other = Choose(readings, policy, thresholds, ejected, memory, now, without);
        return other.Value.Reading == judgement.Value.Reading ? judgement : judgement with
        {
            Value = other.Value with { IsInconsistent = true },
            Memory = other.Memory with { IsDiscrepant = judgement.Memory.IsDiscrepant },
        };
    }

    /// <summary>Whether anybody stands behind a value who is not ejected.</summary>
    private static bool StandsOnOthers(Aggregate value, IReadOnlySet<NodeId> ejected)
    {
        foreach (var provider in value.Providers)
        {
            if (!ejected.Contains(provider))
            {
                return true;
            }
        }

        return false;
    }

    private static AssetJudgement Choose(
        ReadOnlySpan<HeldPrice> readings,
        AggregationPolicy policy,
        AssetThresholds thresholds,
        IReadOnlySet<NodeId> ejected,
        in AggregationMemory memory,
        DateTimeOffset now,
        Span<ReadingVerdict> verdicts)
    {
        verdicts.Clear();
        Span<int> places = stackalloc int[readings.Length];
        var (count, isLive) = Eligible(readings, policy.LiveFor, ejected, now, places);
        var bench = new Bench(readings, places[..count], policy, thresholds, memory, verdicts) { IsLive = isLive };
        bench.SortByPrice();
        var judgement = policy.Rule switch
        {
            AggregationRule.Newest => bench.Take(bench.Newest()),
            AggregationRule.Median => bench.TakeMedian(bench.Places, bench.Deviation()),
            AggregationRule.Quorum => Quorum(ref bench),
            AggregationRule.Preferred => Preferred(ref bench, policy.Preferred),
            _ => Auto(ref bench),
        };
        return Compared(judgement, ref bench, memory.IsDiscrepant);
    }

    private static (int Count, bool IsLive) Eligible(
        ReadOnlySpan<HeldPrice> readings, TimeSpan liveFor, IReadOnlySet<NodeId> ejected, DateTimeOffset now, Span<int> places)
    {
        var count = Within(readings, liveFor, ejected, now, places);
        if (count > 0)
        {
            return (count, true);
        }

        count = Within(readings, liveFor, ejected, Newest(readings, ejected), places);
        return (count > 0 ? count : Within(readings, liveFor, _nobody, Newest(readings, _nobody), places), false);
    }

    private static readonly HashSet<NodeId> _nobody = [];

    private static int Within(
        ReadOnlySpan<HeldPrice> readings, TimeSpan liveFor, IReadOnlySet<NodeId> ejected, DateTimeOffset asOf, Span<int> places)
    {
        var count = 0;
        for (var at = 0; at < readings.Length; at++)
        {
            if (asOf - readings[at].ObservedAt <= liveFor && !ejected.Contains(readings[at].Provider))
            {
                places[count++] = at;
            }
        }

        return count;
    }

    private static DateTimeOffset Newest(ReadOnlySpan<HeldPrice> readings, IReadOnlySet<NodeId> ejected)
    {
        // Without any, all that there is counts as too old: nothing is within the window before the end of time.
        var newest = DateTimeOffset.MinValue;
        foreach (var reading in readings)
        {
            if (reading.ObservedAt > newest && !ejected.Contains(reading.Provider))
            {
                newest = reading.ObservedAt;
            }
        }

        return newest == DateTimeOffset.MinValue ? DateTimeOffset.MaxValue : newest;
    }

    private static AssetJudgement Auto(ref Bench bench) => bench.Places.Length switch
    {
        1 => LoneSource.Judge(ref bench),
        2 => TwoSources(ref bench),
        _ => ManySources(ref bench),
    };

    private static AssetJudgement TwoSources(ref Bench bench)
    {
        var (low, high) = (bench.At(0), bench.At(1));
        if (!Gap.Exceeds(low.Price, high.Price, bench.Thresholds.Discrepancy))
        {
            bench.Say(bench.Places, ReadingVerdict.Agrees);
            return bench.Take(bench.Newest(), bench.Places);
        }

        // Without an agreement before, the newer one; readers are told either way.
        var chosen = bench.Memory.Agreed is not { } agreed ? bench.Newest()
            : Math.Abs(low.Price - agreed.Price) <= Math.Abs(high.Price - agreed.Price) ? bench.Places[0]
            : bench.Places[1];
        return bench.TakeDisputed(chosen);
    }

    private static AssetJudgement ManySources(ref Bench bench)
    {
        var deviation = bench.Deviation();
        var median = bench.Median(bench.Places);
        Span<int> kept = stackalloc int[bench.Places.Length];
        var count = 0;
        var newestKept = DateTimeOffset.MinValue;
        foreach (var place in bench.Places)
        {
            if (!IsOutlier(bench.Readings[place].Price, median, deviation))
            {
                kept[count++] = place;
                newestKept = bench.Readings[place].ObservedAt > newestKept ? bench.Readings[place].ObservedAt : newestKept;
            }
        }

        bench.Say(kept[..count], ReadingVerdict.Agrees);
        var wantsCrossCheck = Accuse(ref bench, newestKept, bench.Places.Length - count);
        var agree = !(deviation > median * bench.Thresholds.Discrepancy);
        return bench.TakeMedian(kept[..count], deviation, agree) with { WantsCrossCheck = wantsCrossCheck };
    }

    /// <summary>
    /// Accuses the outliers that the others had time to confirm. One alone that is newer than all others may be the first to tell the
    /// truth: it is not served, but nobody is blamed, and more sources are asked for.
    /// </summary>
    private static bool Accuse(ref Bench bench, DateTimeOffset newestKept, int outliers)
    {
        var isLoneNewest = false;
        foreach (var place in bench.Places)
        {
            if (bench.Verdicts[place] == ReadingVerdict.None)
            {
                var isNewer = bench.Readings[place].ObservedAt > newestKept;
                isLoneNewest = isNewer && outliers == 1;
                bench.Verdicts[place] = isLoneNewest ? ReadingVerdict.None : ReadingVerdict.Outlier;
            }
        }

        return isLoneNewest;
    }

    private static bool IsOutlier(decimal price, decimal median, decimal deviation)
    {
        var distance = Math.Abs(price - median);
        return distance / OutlierDeviations > deviation && distance > median * OutlierShare;
    }

    private static AssetJudgement Quorum(ref Bench bench)
    {
        var median = bench.Median(bench.Places);
        Span<int> kept = stackalloc int[bench.Places.Length];
        var count = 0;
        foreach (var place in bench.Places)
        {
            if (!Gap.Exceeds(bench.Readings[place].Price, median, bench.Thresholds.Discrepancy))
            {
                kept[count++] = place;
            }
        }

        return count >= bench.Policy.Quorum ? bench.TakeMedian(kept[..count], bench.Deviation()) : bench.KeepDisputed();
    }

    private static AssetJudgement Preferred(ref Bench bench, IReadOnlyList<NodeId> preferred)
    {
        foreach (var provider in preferred)
        {
            foreach (var place in bench.Places)
            {
                if (bench.Readings[place].Provider == provider)
                {
                    return bench.Take(place);
                }
            }
        }

        return Auto(ref bench);
    }

    private static AssetJudgement Compared(AssetJudgement judgement, ref Bench bench, bool wasDiscrepant)
    {
        var pair = bench.IsLive ? bench.FarthestApart() : null;
        var limit = bench.Thresholds.Discrepancy;
        var isDiscrepant = pair is { } two
            ? Gap.Exceeds(two.Low.Price, two.High.Price, wasDiscrepant ? limit * AggregationPolicy.Calm : limit)
            : wasDiscrepant && bench.IsLive && bench.Places.Length > 1;
        return judgement with { Discrepancy = isDiscrepant ? pair : null, Memory = judgement.Memory with { IsDiscrepant = isDiscrepant } };
    }
}
