using System.Globalization;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>One metric with its values.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
/// <param name="Help">What it counts.</param>
/// <param name="Values">Each value behind what tells it apart, <c>{reason="…"}</c> or nothing.</param>
internal sealed record MeshMetric(string Name, string Type, string Help, IReadOnlyList<(string Labels, double Value)> Values);

/// <summary>All metrics of a node. Their names are the original's where it named one; they are append-only.</summary>
internal static class MeshMetrics
{
    /// <summary>Reads them. On the engine's loop.</summary>
    public static IReadOnlyList<MeshMetric> Of(GossipNode engine, MeshNode node, NodeParts parts, Moment now)
    {
        var status = node.GetStatus();
        var offline = engine.Book.Network.GetOfflineDuration(now);
        return
        [
            Counter("mesh_provider_fetch_attempts_total", "Fetches from this node's source", parts.Desk.Fetches + parts.Desk.Failures),
            Counter("mesh_provider_fetch_success_total", "Fetches that brought prices", parts.Desk.Fetches),
            Gauge("mesh_network_active_providers", "Providers that are alive", status.ActiveProviders.Count),
            Gauge("mesh_network_connected_peers", "Open connections to other nodes", status.ConnectedPeers),
            Gauge("mesh_network_size", "Nodes of the mesh, estimated", status.TotalNetworkSize),
            Gauge("mesh_network_offline_seconds", "Time without any provider", offline?.TotalSeconds ?? 0),
            Gauge("mesh_gossip_degree", "Peers to whom messages are passed on at once", engine.Near.Up.Count(link => link.IsInMesh)),
            Travel(parts.Counters),
            Counter("mesh_messages_accepted_total", "Messages that were taken", engine.Counts[Refusal.None]),
            new("mesh_messages_refused_total", "counter", "Messages that were not taken, by reason",
                [.. Enum.GetValues<Refusal>().Where(reason => reason != Refusal.None).Select(reason => ($"{{reason=\"{reason}\"}}", (double)engine.Counts[reason]))]),
            Gauge("mesh_seen_messages_cache_size", "Ids of messages that are remembered", engine.Seen.Count),
            Counter("mesh_cache_hits_total", "Reads of a price that is known", parts.Counters.Hits),
            Counter("mesh_cache_misses_total", "Reads of a price that is not", parts.Counters.Misses),
            Gauge("mesh_cache_data_age_seconds", "Age of the oldest served price", status.OldestAssetAgeSeconds ?? 0),
            Gauge("mesh_cache_assets", "Assets with a price", node.Snapshot.Values.Count),
            Tiers("mesh_tier_waiting", "Prices that wait to be written", parts, tier => tier.Waiting),
            Tiers("mesh_tier_lag_seconds", "For how long the first of them has waited", parts, tier => tier.Lag.TotalSeconds),
            Tiers("mesh_tier_available", "Whether the tier answers", parts, tier => tier.State == TierState.Open ? 0 : 1),
            Gauge("mesh_clock_error_seconds", "By how much this machine's clock is behind its peers'", engine.ClockError.TotalSeconds),
            Gauge("mesh_watchers", "WebSockets that watch prices", node.Feed.Count),
            Gauge("mesh_is_provider", "Whether this node provides", status.SelfIsProvider ? 1 : 0),
        ];
    }

    private static MeshMetric Counter(string name, string help, long value) => new(name, "counter", help, [("", value)]);

    private static MeshMetric Gauge(string name, string help, double value) => new(name, "gauge", help, [("", value)]);

    private static MeshMetric Tiers(string name, string help, NodeParts parts, Func<TierReport, double> value) =>
        new(name, "gauge", help, [.. parts.Cache.Tiers.Select(tier => ($"{{tier=\"{tier.Name}\"}}", value(tier)))]);

    private static MeshMetric Travel(MeshCounters counters)
    {
        var (values, sum) = (new List<(string, double)>(), 0L);
        var travels = counters.Travels;
        for (var at = 0; at < travels.Length; at++)
        {
            sum += travels[at];
            var bound = at < MeshCounters.Bounds.Length ? MeshCounters.Bounds[at].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
            values.Add(($"_bucket{{le=\"{bound}\"}}", sum));
        }

        values.Add(("_sum", counters.TravelledSeconds));
        values.Add(("_count", sum));
        return new("mesh_message_propagation_latency_seconds", "histogram", "Time from a publication to its arrival here", values);
    }
}
