using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>What a fetch brought.</summary>
/// <param name="Prices">Readings fit to be signed: sorted by key, no key twice.</param>
/// <param name="Flaws">What is missing or wrong, by asset.</param>
public sealed record PriceFetch(IReadOnlyList<PriceReading> Prices, IReadOnlyList<ReadingFlaw> Flaws)
{
    /// <summary>The first failure of a whole call; the prices of other calls may be there all the same. Null: every call was answered.</summary>
    public SourceFault? Fault { get; init; }

    /// <summary>What it cost, in the units that the vendor counts.</summary>
    public int Cost { get; init; }

    /// <summary>Whether it brought nothing at all.</summary>
    public bool IsFailure => Prices.Count == 0;

    /// <summary>A fetch that failed as a whole.</summary>
    /// <param name="assets">What was asked for.</param>
    /// <param name="fault">Why.</param>
    public static PriceFetch Failed(IReadOnlyList<AssetKey> assets, SourceFault fault) =>
        new([], [.. assets.Select(key => new ReadingFlaw(key, ReadingFlawKind.Unanswered))]) { Fault = fault };
}

/// <summary>Why an asset has no reading, or what its reading lacks.</summary>
/// <param name="Key">The asset.</param>
/// <param name="Kind">Why.</param>
public readonly record struct ReadingFlaw(AssetKey Key, ReadingFlawKind Kind);

/// <summary>The flaws of readings. Names of metrics: append-only.</summary>
public enum ReadingFlawKind
{
    /// <summary>The source has no symbol for the asset; it was not asked.</summary>
    NotMapped,

    /// <summary>The call that should have brought it failed or was not made; the fetch's fault says why.</summary>
    Unanswered,

    /// <summary>The answer does not speak of it.</summary>
    Absent,

    /// <summary>The answer says null.</summary>
    Null,

    /// <summary>A field is of another type than it should be.</summary>
    WrongType,

    /// <summary>The price is text that is no number.</summary>
    PriceUnreadable,

    /// <summary>The price is a number beyond <see cref="ReadingBounds.MaxPrice"/>, or too small to be told from zero.</summary>
    PriceOutOfRange,

    /// <summary>The price is zero or less.</summary>
    PriceNotPositive,

    /// <summary>There is no time of the price, and the time of the fetch must not stand in for it.</summary>
    TimeMissing,

    /// <summary>The time cannot be read.</summary>
    TimeUnreadable,

    /// <summary>The time is more than a second in the future: one of the two clocks is wrong.</summary>
    TimeAhead,

    /// <summary>The time is more than 24 hours past.</summary>
    TimeTooOld,

    /// <summary>The change over 24 hours is no number or beyond its bounds: the reading stands without it.</summary>
    ChangeUnusable,
}
