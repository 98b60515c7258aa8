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

/// <summary>A configured address of another node that leads to none.</summary>
/// <param name="Address">Where.</param>
/// <param name="Cause">Why, when it was last dialled.</param>
public sealed record UnreachableSeed(string Address, string Cause);

/// <summary>The mesh as this node sees it.</summary>
public sealed record NetworkStatus
{
    /// <summary>What people read while no provider is alive.</summary>
    public const string NoProvidersText = "No live data sources - serving cached data";

    /// <summary>What they read while there are no prices either.</summary>
    public const string NoPricesText = "No live data sources, and no prices are known yet";

    /// <summary>Providers that are alive, the nearest first.</summary>
    public required IReadOnlyList<ProviderInfo> ActiveProviders { get; init; }

    /// <summary>Peers with an open connection.</summary>
    public required int ConnectedPeers { get; init; }

    /// <summary>About how many nodes the mesh has, this one included; an estimate, ±3 %, and never less than those that are connected.</summary>
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

    /// <summary>Why no node with this one's settings believes the prices that it provides; null: none is known, or it provides none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SelfWarning { get; init; }

    /// <summary>Providers that are alive but deliver nothing.</summary>
    public required IReadOnlyList<NodeId> DegradedProviders { get; init; }

    /// <summary>Configured addresses of other nodes that could not be reached when they were last dialled.</summary>
    public IReadOnlyList<UnreachableSeed> UnreachableSeeds { get; init; } = [];

    /// <summary>Assets whose sources disagree.</summary>
    public required IReadOnlyList<PriceDisagreement> Discrepancies { get; init; }

    /// <summary>The node that says so; null: the engine alone was asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NodeId? NodeId { get; init; }

    /// <summary>The name of its mesh.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Network { get; init; }

    /// <summary>The number of this start of the node; the next start's is higher.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public uint? Epoch { get; init; }

    /// <summary>What people should be told, null for nothing: how long the mesh is offline once that is long, before that that it is.</summary>
    [JsonIgnore]
    public string? Notice => State switch
    {
        NetworkState.ExtendedOffline => string.Create(CultureInfo.InvariantCulture, $"Offline for {OfflineDurationMinutes} minutes"),
        // A node that has just started raises no alarm yet, but what it serves is cached all the same.
        NetworkState.Starting => LastUpdateTime is null ? null : NoProvidersText,
        NetworkState.NoProviders => LastUpdateTime is null ? NoPricesText : NoProvidersText,
        _ => null,
    };
}
