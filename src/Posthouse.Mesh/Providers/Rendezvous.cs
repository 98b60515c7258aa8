using System.Runtime.InteropServices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers;

/// <summary>
/// Puts providers in an order that every node finds by itself: each draws a number from the hash of its id and the occasion, and the
/// least cost −ln(u)/weight comes first (weighted rendezvous hashing). Over many occasions each is first as often as its weight says,
/// and one that leaves moves nobody but itself.
/// </summary>
internal static class Rendezvous
{
    /// <summary>The occasion that is a slot of a group of assets.</summary>
    public static ulong Occasion(ulong slot, ulong group) => Mix(slot ^ Mix(group));

    /// <summary>Sorts those that can serve to the front, the first choice first.</summary>
    /// <returns>How many can serve: neither degraded nor without weight.</returns>
    public static int Sort(List<SlotCandidate> candidates, ulong occasion)
    {
        var span = CollectionsMarshal.AsSpan(candidates);
        Span<double> costs = span.Length <= 64 ? stackalloc double[span.Length] : new double[span.Length];
        var able = 0;
        for (var at = 0; at < span.Length; at++)
        {
            var can = span[at].Weight > 0 && !span[at].IsDegraded;
            costs[at] = can ? Cost(span[at], occasion) : double.PositiveInfinity;
            able += can ? 1 : 0;
        }

        costs.Sort(span);
        return able;
    }

    /// <summary>The rank of one among those that can serve, from 0; −1: it cannot.</summary>
    public static int RankOf(List<SlotCandidate> sorted, int able, NodeId id)
    {
        for (var rank = 0; rank < able; rank++)
        {
            if (sorted[rank].Id == id)
            {
                return rank;
            }
        }

        return -1;
    }

    /// <summary>Spreads a number over all 64 bits (the finaliser of SplitMix64): the same on every system, for ranks are.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private static double Cost(in SlotCandidate candidate, ulong occasion)
    {
        var drawn = Mix(HashOf(candidate.Id) ^ occasion);
        var share = ((drawn >> 11) + 1) * (1.0 / ((1UL << 53) + 1)); // in (0, 1)
        return -Math.Log(share) / candidate.Weight;
    }

    private static ulong HashOf(NodeId id)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        id.Write(bytes);
        var (high, low) = (System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes), System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
        return Mix(high ^ Mix(low));
    }
}
