using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>Names one asset or many: <c>BTC</c>, <c>USDC@base</c>, <c>W*</c>, <c>*@polygon</c>, <c>*</c>.</summary>
/// <param name="Text">The asset, and after an <c>@</c> the chain; a star at the end of either stands for any rest. Without a chain: every chain.</param>
public readonly record struct AssetPattern(string Text)
{
    /// <summary>Whether it names this asset.</summary>
    public bool Matches(AssetKey key)
    {
        var at = Text.IndexOf('@', StringComparison.Ordinal);
        return at < 0
            ? Covers(Text, key.Asset)
            : Covers(Text.AsSpan(0, at), key.Asset) && Covers(Text.AsSpan(at + 1), key.Chain);
    }

    private static bool Covers(ReadOnlySpan<char> pattern, string name) =>
        pattern.EndsWith("*") ? name.AsSpan().StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase)
            : pattern.Equals(name, StringComparison.OrdinalIgnoreCase);
}
