using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>Where a vendor's own error code stands, and what it means.</summary>
internal sealed record VendorErrors(JsonPath CodePath, string Fine, JsonPath? TextPath, IReadOnlyDictionary<string, VendorMeaning> Codes);

/// <summary>A profile that was checked, its paths read and its symbols looked up.</summary>
internal sealed class ProfilePlan
{
    /// <summary>Stands for the key in a header.</summary>
    public const string Key = "{key}";

    /// <summary>Stands for the chain in a header or a request.</summary>
    public const string Chain = "{chain}";

    private const string Asset = "{asset}";
    private const string Many = "{symbols}";

    /// <summary>Characters of a vendor's symbol: addresses of modules on some chains have about a hundred.</summary>
    private const int MaxSymbolChars = 128;

    /// <summary>Characters of all symbols of a call: servers commonly take 8 KiB of address.</summary>
    private const int MaxCallChars = 6_000;

    /// <summary>A fetch that takes longer is of no use to any interval.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(5);
    private readonly Dictionary<AssetKey, string> _symbols = [];
    private readonly bool _needsChain;

    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: the profile cannot work; the message names the member.</exception>
    public ProfilePlan(SourceProfile profile)
    {
        Profile = profile;
        Require(WireText.IsName(profile.Name, MeshProtocol.NameChars), "name", "1 to 32 characters of a-z 0-9 . _ -");
        Require(Uri.TryCreate(profile.Address, UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            && address.Query.Length + address.Fragment.Length + address.UserInfo.Length == 0, "address", "an absolute http or https address without query and user");
        NeedsKey = profile.Headers.Values.Any(value => value.Contains(Key, StringComparison.Ordinal));
        Require(!NeedsKey || address!.Scheme == Uri.UriSchemeHttps || address.IsLoopback, "address", "https, for a key goes with every request");
        Require(!$"{profile.Request}{profile.Check}".Contains(Key, StringComparison.Ordinal), "request", "no {key}: addresses are logged, a key belongs into a header");
        Require(profile.Request.StartsWith('/') && profile.Check.StartsWith('/'), "request", "a path from /, and so has check");
        Require(profile.BatchSize is >= 1 and <= MeshProtocol.MaxPrices, "batchSize", "1 to 512");
        Require(profile.Request.Contains(Many, StringComparison.Ordinal) || (profile.BatchSize == 1 && profile.Request.Contains(JsonPath.Symbol, StringComparison.Ordinal)),
            "request", "{symbols}, or {symbol} where batchSize is 1");
        Require(profile.Timeout > TimeSpan.Zero && profile.FetchTimeout >= profile.Timeout && profile.FetchTimeout <= _longest,
            "timeout", "above zero, fetchTimeout at least as long, at most 5 minutes");
        Require(profile.Headers.All(field => IsHeader(field.Key, field.Value)),
            "headers", "names of letters, digits, - and _, none of Content-, and printable values");
        Require(profile.MaxAnswerBytes is >= 1_024 and <= 16 << 20, "maxAnswerBytes", "1,024 to 16,777,216");
        Require(profile.Quota is { PerCall: >= 0 and <= 1_000 }, "quota", "perCall from 0 to 1,000");
        Require(profile.Change24h is null || profile.Open24h is null, "open24h", "nothing where change24h is given");
        Item = Path("item", profile.Item, allowsSymbol: true);
        Require(Item.SymbolAt >= 0 || profile.BatchSize == 1, "item", "{symbol} where batchSize is above 1");
        Price = Field("price", profile.Price)!;
        Time = Field("time", profile.Time)!;
        Require(Price.Steps.Length > 0 && Time.Steps.Length > 0, "price", "a path, and so has time: no price is read without the source's own time");
        Change24h = Field("change24h", profile.Change24h);
        Open24h = Field("open24h", profile.Open24h);
        Errors = Field("errorCode", profile.ErrorCode) is not { } code ? null : new(code, profile.ErrorFine, Field("errorText", profile.ErrorText), profile.Errors);
        _needsChain = profile.Request.Contains(Chain, StringComparison.Ordinal)
            || profile.Headers.Values.Any(value => value.Contains(Chain, StringComparison.Ordinal));
        foreach (var (name, symbol) in profile.Symbols)
        {
            var key = AssetKey.Of(name);
            Require(WireText.IsKey(key) && symbol.Length is > 0 and <= MaxSymbolChars, "symbols", $"BTC or USDC@base with 1 to {MaxSymbolChars} characters behind it, not \"{name}\"");
            _symbols[key] = symbol;
        }
    }

    public SourceProfile Profile { get; }

    public bool NeedsKey { get; }

    public JsonPath Item { get; }

    public JsonPath Price { get; }

    public JsonPath Time { get; }

    public JsonPath? Change24h { get; }

    public JsonPath? Open24h { get; }

    public VendorErrors? Errors { get; }

    /// <summary>The vendor's symbol of an asset; null: it has none.</summary>
    public string? SymbolOf(AssetKey key)
    {
        if (!WireText.IsKey(key) || (_needsChain && key.Chain == AssetKey.AnyChain))
            return null;
        return _symbols.TryGetValue(key, out var symbol) ? symbol
            : key.Chain == AssetKey.AnyChain || _needsChain ? Profile.Symbol?.Replace(Asset, key.Asset, StringComparison.Ordinal)
            : null;
    }

    /// <summary>Cuts a fetch into calls: as many assets as the vendor takes, of one chain where it is asked by chain.</summary>
    /// <param name="assets">What is asked for.</param>
    /// <param name="flaws">Takes what the source does not know.</param>
    public List<SourceCall> Calls(IReadOnlyList<AssetKey> assets, List<ReadingFlaw> flaws)
    {
        var calls = new List<SourceCall>();
        foreach (var key in assets.Distinct())
        {
            if (SymbolOf(key) is not { } symbol)
            {
                flaws.Add(new(key, ReadingFlawKind.NotMapped));
                continue;
            }

            var chain = _needsChain ? key.Chain : AssetKey.AnyChain;
            var call = calls.FindLast(call => call.Chain == chain);
            var chars = Uri.EscapeDataString(symbol).Length + 1;
            if (call is null || call.Assets.Count == Profile.BatchSize || call.Chars + chars > MaxCallChars)
                calls.Add(call = new SourceCall(chain, []));
            call.Assets.Add((key, symbol));
            call.Chars += chars;
        }

        return calls;
    }

    /// <summary>The address of a call.</summary>
    public Uri AddressOf(SourceCall call)
    {
        var symbols = string.Join(',', call.Assets.Select(asset => Uri.EscapeDataString(asset.Symbol)).Distinct());
        return AddressOf(Profile.Request.Replace(Many, symbols, StringComparison.Ordinal).Replace(JsonPath.Symbol, symbols, StringComparison.Ordinal)
            .Replace(Chain, Uri.EscapeDataString(call.Chain), StringComparison.Ordinal));
    }

    /// <summary>The address of a path and query.</summary>
    public Uri AddressOf(string request) => new(Profile.Address.TrimEnd('/') + request);

    /// <summary>The header fields of a call; those that speak of a chain are left out where there is none.</summary>
    public List<KeyValuePair<string, string>> HeadersOf(string? chain, SourceKey? key)
    {
        var headers = new List<KeyValuePair<string, string>> { new("Accept", "application/json"), new("User-Agent", "posthouse") };
        foreach (var (name, value) in Profile.Headers)
        {
            if (chain is null && value.Contains(Chain, StringComparison.Ordinal))
                continue;
            var filled = value.Replace(Chain, chain, StringComparison.Ordinal);
            headers.Add(new(name, key?.PutInto(filled, Key) ?? filled));
        }

        return headers;
    }

    /// <summary>Whether the exchange can send a field; those of the content are not the profile's to set.</summary>
    private static bool IsHeader(string name, string value) =>
        name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_') && !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
        && !value.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private JsonPath? Field(string member, string? text) => text is null ? null : Path(member, text, allowsSymbol: false);

    private JsonPath Path(string member, string text, bool allowsSymbol)
    {
        var path = JsonPath.TryParse(text, allowsSymbol);
        Require(path is not null, member, $"a path such as data.price or list[0].usd, not \"{text}\"");
        return path!;
    }

    private void Require(bool holds, string member, string what)
    {
        if (!holds)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"The source profile \"{Profile.Name}\" needs under {member}: {what}.");
    }
}

/// <summary>One call of a fetch.</summary>
/// <param name="Chain">The chain that it asks for.</param>
/// <param name="Assets">The assets and what the vendor calls them.</param>
internal sealed record SourceCall(string Chain, List<(AssetKey Key, string Symbol)> Assets)
{
    /// <summary>How many characters the symbols have in the address.</summary>
    public int Chars { get; set; }
}
