using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Cache;

/// <summary>
/// A place beside the memory where the newest signed price of each provider for each asset is kept. Calls may fail with any exception and
/// may be late; who calls is <see cref="GuardedTier"/>. No tier ever goes back to an older version, whoever writes to it, and what it
/// gives out has been checked against its signature anew.
/// </summary>
internal interface IPriceTier : IAsyncDisposable
{
    /// <summary>What people call it, for messages: <c>prices.db</c>, <c>redis</c>.</summary>
    string Name { get; }

    /// <summary>How a price that a shared tier gave out is said to have come.</summary>
    PriceOrigin Origin => PriceOrigin.Redis;

    /// <summary>Everything it keeps: each signed message once.</summary>
    Task<IReadOnlyList<SignedFrame>> LoadAsync(CancellationToken cancellationToken);

    /// <summary>What it keeps of one asset: each signed message once.</summary>
    Task<IReadOnlyList<SignedFrame>> ReadAsync(AssetKey key, CancellationToken cancellationToken);

    /// <summary>Keeps those of the prices that are newer than what it has. With none given it only answers.</summary>
    /// <returns>Whether it was found to have lost everything since it was last asked; it should then be given all again.</returns>
    Task<bool> WriteAsync(IReadOnlyList<KeptPrice> prices, CancellationToken cancellationToken);
}

/// <summary>A node's own tier: what others share is not for one node to drop.</summary>
internal interface IOwnTier : IPriceTier
{
    /// <summary>Drops an asset's prices that were observed before a time, as its rule of expiry wants.</summary>
    Task DropAsync(AssetKey key, DateTimeOffset before);
}

/// <summary>Opens a tier that several nodes share.</summary>
internal interface IPriceTierFactory
{
    /// <summary>Opens it. No connection is made before the first call.</summary>
    /// <param name="network">The mesh whose prices it keeps; those of another may lie beside them.</param>
    /// <param name="check">Checks what it gives out.</param>
    /// <param name="time">The clocks.</param>
    IPriceTier Open(NetworkId network, StoredCheck check, TimeProvider time);
}
