using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>
/// Where prices come from, asked from time to time. A source never retries and never counts: when to ask again, and whether a quota allows it,
/// is the provider's to decide. Expected failures are values; only a cancellation by the caller's token is thrown.
/// </summary>
public interface IPriceSource
{
    /// <summary>Names it for people and, unless its readings say otherwise, as their venue: 1 to 32 characters of <c>a-z 0-9 . _ -</c>.</summary>
    string Name { get; }

    /// <summary>Reads the prices of assets, in as many calls as the source needs.</summary>
    /// <param name="assets">Which, at most 512; one named twice is read once.</param>
    /// <param name="cancellationToken">Ends the fetch; what was read until then is lost.</param>
    /// <returns>What came, and for all that did not the reason. Each reading carries the source's own time.</returns>
    Task<PriceFetch> FetchAsync(IReadOnlyList<AssetKey> assets, CancellationToken cancellationToken);

    /// <summary>Makes the cheapest call that shows whether the source answers, and takes the key it was made with.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null: it does; <see cref="SourceFaultKind.KeyRefused"/>: not with this key.</returns>
    Task<SourceFault?> CheckAsync(CancellationToken cancellationToken);
}
