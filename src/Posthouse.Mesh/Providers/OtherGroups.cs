using Posthouse.Mesh.Network;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers;

/// <summary>
/// Whether this node's assets are provided by others who read more than these, or some of them. A beacon names a group by a number alone;
/// what the group reads is learnt from what its members tell.
/// </summary>
internal sealed class OtherGroups(PromotionOptions options)
{
    /// <summary>Groups remembered: as many as there may be providers. What is forgotten is learnt again in the next slot.</summary>
    private const int MaxGroups = MembershipOptions.MaxProviders;

    private readonly Dictionary<ulong, Dictionary<AssetKey, ulong>> _told = [];
    private readonly HashSet<AssetKey> _own = [];
    private readonly HashSet<AssetKey> _open = [];

    /// <summary>The node has a source for these assets.</summary>
    public void Begin(IReadOnlyList<AssetKey> assets)
    {
        _told.Clear();
        _own.Clear();
        _own.UnionWith(assets);
    }

    /// <summary>A member of another group told prices.</summary>
    /// <param name="group">Which.</param>
    /// <param name="prices">What.</param>
    /// <param name="slot">In which slot, by this node's clock.</param>
    public void OnPrices(ulong group, IReadOnlyList<PriceReading> prices, ulong slot)
    {
        if (_told.Count >= MaxGroups && !_told.ContainsKey(group))
            _told.Clear();
        if (!_told.TryGetValue(group, out var told))
            _told.Add(group, told = []);
        foreach (var price in prices)
        {
            if (_own.Contains(price.Key))
                told[price.Key] = slot;
        }
    }

    /// <summary>Whether somebody who is alive provides each of the assets. One that has just come is thought to until its beacon says what it reads.</summary>
    /// <param name="known">All providers but this node.</param>
    /// <param name="own">This node's group.</param>
    /// <param name="slot">The present slot. What a group has not told for longer than it takes to stand in for somebody it does not provide.</param>
    /// <param name="now">When, on the steady clock.</param>
    /// <param name="standIns">Whether those count who only stand in.</param>
    public bool Provide(IEnumerable<ProviderRecord> known, ulong own, ulong slot, TimeSpan now, bool standIns)
    {
        _open.Clear();
        _open.UnionWith(_own);
        foreach (var record in known)
        {
            if (!record.IsAlive || (record.IsStandingIn && !standIns))
                continue;
            if (record.MayBeOf(own, now))
                return true;
            if (record.Group is { } group && _told.TryGetValue(group, out var told))
                Close(told, slot);
        }

        return _open.Count == 0 && _own.Count > 0;
    }

    private void Close(Dictionary<AssetKey, ulong> told, ulong slot)
    {
        foreach (var (key, last) in told)
        {
            if ((long)(slot - last) <= options.After + 1)
                _open.Remove(key);
        }
    }
}
