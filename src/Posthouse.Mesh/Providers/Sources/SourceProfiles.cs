namespace Posthouse.Mesh.Providers.Sources;

/// <summary>
/// The vendors that are known by name. Quotas are those of their free plans. Shapes are the documented ones; no vendor is called in tests.
/// </summary>
public static class SourceProfiles
{
    private static readonly Dictionary<string, VendorMeaning> _coinMarketCapErrors = new(StringComparer.Ordinal)
    {
        // "Errors and rate limits" of its documentation: the first seven are about the key and its plan.
        ["1001"] = new(SourceFaultKind.KeyRefused),
        ["1002"] = new(SourceFaultKind.KeyRefused),
        ["1003"] = new(SourceFaultKind.KeyRefused),
        ["1004"] = new(SourceFaultKind.KeyRefused),
        ["1005"] = new(SourceFaultKind.KeyRefused),
        ["1006"] = new(SourceFaultKind.KeyRefused),
        ["1007"] = new(SourceFaultKind.KeyRefused),
        ["1008"] = new(SourceFaultKind.Throttled, TimeSpan.FromSeconds(60)),
        ["1009"] = new(SourceFaultKind.DaySpent),
        ["1010"] = new(SourceFaultKind.MonthSpent),
        ["1011"] = new(SourceFaultKind.Throttled, TimeSpan.FromSeconds(60)),
    };

    /// <summary>CoinMarketCap, first version: one object by symbol. One credit pays for a hundred assets.</summary>
    public static SourceProfile CoinMarketCapV1 { get; } = new()
    {
        Name = "coinmarketcap-v1",
        Address = "https://pro-api.coinmarketcap.com",
        Request = "/v1/cryptocurrency/quotes/latest?symbol={symbols}",
        Check = "/v1/key/info",
        Headers = new Dictionary<string, string> { ["X-CMC_PRO_API_KEY"] = "{key}" },
        BatchSize = 100,
        Item = "data.{symbol}",
        Price = "quote.USD.price",
        Time = "quote.USD.last_updated",
        Change24h = "quote.USD.percent_change_24h",
        Symbol = "{asset}",
        ErrorCode = "status.error_code",
        ErrorText = "status.error_message",
        Errors = _coinMarketCapErrors,
        Quota = new() { PerMinute = 30, PerMonth = 10_000 },
    };

    /// <summary>CoinMarketCap, second version: a list by symbol, whose first is taken.</summary>
    public static SourceProfile CoinMarketCapV2 { get; } = CoinMarketCapV1 with
    {
        Name = "coinmarketcap-v2",
        Request = "/v2/cryptocurrency/quotes/latest?symbol={symbols}",
        Item = "data.{symbol}[0]",
    };

    /// <summary>CoinMarketCap, third version: one list, in which the first of a symbol is taken.</summary>
    public static SourceProfile CoinMarketCapV3 { get; } = CoinMarketCapV1 with
    {
        Name = "coinmarketcap-v3",
        Request = "/v3/cryptocurrency/quotes/latest?symbol={symbols}",
        Item = "data[symbol={symbol}]",
    };

    /// <summary>CoinGecko with a key of its demo plan. It knows coins by ids of its own; the common ones are mapped.</summary>
    public static SourceProfile CoinGecko { get; } = new()
    {
        Name = "coingecko",
        Address = "https://api.coingecko.com",
        Request = "/api/v3/simple/price?ids={symbols}&vs_currencies=usd&include_24hr_change=true&include_last_updated_at=true",
        Check = "/api/v3/ping",
        Headers = new Dictionary<string, string> { ["x-cg-demo-api-key"] = "{key}" },
        BatchSize = 250,
        Item = "{symbol}",
        Price = "usd",
        Time = "last_updated_at",
        TimeUnit = SourceTime.UnixSeconds,
        Change24h = "usd_24h_change",
        Symbols = new Dictionary<string, string>
        {
            ["BTC"] = "bitcoin",
            ["ETH"] = "ethereum",
            ["SOL"] = "solana",
            ["ADA"] = "cardano",
            ["XRP"] = "ripple",
            ["DOGE"] = "dogecoin",
            ["LTC"] = "litecoin",
            ["LINK"] = "chainlink",
            ["DOT"] = "polkadot",
            ["AVAX"] = "avalanche-2",
            ["USDC"] = "usd-coin",
            ["USDT"] = "tether",
        },
        ErrorCode = "status.error_code",
        ErrorText = "status.error_message",
        Errors = new Dictionary<string, VendorMeaning>
        {
            ["429"] = new(SourceFaultKind.Throttled, TimeSpan.FromSeconds(60)),
            ["10002"] = new(SourceFaultKind.KeyRefused),
            ["10005"] = new(SourceFaultKind.KeyRefused),
            ["10010"] = new(SourceFaultKind.KeyRefused),
            ["10011"] = new(SourceFaultKind.KeyRefused),
        },
        Quota = new() { PerMinute = 30, PerMonth = 10_000 },
    };

    /// <summary>Birdeye, one token in a call. It knows tokens by their address on a chain.</summary>
    public static SourceProfile Birdeye { get; } = new()
    {
        Name = "birdeye",
        Address = "https://public-api.birdeye.so",
        Request = "/defi/price?address={symbol}",
        Check = "/defi/networks",
        Headers = new Dictionary<string, string> { ["X-API-KEY"] = "{key}", ["x-chain"] = "{chain}" },
        Item = "data",
        Price = "value",
        Time = "updateUnixTime",
        TimeUnit = SourceTime.UnixSeconds,
        Change24h = "priceChange24h",
        Symbols = new Dictionary<string, string>
        {
            ["SOL@solana"] = "So11111111111111111111111111111111111111112",
            ["USDC@solana"] = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
            ["BONK@solana"] = "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263",
            ["JUP@solana"] = "JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN",
        },
        ErrorCode = "success",
        ErrorFine = "true",
        ErrorText = "message",
        Quota = new() { PerMinute = 60, PerMonth = 30_000 },
    };

    /// <summary>Birdeye, up to a hundred tokens of one chain in a call.</summary>
    public static SourceProfile BirdeyeBatch { get; } = Birdeye with
    {
        Name = "birdeye-batch",
        Request = "/defi/multi_price?list_address={symbols}",
        BatchSize = 100,
        Item = "data.{symbol}",
    };

    /// <summary>Coinbase Exchange, one product in a call, without a key.</summary>
    public static SourceProfile CoinbaseExchange { get; } = new()
    {
        Name = "coinbase",
        Address = "https://api.exchange.coinbase.com",
        Request = "/products/{symbol}/ticker",
        Check = "/time",
        Price = "price",
        Time = "time",
        Symbol = "{asset}-USD",
        Quota = new() { PerMinute = 180 },
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SourceProfile> All { get; } =
        [CoinMarketCapV1, CoinMarketCapV2, CoinMarketCapV3, CoinGecko, Birdeye, BirdeyeBatch, CoinbaseExchange];

    /// <summary>The one of a name; null: there is none.</summary>
    public static SourceProfile? Find(string name) => All.FirstOrDefault(profile => profile.Name == name);
}
