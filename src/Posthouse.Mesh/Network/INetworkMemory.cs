using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Network;

/// <summary>A provider as it is remembered over restarts.</summary>
/// <param name="Id">Who.</param>
/// <param name="FirstSeen">When it was first heard.</param>
/// <param name="LastAlive">When it was last heard.</param>
/// <param name="Stamp">Its newest message: an older one proves nothing, in this life of the node as in the last.</param>
/// <param name="Health">How well it served.</param>
internal sealed record KnownProvider(NodeId Id, DateTimeOffset FirstSeen, DateTimeOffset LastAlive, Stamp Stamp, HealthCounts Health);

/// <summary>
/// What outlives the process: who was a provider, and since when none was alive. Writes are wishes: they return at once, and what a
/// crash loses of them is at most what the last minute changed.
/// </summary>
internal interface INetworkMemory
{
    /// <summary>All known providers.</summary>
    IReadOnlyList<KnownProvider> Providers { get; }

    /// <summary>Since when no provider was alive as the process before this one ended; null: one was.</summary>
    DateTimeOffset? OfflineSince { get; }

    /// <summary>Keeps what is known of one provider.</summary>
    void Save(KnownProvider provider);

    /// <summary>Forgets one.</summary>
    void Forget(NodeId provider);

    /// <summary>Keeps since when no provider is alive; null: one is.</summary>
    void SaveOffline(DateTimeOffset? since);
}

/// <summary>Remembers in memory: for nodes without a disk, and for simulations, where it outlives the node.</summary>
internal sealed class NetworkMemory : INetworkMemory
{
    private readonly Dictionary<NodeId, KnownProvider> _providers = [];

    /// <inheritdoc/>
    public IReadOnlyList<KnownProvider> Providers => [.. _providers.Values];

    /// <inheritdoc/>
    public DateTimeOffset? OfflineSince { get; private set; }

    /// <inheritdoc/>
    public void Save(KnownProvider provider) => _providers[provider.Id] = provider;

    /// <inheritdoc/>
    public void Forget(NodeId provider) => _providers.Remove(provider);

    /// <inheritdoc/>
    public void SaveOffline(DateTimeOffset? since) => OfflineSince = since;
}
