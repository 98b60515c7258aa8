using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Posthouse.Mesh;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Prices;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>Prices, from memory. None is refused for its age unless the reader says which age is too much.</summary>
internal static class PriceRoutes
{
    /// <summary>When a reader that wants younger prices may come again: a usual interval.</summary>
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(30);

    public static Task AllAsync(HttpContext context, MeshNode node)
    {
        if (!TryMaxAge(context, out var maxAge))
            return BadAgeAsync(context);
        var prices = new Dictionary<string, ServedPrice>(node.GetAllPriceData());
        string[] missing = [];
        if (context.Request.Query["assets"].ToString() is { Length: > 0 } wanted)
        {
            var names = wanted.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
            prices = prices.Where(price => names.Any(name => IsCalled(price, name))).ToDictionary();
            missing = [.. names.Where(name => !prices.Any(price => IsCalled(price, name)))];
            if (prices.Count == 0)
                return MissAsync(context, string.Join(", ", missing));
        }

        var oldest = prices.Count == 0 ? 0 : prices.Values.Max(price => price.AgeSeconds);
        TellAge(context, oldest, prices.Values.Any(price => price.IsStale));
        return oldest <= maxAge
            ? MeshAnswers.OkAsync(context, prices, MeshJson.Default.DictionaryStringServedPrice, json => WriteMissing(json, missing))
            : StaleAsync(context, oldest, json => JsonSerializer.Serialize(json, prices, MeshJson.Default.DictionaryStringServedPrice));
    }

    public static async Task OneAsync(HttpContext context, MeshNode node)
    {
        var asset = AssetOf(context);
        if (!TryMaxAge(context, out var maxAge))
        {
            await BadAgeAsync(context);
            return;
        }

        if (await node.FindPriceAsync(asset, context.RequestAborted) is not { } price)
        {
            await MissAsync(context, asset);
            return;
        }

        TellAge(context, price.AgeSeconds, price.IsStale);
        await (price.AgeSeconds <= maxAge
            ? MeshAnswers.OkAsync(context, price, MeshJson.Default.ServedPrice)
            : StaleAsync(context, price.AgeSeconds, json => JsonSerializer.Serialize(json, price, MeshJson.Default.ServedPrice)));
    }

    public static Task HistoryAsync(HttpContext context, MeshNode node) => AssetOf(context) is var asset && node.Knows(asset)
        ? MeshAnswers.OkAsync(context, new PriceHistoryView(node.GetHistory(asset)), MeshJson.Default.PriceHistoryView)
        : MissAsync(context, asset);

    private static string AssetOf(HttpContext context)
    {
        var written = (string)context.Request.RouteValues["asset"]!;
        var at = written.IndexOf('@', StringComparison.Ordinal);
        return at < 0 ? written.ToUpperInvariant() : written[..at].ToUpperInvariant() + written[at..].ToLowerInvariant();
    }

    private static bool IsCalled(KeyValuePair<string, ServedPrice> price, string name) =>
        string.Equals(price.Key, name, StringComparison.OrdinalIgnoreCase) || string.Equals(price.Value.Asset, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Who named assets hears which of them nobody knows: what is left out of the data is easily overlooked.</summary>
    private static void WriteMissing(Utf8JsonWriter json, string[] missing)
    {
        if (missing.Length == 0)
            return;
        json.WriteStartArray("missing");
        foreach (var name in missing)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }

    private static Task MissAsync(HttpContext context, string asset) =>
        MeshAnswers.FailAsync(context, StatusCodes.Status404NotFound, MeshErrors.CacheMiss, $"No price of {asset} is known here.");

    private static Task BadAgeAsync(HttpContext context) =>
        MeshAnswers.FailAsync(context, StatusCodes.Status400BadRequest, MeshErrors.BadRequest, "max_age is a number of seconds, 0 or more.");

    private static Task StaleAsync(HttpContext context, long age, Action<Utf8JsonWriter> data) => MeshAnswers.FailAsync(
        context, StatusCodes.Status503ServiceUnavailable, MeshErrors.CacheStale, string.Create(CultureInfo.InvariantCulture, $"The newest that is known is {age} s old; it is in the answer."), _again, data);

    /// <summary>How old the answer is, as caches tell it (RFC 9111 §5.1), and of a stale one the warning that they give (RFC 7234 §5.5.1).</summary>
    private static void TellAge(HttpContext context, long age, bool isStale)
    {
        context.Response.Headers.Age = age.ToString(CultureInfo.InvariantCulture);
        if (isStale)
            context.Response.Headers.Warning = "110 posthouse \"Response is Stale\"";
    }

    private static bool TryMaxAge(HttpContext context, out long seconds)
    {
        seconds = long.MaxValue;
        var given = context.Request.Query["max_age"].ToString();
        return given.Length == 0 || long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
    }
}
