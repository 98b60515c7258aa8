namespace Posthouse.Mesh.Providers.Sources;

/// <summary>How a source writes times.</summary>
public enum SourceTime
{
    /// <summary>ISO 8601 with its offset from UTC, such as <c>2026-02-22T06:25:58.5Z</c>.</summary>
    Iso8601,

    /// <summary>Seconds since 1970, with or without a fraction.</summary>
    UnixSeconds,

    /// <summary>Milliseconds since 1970.</summary>
    UnixMilliseconds,
}

/// <summary>
/// How to ask a vendor for prices over HTTP, and where they stand in its JSON. The built-in ones are in <see cref="SourceProfiles"/>; others
/// are read from configuration by <see cref="SourceProfileFile"/>. Paths are written as <c>data.price</c>, <c>quotes[0].usd</c> or
/// <c>list[currency=USD].price</c>; field paths start at the asset's own value.
/// </summary>
public sealed record SourceProfile
{
    /// <summary>Names the source: 1 to 32 characters of <c>a-z 0-9 . _ -</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Scheme, host and perhaps a path that every request begins with. A key goes over https or to this machine, nowhere else.</summary>
    public required string Address { get; init; }

    /// <summary>Path and query of a fetch, with <c>{symbols}</c> (or <c>{symbol}</c> where a call is for one) and perhaps <c>{chain}</c>.</summary>
    public required string Request { get; init; }

    /// <summary>Path and query of the cheapest call that refuses a wrong key and answers in JSON.</summary>
    public required string Check { get; init; }

    /// <summary>Header fields; a value may hold <c>{key}</c> and <c>{chain}</c>. The address never holds a key, for addresses are logged.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Assets of one call, 1 to 512. Default 1.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>The way to an asset's own value, with <c>{symbol}</c> where assets differ; empty, where the answer is of one asset: all of it.</summary>
    public string Item { get; init; } = "";

    /// <summary>The way to the price in US dollars, a number or a number in quotes.</summary>
    public required string Price { get; init; }

    /// <summary>The way to the source's own time of the price. There is no reading without one.</summary>
    public required string Time { get; init; }

    /// <summary>How that time is written.</summary>
    public SourceTime TimeUnit { get; init; }

    /// <summary>The way to the change over 24 hours in percent; null: not told.</summary>
    public string? Change24h { get; init; }

    /// <summary>The way to the price 24 hours ago, from which the change follows; null: not told. Not together with <see cref="Change24h"/>.</summary>
    public string? Open24h { get; init; }

    /// <summary>The vendor's symbol of assets that are in no map, such as <c>{asset}-USD</c>; null: those are not asked for. It holds for assets
    /// without a chain alone.</summary>
    public string? Symbol { get; init; }

    /// <summary>The vendor's symbols by asset, <c>BTC</c> or <c>USDC@base</c>.</summary>
    public IReadOnlyDictionary<string, string> Symbols { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the vendor's own error code stands in any answer; null: it sends none.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The code that means all is well. Default <c>0</c>; an absent or null code means it too.</summary>
    public string ErrorFine { get; init; } = "0";

    /// <summary>Where the vendor's own words on an error stand; null: nowhere.</summary>
    public string? ErrorText { get; init; }

    /// <summary>What the vendor's codes mean; others mean what the status says, and with a status of success <see cref="SourceFaultKind.Refused"/>.</summary>
    public IReadOnlyDictionary<string, VendorMeaning> Errors { get; init; } = new Dictionary<string, VendorMeaning>();

    /// <summary>What the vendor allows one key.</summary>
    public SourceQuota Quota { get; init; } = new();

    /// <summary>Time for one call. Default 5 s: a sixth of the usual interval.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time for all calls of a fetch. Default 15 s: half the usual interval, as for all tries of a slot.</summary>
    public TimeSpan FetchTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Most bytes of an answer. Default 1 MiB: 512 assets at 2 KiB, as the most talkative vendor has.</summary>
    public int MaxAnswerBytes { get; init; } = 1 << 20;
}

/// <summary>What a vendor's error code means.</summary>
/// <param name="Kind">The failure.</param>
/// <param name="Wait">How long to wait where the answer does not say; null: not told.</param>
public sealed record VendorMeaning(SourceFaultKind Kind, TimeSpan? Wait = null);

/// <summary>What a vendor allows one key, and what a call takes of it.</summary>
public sealed record SourceQuota : BudgetLimits
{
    /// <summary>What one call costs. Default 1.</summary>
    public int PerCall { get; init; } = 1;
}
