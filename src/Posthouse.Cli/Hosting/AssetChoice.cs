namespace Posthouse.Cli.Hosting;

/// <summary>The assets that a reader named: a word each, or several with commas between them, as the REST route takes them.</summary>
/// <param name="words">What was written; nothing means all.</param>
internal sealed class AssetChoice(IEnumerable<string> words)
{
    private readonly List<string> _names = [.. words.SelectMany(word => word.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    /// <summary>Whether none was named.</summary>
    public bool IsAll => _names.Count == 0;

    /// <summary>Whether a price is meant.</summary>
    /// <param name="key">What it is listed under: <c>BTC</c>, or <c>USDC@base</c>.</param>
    /// <param name="asset">Its symbol, which means those of all chains.</param>
    public bool Has(string key, string asset) => IsAll || _names.Any(name => Is(name, key, asset));

    /// <summary>Those that were named and are not among these prices, with commas between them; null: all are.</summary>
    public string? Missing(IEnumerable<(string Key, string Asset)> known)
    {
        var here = known.ToList();
        var missing = _names.Where(name => !here.Any(price => Is(name, price.Key, price.Asset))).ToList();
        return missing.Count == 0 ? null : string.Join(", ", missing);
    }

    private static bool Is(string name, string key, string asset) =>
        string.Equals(name, key, StringComparison.OrdinalIgnoreCase) || string.Equals(name, asset, StringComparison.OrdinalIgnoreCase);
}
