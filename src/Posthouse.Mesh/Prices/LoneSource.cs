namespace Posthouse.Mesh.Prices;

/// <summary>
/// Judges an asset that one provider alone speaks of. A jump beyond the threshold waits: the value before is served until two further
/// updates of the same source stand by it, or another source joins and decides.
/// </summary>
internal static class LoneSource
{
    /// <summary>Judges the one reading on the bench.</summary>
    public static AssetJudgement Judge(ref Bench bench)
    {
        var reading = bench.At(0);
        var memory = bench.Memory;
        if (memory.Agreed is not { } before || !Gap.ExceedsOf(reading.Price, before.Price, bench.Thresholds.Jump))
        {
            return bench.Take(bench.Places[0]);
        }

        var next = memory.Jump is not { } jump || Gap.ExceedsOf(reading.Price, jump.Price, bench.Thresholds.Jump)
            ? memory with { Jump = reading, Confirmed = 0 }
            : reading.Version.CompareTo(jump.Version) > 0 && reading.Provider == jump.Provider
                ? memory with { Jump = reading, Confirmed = memory.Confirmed + 1 }
                : memory;
        return next.Confirmed >= AggregationPolicy.Confirmations
            ? bench.Take(bench.Places[0])
            : new() { Value = before with { IsQuarantined = true }, Memory = next };
    }
}
