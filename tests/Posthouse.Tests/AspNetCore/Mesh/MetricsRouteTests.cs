using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Mesh;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.AspNetCore.Mesh;

public sealed class MetricsRouteTests
{
    /// <summary>The names of the original's guide, and of what else somebody who watches over a node asks for.</summary>
    private static readonly string[] _named =
    [
        "mesh_provider_fetch_success_total", "mesh_provider_fetch_attempts_total", "mesh_provider_slot_rank", "mesh_provider_takeovers_total", "mesh_provider_broadcast_attempts_total", "mesh_provider_broadcast_success_total",
        "mesh_provider_api_latency_seconds_count", "mesh_network_active_providers", "mesh_network_connected_peers", "mesh_message_propagation_latency_seconds_count",
        "mesh_cache_hits_total", "mesh_cache_misses_total", "mesh_cache_data_age_seconds", "mesh_seen_messages_cache_size", "mesh_network_peers_joined_total",
        "mesh_network_peers_left_total", "mesh_messages_refused_total{reason=\"Duplicate\"}", "mesh_send_queue_dropped_total{class=\"control\",reason=\"full\"}",
        "mesh_send_queue_dropped_total{class=\"data\",reason=\"late\"}", "mesh_tier_state{tier=\"prices.db\",state=\"half_open\"}", "mesh_tier_failures_total{tier=\"prices.db\"}",
    ];

    [Fact]
    public async Task A_collector_reads_what_the_node_counted()
    {
        using var folder = TempFolder.InMemory();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMesh(new MeshOptions
        {
            Folder = folder.Path,
            Trust = TrustMode.Open,
            Source = new SourceOptions { Assets = ["BTC"], Speed = 10_000, Faults = "500,ok" },
            Provide = true,
            Slots = new() { Interval = TimeSpan.FromSeconds(1), Spread = TimeSpan.Zero },
        });
        await using var app = builder.Build();
        app.MapMesh();
        await app.StartAsync();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(app.Urls.First().Replace("http:", "ws:", StringComparison.Ordinal) + "/ws"), default);
        // What is told first was never accepted while this watcher was there; the two updates after it were.
        for (var updates = 0; updates < 2; updates += await ReadAsync(socket) is "PriceMeshUpdate" ? 1 : 0)
        {
        }

        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var counted = PrometheusReader.Parse(await http.GetStringAsync("/api/mesh/metrics"));
        foreach (var name in _named)
            counted.ShouldContainKey(name);
        counted["mesh_provider_fetch_failures_total{kind=\"ServerFailed\"}"].ShouldBePositive();
        var successes = counted["mesh_provider_fetch_success_total"];
        successes.ShouldBePositive();
        counted["mesh_provider_fetch_attempts_total"].ShouldBe(successes + counted["mesh_provider_fetch_failures_total{kind=\"ServerFailed\"}"]);
        counted["mesh_provider_api_latency_seconds_count"].ShouldBeGreaterThanOrEqualTo(counted["mesh_provider_fetch_attempts_total"]);
        (counted["mesh_provider_broadcast_attempts_total"] >= 2, counted["mesh_provider_broadcast_success_total"]).ShouldBe((true, 0), "it has no peer");
        // The last one may still be on its way back from the socket.
        counted["mesh_websocket_latency_seconds_count"].ShouldBeGreaterThanOrEqualTo(1);
        counted["mesh_tier_state{tier=\"prices.db\",state=\"closed\"}"].ShouldBe(1);
    }

    [Fact]
    public void Values_are_told_in_the_order_and_the_words_of_the_format()
    {
        var text = MetricsRoute.Text([new("mesh_a_total", "counter", "Help", [([KeyValuePair.Create("x", "a\"b\\c\nd")], 1e20)]), new("mesh_none", "gauge", "Help", [])]);
        PrometheusReader.Parse(text)["mesh_a_total{x=\"a\\\"b\\\\c\\nd\"}"].ShouldBe(1e20);
        text.ShouldNotContain("mesh_none");
    }

    /// <summary>The kind of the next message.</summary>
    private static async Task<string> ReadAsync(ClientWebSocket socket)
    {
        var (buffer, length) = (new byte[1 << 16], 0);
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), default);
            length += part.Count;
            if (part.EndOfMessage) { return Encoding.UTF8.GetString(buffer, 0, length).Split('"')[3]; }
        }
    }
}
