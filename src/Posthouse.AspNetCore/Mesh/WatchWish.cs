using System.Text.Json;
using Posthouse.Mesh.Prices;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>What a watcher wants: <c>{"type":"subscribe","assets":["BTC"],"minIntervalMs":500}</c>.</summary>
/// <param name="Assets">The assets; null: all.</param>
/// <param name="MinInterval">The least time between two messages with prices.</param>
internal sealed record WatchWish(IReadOnlyList<AssetPattern>? Assets, TimeSpan MinInterval)
{
    /// <summary>The longest interval that may be asked for: who wants less asks when it wants.</summary>
    public const int MaxIntervalMs = 60_000;

    /// <summary>Reads one. What is not understood is refused: a watcher would not notice that it was given something else.</summary>
    /// <param name="message">What the watcher sent.</param>
    /// <param name="wish">What it wants; null exactly where something is wrong.</param>
    /// <returns>What is wrong, short enough for a close frame (RFC 6455 §5.5: 123 bytes); null: nothing.</returns>
    public static string? TryRead(ReadOnlySpan<byte> message, out WatchWish? wish)
    {
        wish = null;
        try
        {
            var reader = new Utf8JsonReader(message);
            using var json = JsonDocument.ParseValue(ref reader);
            return json.RootElement.ValueKind == JsonValueKind.Object ? TryRead(json.RootElement, out wish) : "The message is no JSON object.";
        }
        catch (JsonException)
        {
            return "The message is no JSON.";
        }
    }

    private static string? TryRead(JsonElement message, out WatchWish? wish)
    {
        var (isSubscription, interval) = (false, 0);
        AssetPattern[]? assets = null;
        wish = null;
        foreach (var member in message.EnumerateObject())
        {
            var value = member.Value;
            switch (member.Name)
            {
                case "type" when value.ValueKind == JsonValueKind.String && value.ValueEquals("subscribe"):
                    isSubscription = true;
                    break;
                case "type":
                    return "The type is 'subscribe'.";
                case "assets" when value.ValueKind == JsonValueKind.Null:
                    break;
                case "assets" when value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(asset => asset.ValueKind == JsonValueKind.String):
                    assets = [.. value.EnumerateArray().Select(asset => new AssetPattern(asset.GetString()!))];
                    break;
                case "assets":
                    return "assets is a list of texts, such as [\"BTC\"].";
                case "minIntervalMs" when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out interval) && interval is >= 0 and <= MaxIntervalMs:
                    break;
                case "minIntervalMs":
                    return "minIntervalMs is a whole number, 0 to 60000.";
                default:
                    return "Known are type, assets and minIntervalMs.";
            }
        }

        wish = isSubscription ? new(assets, TimeSpan.FromMilliseconds(interval)) : null;
        return isSubscription ? null : "The type is 'subscribe'.";
    }
}
