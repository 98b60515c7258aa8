using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>A provider as this node knows it.</summary>
/// <param name="NodeId">Who.</param>
/// <param name="State"><c>active</c>, <c>suspect</c>, <c>degraded</c>, <c>flapping</c> or <c>inactive</c>.</param>
/// <param name="IsSelf">Whether it is this node.</param>
/// <param name="IsStandingIn">Whether it stands in for missing providers.</param>
/// <param name="HopCount">How far away; null: not known.</param>
/// <param name="FirstSeen">When it was first heard; this node itself: when it first provided.</param>
/// <param name="LastSeen">When it was last heard.</param>
/// <param name="Health">How well it served in the last hours, 0 to 100.</param>
/// <param name="BudgetPermille">What is left of its vendor's quota, in thousandths; null: not told.</param>
/// <param name="Assets">Assets of which it has told a price.</param>
public sealed record MeshProvider(
    NodeId NodeId, string State, bool IsSelf, bool IsStandingIn, int? HopCount, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, double Health, int? BudgetPermille, int Assets);

/// <summary>A peer with an open connection.</summary>
/// <param name="NodeId">Who.</param>
/// <param name="Address">Where it takes connections; empty: not told.</param>
/// <param name="Outbound">Whether this node dialled.</param>
/// <param name="InMesh">Whether messages are passed on to it at once.</param>
/// <param name="ConnectedSeconds">For how long.</param>
/// <param name="Score">What its conduct is worth; below 0 it is kept at a distance.</param>
/// <param name="IsProvider">Whether it is known to be a provider that is alive.</param>
public sealed record MeshPeer(NodeId NodeId, string Address, bool Outbound, bool InMesh, long ConnectedSeconds, double Score, bool IsProvider);

/// <summary>Makes lists for people of what the engine knows. On the engine's loop.</summary>
internal static class MeshLists
{
    /// <summary>All known providers, those that are alive first, the nearest first.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="since">When this node first provided; null: never.</param>
    /// <param name="now">When.</param>
    public static IReadOnlyList<MeshProvider> Providers(GossipNode engine, DateTimeOffset? since, Moment now)
    {
        var tracker = engine.Book.Network;
        var assets = AssetsByProvider(engine.Book.Map);
        var listed = new List<MeshProvider>();
        if (engine.IsProvider)
        {
            var alive = tracker.View.Active.FirstOrDefault(one => one.NodeId == engine.Id);
            listed.Add(new(engine.Id, engine.Turns.IsDegraded ? "degraded" : "active", IsSelf: true, engine.Turns.IsStandingIn, 0, since ?? now.Wall, alive?.LastSeen ?? now.Wall,
                Math.Round(engine.Turns.Health(now), 1), engine.Turns.Permille(now), assets.GetValueOrDefault(engine.Id)));
        }

        foreach (var record in tracker.Known)
            listed.Add(Of(record, assets.GetValueOrDefault(record.Id), now));
        return [.. listed.OrderBy(one => one.State == "inactive").ThenBy(one => one.HopCount ?? ProviderInfo.UnknownHops).ThenBy(one => one.NodeId)];
    }

    /// <summary>All peers, the longest connected first.</summary>
    public static IReadOnlyList<MeshPeer> Peers(GossipNode engine, Moment now) =>
    [
        .. engine.Near.Up
            .Select(link => new MeshPeer(link.Id, link.Address, link.IsOutbound, link.IsInMesh, (long)(now.Steady - link.Since).TotalSeconds,
                Math.Round(engine.Near.Scores.Value(link.Id, now.Steady), 2), engine.Book.Network.Find(link.Id) is { IsAlive: true }))
            .OrderByDescending(peer => peer.ConnectedSeconds).ThenBy(peer => peer.NodeId),
    ];

    private static MeshProvider Of(ProviderRecord record, int assets, Moment now) => new(
        record.Id,
        record.HeldUntil is not null ? "flapping" : record.IsDegraded ? "degraded" : record.State switch
        {
            Liveness.Active => "active",
            Liveness.Suspect => "suspect",
            _ => "inactive",
        },
        IsSelf: false,
        record.IsStandingIn,
        record.Hops.Least(now.Steady),
        record.FirstSeen,
        record.LastSeen.Wall,
        Math.Round(record.Health.Score(now.Wall), 1),
        record.Beacon?.Budget,
        assets);

    private static Dictionary<NodeId, int> AssetsByProvider(PriceMap map)
    {
        var counts = new Dictionary<NodeId, int>();
        foreach (var key in map.Keys)
        {
            foreach (var reading in map.ReadingsOf(key))
                counts[reading.Provider] = counts.GetValueOrDefault(reading.Provider) + 1;
        }

        return counts;
    }
}
