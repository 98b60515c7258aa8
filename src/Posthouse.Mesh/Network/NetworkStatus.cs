using System.Globalization;
using System.Text.Json.Serialization;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Network;

/// <summary>A provider that is alive.</summary>
/// <param name="NodeId">Who.</param>
/// <param name="LastSeen">Its last signed sign of life, by this node's clock.</param>
/// <param name="HopCount">How far away it is; <see cref="UnknownHops"/> where not known.</param>
public sealed record ProviderInfo(NodeId NodeId, DateTimeOffset LastSeen, int HopCount)
{
    /// <summary>Stands for a distance that is not known, and sorts behind all that are.</summary>
    public const int UnknownHops = 99;
}

/// <summary>Two providers that differ about an asset beyond its threshold.</summary>
/// <param name="Asset">The asset, <c>BTC</c> or <c>USDC@base</c>.</param>
/// <param name="LowProvider">Who says less.</param>
/// <param name="LowPrice">What it says.</param>
/// <param name="HighProvider">Who says more.</param>
/// <param name="HighPrice">What it says.</param>
/// <param name="DiscrepancyPercent">The difference in percent of the lower price.</param>
public sealed record PriceDisagreement(
    string Asset, NodeId LowProvider, decimal LowPrice, NodeId HighProvider, decimal HighPrice, double DiscrepancyPercent);

/// <summary>The mesh as this node sees it.</summary>
public sealed record NetworkStatus
{
    /// <summary>What people read while no provider is alive.</summary>
    public const string NoProvidersText = "No live data sources - serving cached data";

    /// <summary>Providers that are alive, the nearest first.</summary>
    public required IReadOnlyList<ProviderInfo> ActiveProviders { get; init; }

    /// <summary>Peers with an open connection.</summary>
    public required int ConnectedPeers { get; init; }

    /// <summary>About how many nodes the mesh has, this one included; an estimate, ±3 %.</summary>
    public required int TotalNetworkSize { get; init; }

    /// <summary>The source's time of the newest price; null: there is none.</summary>
    public DateTimeOffset? LastUpdateTime { get; init; }

    /// <summary>The age of the newest price in words; stale where there is none.</summary>
    public required DataFreshness DataFreshness { get; init; }

    /// <summary>Whether no provider has been alive for ten minutes.</summary>
    public required bool ExtendedOffline { get; init; }

    /// <summary>Whole minutes without a provider; null while one is alive.</summary>
    public long? OfflineDurationMinutes { get; init; }

    /// <summary>The state in one word.</summary>
    public required NetworkState State { get; init; }

    /// <summary>Since when no provider is alive; null while one is.</summary>
    public DateTimeOffset? OfflineSince { get; init; }

    /// <summary>When a price last came as it was published; null: not since this node started.</summary>
    public DateTimeOffset? LastLiveDataAt { get; init; }

    /// <summary>The age of the oldest served price in whole seconds; null: there is none.</summary>
    public long? OldestAssetAgeSeconds { get; init; }

    /// <summary>Whether this node provides prices.</summary>
    public required bool SelfIsProvider { get; init; }

    /// <summary>Providers that are alive but deliver nothing.</summary>
    public required IReadOnlyList<NodeId> DegradedProviders { get; init; }

    /// <summary>Assets whose sources disagree.</summary>
    public required IReadOnlyList<PriceDisagreement> Discrepancies { get; init; }

    /// <summary>What people should be told, null for nothing: how long the mesh is offline once that is long, before that that it is.</summary>
    [JsonIgnore]
    public string? Notice => State switch
    {
        NetworkState.ExtendedOffline => string.Create(CultureInfo.InvariantCulture, $"Offline for {OfflineDurationMinutes} minutes"),
        NetworkState.NoProviders => NoProvidersText,
        _ => null,
    };
}
