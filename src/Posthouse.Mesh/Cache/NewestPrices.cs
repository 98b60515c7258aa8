using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Cache;

/// <summary>The newest price of each provider for each asset, for any number of threads: what a tier that lost everything is given again.</summary>
internal sealed class NewestPrices
{
    /// <summary>Most prices: sixteen providers for every asset of a full map. Beyond it prices are still written, but not given again.</summary>
    public const int MaxPrices = 65_536;

    private readonly Lock _lock = new();
    private readonly Dictionary<(AssetKey Key, NodeId Provider), KeptPrice> _newest = [];

    /// <summary>Prices held.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _newest.Count;
        }
    }

    /// <summary>Takes a price; false where the same or a newer one is held.</summary>
    public bool TryTake(KeptPrice price)
    {
        lock (_lock)
        {
            if (_newest.TryGetValue((price.Key, price.Provider), out var held))
            {
                if (price.Version.CompareTo(held.Version) <= 0)
                    return false;
            }
            else if (_newest.Count >= MaxPrices)
            {
                return true;
            }

            _newest[(price.Key, price.Provider)] = price;
            return true;
        }
    }

    /// <summary>All of them, in no order.</summary>
    public IReadOnlyList<KeptPrice> ToList()
    {
        lock (_lock)
            return [.. _newest.Values];
    }

    /// <summary>Forgets the prices of an asset that were observed before a time.</summary>
    public void Forget(AssetKey key, DateTimeOffset before)
    {
        lock (_lock)
        {
            foreach (var (place, price) in _newest)
            {
                if (place.Key == key && price.Reading.ObservedAt < before)
                    _newest.Remove(place);
            }
        }
    }
}
