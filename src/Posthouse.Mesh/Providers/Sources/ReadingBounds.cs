using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>
/// What a reading must keep to be signed. One reading out of bounds would have the whole update refused by every node, and its provider
/// blamed; so it is left out here, by name.
/// </summary>
public static class ReadingBounds
{
    /// <summary>The highest price in US dollars: more than all the money there is, and far from where sums of prices overflow.</summary>
    public const decimal MaxPrice = 1_000_000_000_000_000_000m;

    /// <summary>The flaw of a price, or null.</summary>
    internal static ReadingFlawKind? OfPrice(decimal price) =>
        price <= 0 ? ReadingFlawKind.PriceNotPositive : price > MaxPrice ? ReadingFlawKind.PriceOutOfRange : null;

    /// <summary>The flaw of a source's time, or null.</summary>
    /// <param name="observedAt">The time.</param>
    /// <param name="now">The wall clock of this node, which will sign it.</param>
    internal static ReadingFlawKind? OfTime(DateTimeOffset observedAt, DateTimeOffset now) =>
        observedAt - now > MeshProtocol.ObservedAhead ? ReadingFlawKind.TimeAhead
        : now - observedAt > MeshProtocol.ObservedBehind ? ReadingFlawKind.TimeTooOld
        : null;

    /// <summary>Whether a change can be sent.</summary>
    internal static bool Holds(decimal change24h) => change24h is >= MeshProtocol.MinChange24h and <= MeshProtocol.MaxChange24h;

    /// <summary>The change from a price to another in percent, to four places; null: beyond the bounds.</summary>
    internal static decimal? Change(decimal from, decimal to)
    {
        if (OfPrice(from) is not null || to / MeshProtocol.MaxChange24h > from)
            return null;
        var change = Math.Round((to - from) / from * 100m, 4);
        return Holds(change) ? change : null;
    }
}
