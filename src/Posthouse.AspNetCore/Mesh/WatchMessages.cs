using System.Buffers;
using System.Text.Json;
using Posthouse.Mesh;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>What watchers are told: the original's messages, each with the server's time, from which a watcher counts ages by itself.</summary>
internal static class WatchMessages
{
    /// <summary>All prices, or those that changed since the watcher was here last, and the network's status.</summary>
    public static ReadOnlyMemory<byte> Initial(long number, long? since, IReadOnlyList<Aggregate> prices, NetworkStatus status, DateTimeOffset now) => Write("PriceMeshInitial", now, json =>
    {
        json.WriteNumber("seq", number);
        if (since is { } last && last <= number)
            json.WriteNumber("since", last);
        json.WritePropertyName("data");
        json.WriteRawValue(Prices(prices, now, status.ActiveProviders.Count > 0));
        json.WritePropertyName("status");
        JsonSerializer.Serialize(json, status, MeshJson.Default.NetworkStatus);
    });

    /// <summary>Prices that changed. <c>seq</c> is one more than the last, or more by what was skipped.</summary>
    public static ReadOnlyMemory<byte> Update(WatcherNews news, DateTimeOffset now, bool hasProviders)
    {
        var (at, data) = news.Whole?.Json(now, prices => Prices(prices, now, hasProviders)) ?? new PublicationJson(now, Prices(news.Prices, now, hasProviders));
        return Write("PriceMeshUpdate", at, json =>
        {
            json.WriteNumber("seq", news.Number);
            if (news.Skipped > 0)
                json.WriteNumber("skipped", news.Skipped);
            json.WritePropertyName("data");
            json.WriteRawValue(data, skipInputValidation: true);
        });
    }

    /// <summary>The network's status.</summary>
    public static ReadOnlyMemory<byte> Status(NetworkStatus status, DateTimeOffset now) => Write("NetworkStatusUpdate", now, json =>
    {
        json.WritePropertyName("data");
        JsonSerializer.Serialize(json, status, MeshJson.Default.NetworkStatus);
    });

    /// <summary>A warning.</summary>
    public static ReadOnlyMemory<byte> Warning(MeshWarning warning, DateTimeOffset now) => Write("MeshWarning", now, json =>
    {
        json.WriteStartObject("data");
        json.WriteString("severity", warning.Severity);
        json.WriteString("message", warning.Message);
        json.WriteString("code", warning.Code);
        if (warning.AgeSeconds is { } age)
            json.WriteNumber("age_seconds", age);
        if (warning.Asset is { } asset)
            json.WriteString("asset", asset);
        if (warning.DiscrepancyPercent is { } percent)
            json.WriteNumber("discrepancy_percent", percent);
        json.WriteEndObject();
    });

    /// <summary>Nothing happened.</summary>
    public static ReadOnlyMemory<byte> Heartbeat(DateTimeOffset now) => Write("Heartbeat", now, static _ => { });

    private static byte[] Prices(IReadOnlyList<Aggregate> prices, DateTimeOffset now, bool hasProviders)
    {
        var served = new Dictionary<string, ServedPrice>(prices.Count);
        foreach (var price in prices)
        {
            if (now < price.HideAt)
                served[price.Reading.Key.ToString()] = price.Serve(now, hasProviders);
        }

        return JsonSerializer.SerializeToUtf8Bytes(served, MeshJson.Default.DictionaryStringServedPrice);
    }

    private static ReadOnlyMemory<byte> Write(string type, DateTimeOffset now, Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("serverTime", now);
            members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
