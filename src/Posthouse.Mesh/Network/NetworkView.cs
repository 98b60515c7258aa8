using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Network;

/// <summary>What this node knows of the others, frozen so that anybody may read it while the engine goes on.</summary>
internal sealed record NetworkView
{
    /// <summary>A node that has just started.</summary>
    public static NetworkView Empty { get; } = new();

    /// <summary>The state.</summary>
    public NetworkState State { get; init; }

    /// <summary>Since when no provider is alive, where none is.</summary>
    public Moment Since { get; init; }

    /// <summary>Providers that are alive, the nearest first.</summary>
    public IReadOnlyList<ProviderInfo> Active { get; init; } = [];

    /// <summary>Those of them that deliver nothing.</summary>
    public IReadOnlyList<NodeId> Degraded { get; init; } = [];

    /// <summary>Open connections.</summary>
    public int Peers { get; init; }

    /// <summary>About how many nodes there are: the estimate may be too low, and come late, but who is connected is there.</summary>
    public int Size { get; init; } = 1;

    /// <summary>Whether this node provides.</summary>
    public bool SelfIsProvider { get; init; }

    /// <summary>Whether anybody provides.</summary>
    public bool HasProviders => Active.Count > 0;

    /// <summary>Counts the outages of this process, from 1.</summary>
    public int Outage { get; init; }

    /// <summary>How long no provider has been alive; null while one is.</summary>
    public TimeSpan? OfflineFor(Moment now) =>
        State is NetworkState.NoProviders or NetworkState.ExtendedOffline ? OfflineClock.Shown(Since, now) : null;

    /// <summary>The providers that are alive, by distance, and those of them that deliver nothing.</summary>
    public static (List<ProviderInfo> Active, List<NodeId> Degraded) ListsOf(IEnumerable<ProviderRecord> known, Moment now)
    {
        var (active, degraded) = (new List<ProviderInfo>(), new List<NodeId>());
        foreach (var record in known)
        {
            if (record.IsAlive)
            {
                active.Add(new(record.Id, record.LastSeen.Wall, record.Hops.Least(now.Steady) ?? ProviderInfo.UnknownHops));
                if (record.IsDegraded)
                {
                    degraded.Add(record.Id);
                }
            }
        }

        active.Sort(static (a, b) => (a.HopCount, a.NodeId).CompareTo((b.HopCount, b.NodeId)));
        degraded.Sort();
        return (active, degraded);
    }

    /// <summary>Whether the same is true as in another view, save ages, times of last signs of life and the estimate of the size.</summary>
    public bool SaysTheSame(NetworkView other)
    {
        if (State != other.State || Peers != other.Peers || SelfIsProvider != other.SelfIsProvider
            || Active.Count != other.Active.Count || Degraded.Count != other.Degraded.Count)
        {
            return false;
        }

        for (var at = 0; at < Active.Count; at++)
        {
            if (Active[at].NodeId != other.Active[at].NodeId)
            {
                return false;
            }
        }

        for (var at = 0; at < Degraded.Count; at++)
        {
            if (Degraded[at] != other.Degraded[at])
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>What the prices add to the network's status, frozen likewise.</summary>
internal sealed record DataView
{
    /// <summary>No prices.</summary>
    public static DataView Empty { get; } = new();

    /// <summary>The source's time of the newest price.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>The source's time of the oldest served price.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>When a price last came as it was published.</summary>
    public DateTimeOffset? LastLive { get; init; }

    /// <summary>Assets whose sources disagree.</summary>
    public IReadOnlyList<PriceDisagreement> Discrepancies { get; init; } = [];

    /// <summary>Together with a view of the network, what readers are told.</summary>
    public NetworkStatus With(NetworkView view, Moment now) => new()
    {
        ActiveProviders = view.Active,
        ConnectedPeers = view.Peers,
        TotalNetworkSize = view.Size,
        LastUpdateTime = Newest,
        DataFreshness = DataFreshness.Of(Newest is { } newest ? now.Wall - newest : TimeSpan.MaxValue),
        ExtendedOffline = view.State == NetworkState.ExtendedOffline,
        OfflineDurationMinutes = (long?)view.OfflineFor(now)?.TotalMinutes,
        State = view.State,
        OfflineSince = view.OfflineFor(now) is null ? null : view.Since.Wall,
        LastLiveDataAt = LastLive,
        OldestAssetAgeSeconds = Oldest is { } oldest ? Math.Max(0, (long)(now.Wall - oldest).TotalSeconds) : null,
        SelfIsProvider = view.SelfIsProvider,
        DegradedProviders = view.Degraded,
        Discrepancies = Discrepancies,
    };
}
