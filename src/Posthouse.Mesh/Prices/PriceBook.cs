using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>
/// The prices of the mesh and who provides them. Messages come in on the engine's thread; <see cref="GetPriceData(AssetKey, DateTimeOffset)"/>
/// and <see cref="GetAllPriceData"/> are for anybody, take no lock and ask nobody: whatever fails around a node, the last prices are
/// served from its memory.
/// </summary>
internal sealed class PriceBook(NetworkStatusTracker tracker, PriceBookOptions options, MeshFacts facts)
{
    private readonly PriceTable _table = new(options, facts);
    private readonly List<AssetEntry> _discrepant = [];
    private DateTimeOffset? _lastLive;
    private int _outageServed;
    private int _outageTold;

    /// <summary>The readings, for catching up and for stores.</summary>
    public PriceMap Map => _table.Map;

    /// <summary>What is served now, for anybody.</summary>
    public PriceSnapshot Snapshot => _table.Snapshot;

    /// <summary>The network, as the book knows it.</summary>
    public NetworkStatusTracker Network => tracker;

    /// <summary>Assets that readers see differently since the last message or tick. Valid until the next one.</summary>
    public IReadOnlyList<AssetKey> Changed => _table.Changed;

    /// <summary>Readings by what became of them.</summary>
    public long CountOf(MergeOutcome outcome) => _table.CountOf(outcome);

    /// <summary>A connection is open.</summary>
    /// <returns>What the peer is told. Of this node's own beacon the engine knows, and adds it.</returns>
    public PeerStatus OnPeerConnected(NodeId peer, Moment now)
    {
        tracker.OnPeerConnected(peer, now);
        var beacons = new List<ProofOfLife>();
        foreach (var record in tracker.Known)
        {
            if (beacons.Count < MeshProtocol.MaxBeacons - 1 && record.IsAlive && record.Beacon is { } beacon && record.Id != peer)
            {
                var hops = record.Hops.Least(now.Steady);
                beacons.Add(beacon with { Hops = (byte?)hops });
            }
        }

        var nearest = tracker.SelfIsProvider ? 0 : tracker.View.Active is [var first, ..] ? first.HopCount : ProviderInfo.UnknownHops;
        return new(Self, tracker.SelfIsProvider, nearest, beacons);
    }

    /// <summary>A connection ended. A provider at its other end is suspect, or gone if nobody else could have heard it; prices stay.</summary>
    /// <param name="peer">Who was at the other end.</param>
    /// <param name="now">When.</param>
    /// <param name="witnesses">Takes the peers to be asked about it.</param>
    public void OnPeerDisconnected(NodeId peer, Moment now, List<NodeId> witnesses) => tracker.OnPeerDisconnected(peer, now, witnesses);

    /// <summary>
    /// A peer told who it is and whom it knows to be alive. What it claims is nothing; each beacon counts as its signer's own word, so
    /// providers that are new or back are found here.
    /// </summary>
    public void HandleNetworkStatus(PeerStatus status, Moment now)
    {
        foreach (var beacon in status.Beacons)
        {
            var hops = beacon.Provider == status.Node ? 1 : beacon.Hops + 1;
            tracker.OnProof(beacon with { Path = ProofPath.Relayed, Hops = (byte?)Math.Min(hops ?? byte.MaxValue, byte.MaxValue), Prices = 0 }, now);
        }
    }

    /// <summary>Takes the recent past of an asset from before, oldest first; before its prices, for nothing older comes behind something newer.</summary>
    public void Recall(AssetKey key, IEnumerable<PricePoint> past)
    {
        var history = _table.HistoryOf(key);
        foreach (var point in past)
            history.Add(point);
    }

    /// <summary>Takes a verified message.</summary>
    /// <param name="update">The message.</param>
    /// <param name="messageId">Its id.</param>
    /// <param name="origin">How it came. Only a live one is a sign of its provider's life.</param>
    /// <param name="signed">The message as it came.</param>
    /// <param name="hops">Links that it crossed; null: not known.</param>
    /// <param name="now">When.</param>
    /// <returns>How many readings are newer than what was held.</returns>
    public int Accept(PriceUpdate update, MessageId messageId, PriceOrigin origin, ReadOnlyMemory<byte> signed, byte? hops, Moment now)
    {
        var newer = _table.Accept(update, messageId, origin, signed, tracker.View.Active.Count, now);
        if (origin == PriceOrigin.Live)
        {
            var sign = tracker.OnProof(
                new()
                {
                    Provider = update.Provider,
                    Stamp = update.Stamp,
                    IssuedAt = update.IssuedAt,
                    Hops = hops,
                    Prices = newer,
                },
                now);
            _lastLive = sign == LifeSign.TooOld ? _lastLive : now.Wall;
        }

        Told(now);
        return newer;
    }

    /// <summary>Moves time on; once a second.</summary>
    public void Tick(Moment now)
    {
        tracker.Tick(now);
        _table.Tick(tracker.View.Active.Count, now);
        Told(now);
        var served = Volatile.Read(ref _outageServed);
        if (served != _outageTold)
        {
            _outageTold = served;
            facts.Tell(new ServingCachedData());
        }
    }

    /// <summary>One price; null: nobody ever told it, or its age hides it.</summary>
    public ServedPrice? GetPriceData(AssetKey key, DateTimeOffset now) =>
        _table.Snapshot.Find(key) is { } value && now < value.HideAt ? Served(value, now) : null;

    /// <summary>One price by its symbol: the one that tells no chains apart, else the newest of all chains.</summary>
    public ServedPrice? GetPriceData(string symbol, DateTimeOffset now)
    {
        var snapshot = _table.Snapshot;
        Aggregate? best = null;
        foreach (var place in snapshot.PlacesOf(symbol))
        {
            var value = snapshot.At(place);
            if (now < value.HideAt && (best is null || IsBetter(value, best)))
            {
                best = value;
            }
        }

        return best is null ? null : Served(best, now);
    }

    /// <summary>All prices, by <see cref="AssetKey.ToString"/>.</summary>
    public Dictionary<string, ServedPrice> GetAllPriceData(DateTimeOffset now)
    {
        var values = _table.Snapshot.Values;
        var served = new Dictionary<string, ServedPrice>(values.Count);
        foreach (var value in values)
        {
            if (now < value.HideAt)
            {
                served.Add(value.Reading.Key.ToString(), Served(value, now));
            }
        }

        return served;
    }

    /// <summary>The recent past of one asset, oldest first; empty if there is none.</summary>
    public PricePoint[] GetHistory(AssetKey key) => _table.Snapshot.Find(key)?.History?.ToArray() ?? [];

    private NodeId Self => tracker.Self;

    private static bool IsBetter(Aggregate one, Aggregate other) =>
        (one.Reading.Key.Chain == AssetKey.AnyChain, one.Reading.ObservedAt).CompareTo((other.Reading.Key.Chain == AssetKey.AnyChain, other.Reading.ObservedAt)) > 0;

    private ServedPrice Served(Aggregate value, DateTimeOffset now)
    {
        var view = tracker.View;
        if (view.State is NetworkState.NoProviders or NetworkState.ExtendedOffline)
        {
            // Told by the engine's thread at its next tick, once for each outage.
            Volatile.Write(ref _outageServed, view.Outage);
        }

        return value.Serve(now, view.HasProviders);
    }

    /// <summary>Counts what was said of providers, and freezes what the status tells of the data.</summary>
    private void Told(Moment now)
    {
        foreach (var tally in _table.Tallies)
        {
            tracker.Find(tally.Provider)?.Health.OnReadings(tally.Agrees, tally.Outliers, now.Wall);
        }

        DateTimeOffset? newest = null, oldest = null;
        foreach (var value in _table.Snapshot.Values)
        {
            var at = value.Reading.ObservedAt;
            newest = newest > at ? newest : at;
            oldest = oldest < at ? oldest : at;
        }

        var before = tracker.Data;
        if (_table.Changed.Count > 0 || before.LastLive != _lastLive || before.Newest != newest || before.Oldest != oldest)
        {
            tracker.OnData(new() { Newest = newest, Oldest = oldest, LastLive = _lastLive, Discrepancies = Discrepancies() });
        }
    }

    private List<PriceDisagreement> Discrepancies()
    {
        _discrepant.Clear();
        _table.ListDiscrepancies(_discrepant);
        var told = new List<PriceDisagreement>(_discrepant.Count);
        foreach (var entry in _discrepant)
        {
            var (low, high) = entry.Discrepancy!;
            told.Add(new(entry.Key.ToString(), low.Provider, low.Price, high.Provider, high.Price, entry.Discrepancy.Percent));
        }

        return told;
    }
}
