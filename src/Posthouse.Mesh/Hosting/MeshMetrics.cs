using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>One metric with its values.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
/// <param name="Help">What it counts.</param>
/// <param name="Values">Each value behind what tells it apart; of a histogram there is none.</param>
/// <param name="Times">The durations of a histogram, else null.</param>
internal sealed record MeshMetric(string Name, string Type, string Help, IReadOnlyList<(KeyValuePair<string, string>[] Labels, double Value)> Values, Histogram? Times = null);

/// <summary>All metrics of a node. Their names are the original's where it named one; they are append-only.</summary>
internal static class MeshMetrics
{
    /// <summary>Reads them. On the engine's loop.</summary>
    public static IReadOnlyList<MeshMetric> Of(GossipNode engine, MeshNode node, NodeParts parts, Moment now)
    {
        var status = node.GetStatus();
        return [.. OfProvider(engine, parts, status), .. OfNetwork(engine, node, status, now), .. OfMessages(engine, parts), .. OfPrices(engine, node, parts, status)];
    }

    private static IEnumerable<MeshMetric> OfProvider(GossipNode engine, NodeParts parts, NetworkStatus status)
    {
        var failures = Enum.GetValues<SourceFaultKind>().Select(kind => (Label("kind", kind.ToString()), (double)parts.Desk.Failures(kind))).ToList();
        return
        [
            Gauge("mesh_is_provider", "Whether this node provides", status.SelfIsProvider ? 1 : 0),
            Counter("mesh_provider_fetch_attempts_total", "Fetches from this node's source", parts.Desk.Fetches + (long)failures.Sum(failure => failure.Item2)),
            Counter("mesh_provider_fetch_success_total", "Fetches that brought prices", parts.Desk.Fetches),
            new("mesh_provider_fetch_failures_total", "counter", "Fetches that brought none, by how the source failed", failures),
            Times("mesh_provider_api_latency_seconds", "Time that the source took to answer or to fail", parts.Desk.Latency),
            Gauge("mesh_provider_slot_rank", "This node's rank in the present slot, from 0; -1: it has none", engine.Turns.Rank),
            Counter("mesh_provider_takeovers_total", "Fetches because nobody before this node had delivered", engine.Turns.TakeOvers),
            Counter("mesh_provider_broadcast_attempts_total", "Messages of this node's own prices", engine.Voice.Broadcasts),
            Counter("mesh_provider_broadcast_success_total", "Those of them that went to at least one peer", engine.Voice.Delivered),
        ];
    }

    private static IEnumerable<MeshMetric> OfNetwork(GossipNode engine, MeshNode node, NetworkStatus status, Moment now) =>
        [
            Gauge("mesh_network_active_providers", "Providers that are alive", status.ActiveProviders.Count),
            Gauge("mesh_network_connected_peers", "Open connections to other nodes", status.ConnectedPeers),
            Gauge("mesh_network_size", "Nodes of the mesh, estimated", status.TotalNetworkSize),
            Gauge("mesh_network_max_peers", "Connections that it may have", node.Options.Outbound + node.Options.MaxInbound),
            Counter("mesh_network_peers_joined_total", "Connections to other nodes that were made", engine.Near.Joined),
            Counter("mesh_network_peers_left_total", "Those of them that ended", engine.Near.Left),
            Gauge("mesh_network_offline_seconds", "Time without any provider", engine.Book.Network.GetOfflineDuration(now)?.TotalSeconds ?? 0),
            Gauge("mesh_gossip_degree", "Peers to whom messages are passed on at once", engine.Near.Up.Count(link => link.IsInMesh)),
            Gauge("mesh_clock_error_seconds", "By how much this machine's clock is behind its peers'", engine.ClockError.TotalSeconds),
        ];

    private static IEnumerable<MeshMetric> OfMessages(GossipNode engine, NodeParts parts) =>
        [
            Times("mesh_message_propagation_latency_seconds", "Time from a publication to its arrival here", parts.Counters.Propagation),
            Counter("mesh_messages_accepted_total", "Messages that were taken", engine.Counts[Refusal.None]),
            new("mesh_messages_refused_total", "counter", "Messages that were not taken, by reason",
                [.. Enum.GetValues<Refusal>().Where(reason => reason != Refusal.None).Select(reason => (Label("reason", reason.ToString()), (double)engine.Counts[reason]))]),
            new("mesh_validation_failures_total", "counter", "Messages that no honest node passes on, by who sent them; from more than 64 nodes, under other",
                [.. engine.Near.Rejected.OrderBy(node => node.Key).Select(node => (Label("node", node.Key.IsNil ? "other" : node.Key.ToString()), (double)node.Value))]),
            new("mesh_send_queue_dropped_total", "counter", "Frames that a peer did not take in time, by class and why",
                [.. Enum.GetValues<Urgency>().SelectMany(urgency => Drops(urgency, parts.Sockets.Drops))]),
            Gauge("mesh_seen_messages_cache_size", "Ids of messages that are remembered", engine.Seen.Count),
        ];

    private static IEnumerable<MeshMetric> OfPrices(GossipNode engine, MeshNode node, NodeParts parts, NetworkStatus status) =>
        [
            Counter("mesh_cache_hits_total", "Reads of a price that is known", parts.Counters.Hits),
            Counter("mesh_cache_misses_total", "Reads of a price that is not", parts.Counters.Misses),
            Gauge("mesh_cache_data_age_seconds", "Age of the oldest served price", status.OldestAssetAgeSeconds ?? 0),
            Gauge("mesh_cache_assets", "Assets with a price", node.Snapshot.Values.Count),
            Tiers("mesh_tier_waiting", "Prices that wait to be written", parts, tier => tier.Waiting),
            Tiers("mesh_tier_lag_seconds", "For how long the first of them has waited", parts, tier => tier.Lag.TotalSeconds),
            Tiers("mesh_tier_available", "Whether the tier answers", parts, tier => tier.State == TierState.Open ? 0 : 1),
            new("mesh_tier_state", "gauge", "Which state the tier's breaker is in: 1 there, 0 elsewhere",
                [.. from tier in parts.Cache.Tiers from state in Enum.GetValues<TierState>() select (Breaker(tier, state), tier.State == state ? 1d : 0d)]),
            new("mesh_tier_failures_total", "counter", "Calls to the tier that failed or were late", [.. parts.Cache.Tiers.Select(tier => (Label("tier", tier.Name), (double)tier.Failures))]),
            Gauge("mesh_watchers", "WebSockets that watch prices", node.Feed.Count),
            Times("mesh_websocket_latency_seconds", "Time from the acceptance of a price until it was sent to a watcher that did not ask to wait", parts.Counters.Delivery),
        ];

    private static MeshMetric Counter(string name, string help, long value) => new(name, "counter", help, [([], value)]);

    private static MeshMetric Gauge(string name, string help, double value) => new(name, "gauge", help, [([], value)]);

    private static MeshMetric Tiers(string name, string help, NodeParts parts, Func<TierReport, double> value) =>
        new(name, "gauge", help, [.. parts.Cache.Tiers.Select(tier => (Label("tier", tier.Name), value(tier)))]);

    private static (KeyValuePair<string, string>[], double)[] Drops(Urgency urgency, QueueDrops drops)
    {
        var name = urgency == Urgency.Control ? "control" : "data";
        return [(Label("class", name, ("reason", "full")), drops[urgency, isLate: false]), (Label("class", name, ("reason", "late")), drops[urgency, isLate: true])];
    }

    private static KeyValuePair<string, string>[] Breaker(TierReport tier, TierState state) => Label("tier", tier.Name, ("state", state switch
    {
        TierState.Closed => "closed",
        TierState.Open => "open",
        _ => "half_open",
    }));

    private static MeshMetric Times(string name, string help, Histogram times) => new(name, "histogram", help, [], times);

    private static KeyValuePair<string, string>[] Label(string name, string value, params (string Name, string Value)[] more) =>
        [.. more.Prepend((name, value)).Select(label => KeyValuePair.Create(label.Item1, label.Item2))];
}
