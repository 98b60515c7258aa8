using System.Text.Json;
using Posthouse.Mesh;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;

namespace Posthouse.Tests.Mesh.Prices;

public sealed class DataFreshnessTests
{
    [Theory]
    [Trait("Requirement", "7.1")]
    [Trait("Requirement", "7.2")]
    [Trait("Requirement", "7.3")]
    [Trait("Requirement", "7.4")]
    [InlineData(-5, "\"JustNow\"", "just now")]
    [InlineData(0, "\"JustNow\"", "just now")]
    [InlineData(59.999, "\"JustNow\"", "just now")]
    [InlineData(60, "{\"MinutesAgo\":1}", "1 minute ago")]
    [InlineData(3_599.999, "{\"MinutesAgo\":59}", "59 minutes ago")]
    [InlineData(3_600, "{\"HoursAgo\":1}", "1 hour ago")]
    [InlineData(86_399.999, "{\"HoursAgo\":23}", "23 hours ago")]
    [InlineData(86_400, "\"Stale\"", "stale")]
    public void Each_age_has_its_words_and_its_json(double seconds, string json, string words)
    {
        var freshness = DataFreshness.Of(TimeSpan.FromSeconds(seconds));
        JsonSerializer.Serialize(freshness).ShouldBe(json);
        freshness.ToString().ShouldBe(words);
        JsonSerializer.Deserialize<DataFreshness>(json).ShouldBe(freshness);
    }

    [Theory]
    [InlineData("\"Fresh\"")]
    [InlineData("{}")]
    [InlineData("{\"DaysAgo\":1}")]
    [InlineData("{\"HoursAgo\":1,\"MinutesAgo\":1}")]
    [InlineData("5")]
    public void Anything_else_is_no_freshness(string json) =>
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<DataFreshness>(json));

    [Fact]
    [Trait("Requirement", "6.1")]
    [Trait("Requirement", "7.5")]
    public void A_served_price_has_the_originals_names_and_its_price_as_text()
    {
        var node = new OneNode();
        node.Beacon(1);
        node.Price(1, 68_016.030m, age: 90);
        JsonSerializer.Serialize(node.Served(), MeshJson.Default.ServedPrice).ShouldBe(
            """{"asset":"BTC","price":"68016.030","timestamp":"2026-01-01T11:58:30+00:00","source_node_id":"00000000-0000-0000-0000-000000000001","blockchain":"multi","change_24h":null,"venue":null,"age_seconds":90,"freshness":{"MinutesAgo":1},"is_stale":false,"live":true,"origin":"live","providers":["00000000-0000-0000-0000-000000000001"],"inconsistent":false,"quarantined":false,"confidence":null}""");
    }

    [Fact]
    [Trait("Requirement", "8.5")]
    public void The_status_has_all_fields_of_the_source()
    {
        var node = new OneNode();
        node.Beacon(1);
        node.Price(1, 5);
        node.Pass(30);
        JsonSerializer.Serialize(node.Status, MeshJson.Default.NetworkStatus).ShouldBe(
            """{"active_providers":[],"connected_peers":0,"total_network_size":1,"last_update_time":"2026-01-01T12:00:00+00:00","data_freshness":"JustNow","extended_offline":false,"offline_duration_minutes":0,"state":"no_providers","offline_since":"2026-01-01T12:00:20+00:00","last_live_data_at":"2026-01-01T12:00:00+00:00","oldest_asset_age_seconds":30,"self_is_provider":false,"degraded_providers":[],"unreachable_seeds":[],"discrepancies":[]}""");
    }
}
