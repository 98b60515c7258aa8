using System.Text.Json;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>What a message of the feed is.</summary>
internal enum CoinbaseMessage
{
    /// <summary>Something of no use here, a heartbeat for example: it proves that the far side lives.</summary>
    Other,

    /// <summary>A price.</summary>
    Ticker,

    /// <summary>A refusal.</summary>
    Error,

    /// <summary>No JSON.</summary>
    Garbage,
}

/// <summary>The messages of Coinbase Exchange's feed, channels <c>ticker</c> and <c>heartbeat</c>.</summary>
internal static class CoinbaseMessages
{
    private static readonly JsonPath _type = JsonPath.TryParse("type", false)!;
    private static readonly JsonPath _product = JsonPath.TryParse("product_id", false)!;
    private static readonly JsonPath _message = JsonPath.TryParse("message", false)!;
    private static readonly JsonPath _reason = JsonPath.TryParse("reason", false)!;

    /// <summary>How a ticker's fields are read; products are named as in the vendor's other interface.</summary>
    public static ProfilePlan Plan { get; } = new(SourceProfiles.CoinbaseExchange with { Open24h = "open_24h" });

    /// <summary>The request for products.</summary>
    public static byte[] Subscribe(IEnumerable<string> products)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "subscribe");
            writer.WriteStartArray("product_ids");
            foreach (var product in products)
                writer.WriteStringValue(product);
            writer.WriteEndArray();
            writer.WriteStartArray("channels");
            writer.WriteStringValue("ticker");
            writer.WriteStringValue("heartbeat");
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>What a message is; of a ticker also which product's, of an error its words.</summary>
    public static CoinbaseMessage Of(ReadOnlySpan<byte> message, out string? text)
    {
        text = null;
        if (!JsonWalk.IsSound(message))
            return CoinbaseMessage.Garbage;
        switch (JsonWalk.Text(message, _type))
        {
            case "ticker":
                text = JsonWalk.Text(message, _product);
                return CoinbaseMessage.Ticker;
            case "error":
                text = $"{JsonWalk.Text(message, _message)}: {JsonWalk.Text(message, _reason)}";
                return CoinbaseMessage.Error;
            default:
                return CoinbaseMessage.Other;
        }
    }

    /// <summary>Reads a ticker.</summary>
    public static PriceFetch Read(ReadOnlySpan<byte> ticker, AssetKey key, DateTimeOffset now)
    {
        var (prices, flaws) = (new List<PriceReading>(1), new List<ReadingFlaw>());
        new AnswerReader(Plan, now, prices, flaws).ReadItem(JsonWalk.Bare(ticker), key);
        return new PriceFetch(prices, flaws);
    }
}
