using System.Runtime.InteropServices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>What became of a reading that was offered to the map.</summary>
internal enum MergeOutcome
{
    /// <summary>It is the newest of its provider now.</summary>
    Newer,

    /// <summary>It is held already.</summary>
    Same,

    /// <summary>A newer one is held.</summary>
    Older,

    /// <summary>Refused: <see cref="PriceMap.MaxAssets"/> are held.</summary>
    TooManyAssets,

    /// <summary>Refused: <see cref="PriceMap.MaxProviders"/> are held for the asset.</summary>
    TooManyProviders,

    /// <summary>It is older than its asset's prices are kept.</summary>
    Expired,
}

/// <summary>
/// The newest reading of each asset by each provider. Merging is the join of a semilattice: in whatever order and however often
/// readings come, nodes that heard the same hold the same. The limits are the one exception; they bind only in a mesh whose providers
/// nobody chose.
/// </summary>
internal sealed class PriceMap
{
    /// <summary>Most assets: eight full updates without one asset in common.</summary>
    public const int MaxAssets = 4_096;

    /// <summary>Most providers of one asset: more than any policy profits from, and what a flood of new identities can fill.</summary>
    public const int MaxProviders = 64;

    private readonly Dictionary<AssetKey, List<HeldPrice>> _assets = [];

    /// <summary>Assets with at least one reading.</summary>
    public int Assets => _assets.Count;

    /// <summary>All assets, in no order.</summary>
    public IReadOnlyCollection<AssetKey> Keys => _assets.Keys;

    /// <summary>A hash for each bucket; equal where two maps hold the same.</summary>
    public DigestBuckets Digest { get; } = new();

    /// <summary>The readings of an asset by provider; empty if there are none. Valid until the next change.</summary>
    public ReadOnlySpan<HeldPrice> ReadingsOf(AssetKey key) =>
        _assets.TryGetValue(key, out var readings) ? CollectionsMarshal.AsSpan(readings) : [];

    /// <summary>Joins one reading into the map.</summary>
    public MergeOutcome Merge(HeldPrice price)
    {
        if (!_assets.TryGetValue(price.Key, out var readings))
        {
            if (_assets.Count >= MaxAssets)
            {
                return MergeOutcome.TooManyAssets;
            }

            _assets.Add(price.Key, readings = new(1));
        }

        var at = Find(readings, price.Provider);
        return at >= 0 ? Replace(readings, at, price)
            : readings.Count >= MaxProviders ? MergeOutcome.TooManyProviders
            : Insert(readings, ~at, price);
    }

    /// <summary>Whether a message has a reading that is newer than what is held of its provider.</summary>
    public bool LacksAnyOf(PriceUpdate update, MessageId id)
    {
        foreach (var reading in update.Prices)
        {
            if (!_assets.TryGetValue(reading.Key, out var readings) || Find(readings, update.Provider) is var at && at < 0
                || readings[at].Version.CompareTo(new PriceVersion(reading.ObservedAt, update.Stamp, id)) < 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Drops all readings of an asset that were observed before <paramref name="limit"/>; returns whether there was one.</summary>
    public bool DropBefore(AssetKey key, DateTimeOffset limit)
    {
        if (!_assets.TryGetValue(key, out var readings))
        {
            return false;
        }

        var held = readings.Count;
        for (var at = readings.Count - 1; at >= 0; at--)
        {
            if (readings[at].ObservedAt < limit)
            {
                Digest.Toggle(readings[at].Item);
                readings.RemoveAt(at);
            }
        }

        var dropped = readings.Count < held;
        if (readings.Count == 0)
        {
            _assets.Remove(key);
        }

        return dropped;
    }

    /// <summary>Lists all readings of the buckets that differ from another map's.</summary>
    /// <param name="others">The other map's hashes.</param>
    /// <param name="found">Takes the readings.</param>
    public void ListDiffering(ReadOnlySpan<ulong> others, List<HeldPrice> found)
    {
        foreach (var readings in _assets.Values)
        {
            foreach (var price in readings)
            {
                if (Digest.Differs(price.Bucket, others))
                {
                    found.Add(price);
                }
            }
        }
    }

    private static int Find(List<HeldPrice> readings, NodeId provider)
    {
        var (low, high) = (0, readings.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = readings[middle].Provider.CompareTo(provider);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    private MergeOutcome Insert(List<HeldPrice> readings, int at, HeldPrice price)
    {
        readings.Insert(at, price);
        price.Bucket = DigestBuckets.BucketOf(price.Key, price.Provider);
        Digest.Toggle(price.Item);
        return MergeOutcome.Newer;
    }

    private MergeOutcome Replace(List<HeldPrice> readings, int at, HeldPrice price)
    {
        var held = readings[at];
        var order = price.Version.CompareTo(held.Version);
        if (order > 0)
        {
            price.Bucket = held.Bucket;
            Digest.Toggle(held.Item);
            readings[at] = price;
            Digest.Toggle(price.Item);
            return MergeOutcome.Newer;
        }

        if (order == 0 && price.Origin == PriceOrigin.Live)
        {
            held.Origin = PriceOrigin.Live;
        }

        return order == 0 ? MergeOutcome.Same : MergeOutcome.Older;
    }
}
