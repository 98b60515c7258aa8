namespace Posthouse.Mesh.Wire;

/// <summary>What a price is of: one symbol on two chains is two assets.</summary>
/// <param name="Asset">The symbol, upper case: <c>[A-Z0-9._-]{1,32}</c>.</param>
/// <param name="Chain">The chain, lower case: <c>[a-z0-9._-]{1,32}</c>; <c>multi</c> where a source does not tell chains apart.</param>
public readonly record struct AssetKey(string Asset, string Chain) : IComparable<AssetKey>
{
    /// <summary>The chain of a source that does not tell chains apart.</summary>
    public const string AnyChain = "multi";

    /// <summary>Reads what people write: <c>BTC</c>, or <c>USDC@base</c>. Whether the wire can carry it is another question.</summary>
    public static AssetKey Of(string written)
    {
        ArgumentNullException.ThrowIfNull(written);
        return written.IndexOf('@', StringComparison.Ordinal) is var at and > 0 ? new(written[..at], written[(at + 1)..]) : new(written, AnyChain);
    }

    /// <inheritdoc/>
    public int CompareTo(AssetKey other) =>
        string.CompareOrdinal(Asset, other.Asset) is var order and not 0 ? order : string.CompareOrdinal(Chain, other.Chain);

    /// <summary>As people write it: <c>BTC</c>, or <c>USDC@base</c>.</summary>
    public override string ToString() => Chain == AnyChain ? Asset : $"{Asset}@{Chain}";
}
