using System.Numerics;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers;

/// <summary>When a consumer stands in for providers.</summary>
public sealed record PromotionOptions
{
    /// <summary>Whether this node may. Default false: it spends the quota of its key.</summary>
    public bool Promote { get; init; }

    /// <summary>Intervals without a live provider before it does. Default 2.</summary>
    public int After { get; init; } = 2;

    /// <summary>Intervals with a live configured provider before it stops. Default 3.</summary>
    public int Until { get; init; } = 3;
}

/// <summary>What becomes of a consumer at the beginning of a slot.</summary>
internal enum PromotionStep
{
    /// <summary>Nothing.</summary>
    Stay,

    /// <summary>It provides from now on.</summary>
    Promote,

    /// <summary>It says goodbye and provides no more.</summary>
    StepDown,
}

/// <summary>
/// Decides whether this consumer stands in for missing providers. In every slot exactly one of those who could is the first choice, so
/// no two begin in one slot; the next slot already hears the beacon of the one that did.
/// </summary>
internal sealed class Promotion(PromotionOptions options, NodeId self)
{
    private const int MaxWeight = 16;

    private ulong? _emptySince;
    private ulong? _backSince;

    /// <summary>Whether this node provides by promotion.</summary>
    public bool IsPromoted { get; private set; }

    /// <summary>The weight of a node that has been up for a time, 1 to 16: doubled uptime counts one more.</summary>
    public static int WeightOf(TimeSpan uptime) => Math.Min(MaxWeight, 1 + BitOperations.Log2((uint)Math.Clamp(uptime.TotalHours + 1, 1, 1 << 20)));

    /// <summary>The node does not stand in any more.</summary>
    public void End() => IsPromoted = false;

    /// <summary>Decides at the beginning of a slot.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="isProvided">Whether configured providers of this node's assets are alive.</param>
    /// <param name="isStoodIn">Whether they are, or other promoted consumers.</param>
    /// <param name="hasSource">Whether this node has a source that works.</param>
    /// <param name="candidates">All consumers that could be promoted for these assets, this one among them, weighted by uptime; sorted in place.</param>
    public PromotionStep OnSlot(ulong slot, bool isProvided, bool isStoodIn, bool hasSource, List<SlotCandidate> candidates)
    {
        _emptySince = isProvided || isStoodIn || IsPromoted ? null : _emptySince ?? slot;
        _backSince = isProvided ? _backSince ?? slot : null;
        if (IsPromoted)
        {
            IsPromoted = !(_backSince is { } back && (long)(slot - back) >= options.Until);
            return IsPromoted ? PromotionStep.Stay : PromotionStep.StepDown;
        }

        if (!options.Promote || !hasSource || _emptySince is not { } empty || (long)(slot - empty) < options.After)
        {
            return PromotionStep.Stay;
        }

        var able = Rendezvous.Sort(candidates, Rendezvous.Occasion(slot, uint.MaxValue));
        IsPromoted = Rendezvous.RankOf(candidates, able, self) == 0;
        return IsPromoted ? PromotionStep.Promote : PromotionStep.Stay;
    }
}
