namespace Posthouse.Mesh.Prices;

/// <summary>Differences of prices. A price may be as large as a decimal can hold, so nothing here multiplies by more than one.</summary>
internal static class Gap
{
    /// <summary>Whether two prices differ by more than a share (0 to 1) of the lower one.</summary>
    public static bool Exceeds(decimal one, decimal other, decimal share) => Math.Abs(one - other) > Math.Min(one, other) * share;

    /// <summary>Whether a price lies farther from another one than a share (0 to 1) of that other.</summary>
    public static bool ExceedsOf(decimal price, decimal from, decimal share) => Math.Abs(price - from) > from * share;

    /// <summary>The difference in percent of the lower one, for people.</summary>
    public static double Percent(decimal one, decimal other) => (double)Math.Abs(one - other) / (double)Math.Min(one, other) * 100;
}
