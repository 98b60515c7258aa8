using System.Globalization;
using Posthouse.Mesh.Wire;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>
/// Prices that carry the moment of their publication: the price itself is the machine's monotonic clock, which all processes read alike,
/// and two that follow each other differ too little for anybody to mistrust them.
/// </summary>
internal static class SamplePrices
{
    public static AssetKey Key(int asset) => new("A" + asset.ToString("D4", CultureInfo.InvariantCulture), AssetKey.AnyChain);

    /// <summary>Which asset it is.</summary>
    public static int Number(string asset) => int.Parse(asset.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);

    public static PriceReading Reading(int asset, long timestamp, DateTimeOffset observedAt) => new(Key(asset), timestamp, observedAt);
}
