using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers;

/// <summary>
/// Which of this node's own assets were told in the present slot, and how often. One price is not a slot: a partial answer or a tick of a
/// stream covers what it brings, and whatever it leaves is the next rank's.
/// </summary>
internal sealed class SlotCover
{
    private readonly Dictionary<AssetKey, int> _told = [];
    private readonly HashSet<(NodeId Provider, AssetKey Key)> _counted = [];
    private readonly HashSet<AssetKey> _lacking = [];
    private readonly HashSet<AssetKey> _excused = [];
    private IReadOnlyList<AssetKey> _assets = [];

    /// <summary>
    /// How many providers have told each asset: the number of the asset that fewest have told, 0 without assets. What this node's own source
    /// did not have when it was last asked does not count: taking over would not bring it, and a price that no vendor has any more would make
    /// every provider ask in every slot.
    /// </summary>
    public int Served
    {
        get
        {
            var least = int.MaxValue;
            foreach (var key in _assets)
                least = _excused.Contains(key) ? least : Math.Min(least, _told.GetValueOrDefault(key));
            return least == int.MaxValue ? 0 : least;
        }
    }

    /// <summary>The node has a source for these assets.</summary>
    public void Begin(IReadOnlyList<AssetKey> assets)
    {
        _assets = assets;
        _lacking.Clear();
        NextSlot();
    }

    /// <summary>The slot is over.</summary>
    public void NextSlot()
    {
        _told.Clear();
        _counted.Clear();
        _excused.Clear();
        _excused.UnionWith(_lacking);
    }

    /// <summary>A provider told prices of the present slot.</summary>
    public void OnPrices(NodeId provider, IReadOnlyList<PriceReading> prices)
    {
        foreach (var price in prices)
        {
            if (_counted.Add((provider, price.Key)))
                _told[price.Key] = _told.GetValueOrDefault(price.Key) + 1;
        }
    }

    /// <summary>The own source answered; what it left out counts no more from the next slot on, until it has it again.</summary>
    public void OnAnswer(IReadOnlyList<AssetKey> asked, IReadOnlySet<AssetKey> got)
    {
        foreach (var key in asked)
        {
            if (got.Contains(key))
                _lacking.Remove(key);
            else
                _lacking.Add(key);
        }
    }

    /// <summary>The assets that fewer providers have told than are to; all of them where none is.</summary>
    public IReadOnlyList<AssetKey> Missing(int times)
    {
        var missing = new List<AssetKey>(_assets.Count);
        foreach (var key in _assets)
        {
            if (_told.GetValueOrDefault(key) < times)
                missing.Add(key);
        }

        return missing.Count > 0 ? missing : _assets;
    }
}
