using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Network;

/// <summary>
/// Follows who provides prices and how long nobody has. Everything is written by the engine's thread;
/// <see cref="GetStatus"/>, <see cref="IsExtendedOffline"/> and <see cref="GetOfflineDuration"/> are for anybody.
/// </summary>
internal sealed class NetworkStatusTracker
{
    private readonly MembershipOptions _options;
    private readonly Membership _membership;
    private readonly OfflineClock _clock;
    private readonly MeshFacts _facts;
    private readonly ProviderNews _news;
    private readonly HashSet<NodeId> _peers = [];
    private readonly List<(ProviderRecord Record, DisconnectReason Reason)> _gone = [];
    private readonly long[] _signs = new long[(int)LifeSign.Stranger + 1];
    private volatile NetworkView _view = NetworkView.Empty;
    private NetworkView _told = NetworkView.Empty;
    private volatile DataView _data = DataView.Empty;
    private Moment? _ownFetch;
    private int _outage;
    private bool _isChanged = true;

    /// <summary>Starts with what the process before remembered.</summary>
    public NetworkStatusTracker(NodeId self, MembershipOptions membership, OfflineOptions offline, INetworkMemory memory, MeshFacts facts, Moment start)
    {
        (Self, _options, _facts, _news) = (self, membership, facts, new(membership, facts));
        _membership = new(membership, memory, self, start);
        _clock = new(offline, memory, _membership.LastAlive, () => _data.Newest is not null, facts, start);
        Size = new(self);
        Size.Tick(start.Wall);
        Publish(start);
    }

    /// <summary>The estimate of the mesh's size, and its sketch for gossip.</summary>
    public NetworkSize Size { get; }

    /// <summary>This node.</summary>
    public NodeId Self { get; }

    /// <summary>What the prices say.</summary>
    public DataView Data => _data;

    /// <summary>Whether this node provides prices, by configuration or promotion.</summary>
    public bool SelfIsProvider { get; private set; }

    /// <summary>What is known now, for readers.</summary>
    public NetworkView View => _view;

    /// <summary>Whether any provider is alive, this node included; for the engine.</summary>
    public bool HasProviders => _membership.Alive > 0 || _ownFetch is not null;

    /// <summary>All known providers, for the engine and for lists.</summary>
    public IEnumerable<ProviderRecord> Known => _membership.Known;

    /// <summary>The record of one provider; null: it is not known as one.</summary>
    public ProviderRecord? Find(NodeId provider) => _membership.Find(provider);

    /// <summary>Lists the consumers that would stand in for providers of some assets, this node aside.</summary>
    public void ListWaiting(ulong group, Moment now, List<SlotCandidate> found) => _membership.ListWaiting(group, now, found);

    /// <summary>By how much this node's wall clock is behind its peers', as far as that is believed.</summary>
    public TimeSpan ClockError { set => _membership.ClockError = value; }

    /// <summary>Proofs of life by what became of them.</summary>
    public long CountOf(LifeSign sign) => _signs[(int)sign];

    /// <summary>Whether no provider has been alive for ten minutes.</summary>
    public bool IsExtendedOffline() => _view.State == NetworkState.ExtendedOffline;

    /// <summary>How long no provider has been alive; null while one is, and in the first seconds after the start.</summary>
    public TimeSpan? GetOfflineDuration(Moment now) => _view.OfflineFor(now);

    /// <summary>The mesh as this node sees it.</summary>
    public NetworkStatus GetStatus(Moment now) => _data.With(_view, now);

    /// <summary>A signed message of a provider was verified. This alone decides who is new, who is back, and who said goodbye.</summary>
    public LifeSign OnProof(in ProofOfLife proof, Moment now)
    {
        var sign = _membership.Judge(proof, now);
        _signs[(int)sign]++;
        if (sign >= LifeSign.Waiting)
        {
            if (sign == LifeSign.Waiting)
            {
                _membership.NoteWaiting(proof, now);
            }

            return sign;
        }

        var record = _membership.Note(proof, now);
        _isChanged = true;
        if (sign == LifeSign.Left)
        {
            OnProviderDisconnected(proof.Provider, DisconnectReason.Leaving, now);
            return sign;
        }

        if (sign != LifeSign.Refreshed)
        {
            Raise(record, sign == LifeSign.New, proof.Prices, now);
        }

        _isChanged |= _news.Regrade(record);
        return sign;
    }

    /// <summary>A known provider is alive again: it counts as active, and if it is the first, the outage is over.</summary>
    public void OnProviderReconnected(NodeId provider, Moment now)
    {
        if (_membership.Find(provider) is { } record)
        {
            Raise(record, isNew: false, prices: 0, now);
        }
    }

    /// <summary>A provider is gone: it counts as inactive, and if it was the last, an outage begins.</summary>
    public void OnProviderDisconnected(NodeId provider, DisconnectReason reason, Moment now)
    {
        if (_membership.Find(provider) is { } record && _membership.Fall(record, reason, now))
        {
            _news.Announce(record, new ProviderDisconnected(provider, reason), counts: reason != DisconnectReason.Leaving, now.Steady);
            Settle(now);
        }
    }

    /// <summary>A connection is open.</summary>
    public void OnPeerConnected(NodeId peer, Moment now)
    {
        _peers.Add(peer);
        Publish(now);
    }

    /// <summary>A connection ended. If a provider was at its other end, that one is suspect at once.</summary>
    /// <param name="peer">Who was at the other end.</param>
    /// <param name="now">When.</param>
    /// <param name="witnesses">Takes the peers to be asked when they last heard it; none are left to ask: it is gone already.</param>
    public void OnPeerDisconnected(NodeId peer, Moment now, List<NodeId> witnesses)
    {
        _peers.Remove(peer);
        if (_membership.Find(peer) is { IsAlive: true } record)
        {
            foreach (var other in _peers)
            {
                if (witnesses.Count < _options.Witnesses)
                {
                    witnesses.Add(other);
                }
            }

            (record.State, record.LossAt) = (Liveness.Suspect, now.Steady);
            if (_peers.Count == 0)
            {
                OnProviderDisconnected(peer, DisconnectReason.ConnectionLost, now);
            }
        }

        Publish(now);
    }

    /// <summary>
    /// A witness answered. If it heard the provider after the connection was lost, the loss says nothing more; but only a signed message
    /// renews its time, so a witness that lies gains it seconds.
    /// </summary>
    /// <param name="provider">Of whom.</param>
    /// <param name="newest">The newest message that the witness has of it.</param>
    /// <param name="age">How long ago it came there.</param>
    /// <param name="now">When the answer came.</param>
    public void OnWitness(NodeId provider, Stamp newest, TimeSpan age, Moment now)
    {
        if (_membership.Find(provider) is { LossAt: { } loss } record && (newest.CompareTo(record.Stamp) > 0 || now.Steady - age > loss))
        {
            record.LossAt = null;
        }
    }

    /// <summary>A slot is over that was one provider's own, or that it served unasked: who missed its own, and has none now, shows so that it delivers.</summary>
    public void OnSlot(in SlotResult slot, Moment now)
    {
        if (_membership.Find(slot.Provider) is not { IsAlive: true } record)
            return;
        record.Missed = slot.Served ? 0 : record.Missed + 1;
        if (slot.WasDue)
            record.Health.OnSlot(slot.Served, now.Wall);
        _isChanged |= _news.Regrade(record);
    }

    /// <summary>This node's own slot is over: it counts itself as a provider only while its fetches succeed.</summary>
    public void OnOwnFetch(int prices, Moment now)
    {
        _ownFetch = prices > 0 ? now : null;
        if (prices > 0)
        {
            _clock.OnAlive(prices, now);
        }

        Settle(now);
    }

    /// <summary>Provider mode was switched.</summary>
    public void SetProvider(bool isOn, Moment now)
    {
        SelfIsProvider = isOn;
        _ownFetch = isOn ? _ownFetch : null;
        Settle(now);
    }

    /// <summary>What the prices say changed.</summary>
    public void OnData(DataView data) => _data = data;

    /// <summary>Moves time on; once a second.</summary>
    public void Tick(Moment now)
    {
        if (_membership.Local.OnTick(now.Steady) is { } late)
        {
            _facts.Tell(new OwnTimersLate(late, late > LocalHealth.Lost));
        }

        _membership.Watch(now, _gone);
        foreach (var (record, reason) in _gone)
        {
            OnProviderDisconnected(record.Id, reason, now);
        }

        _gone.Clear();
        foreach (var record in _membership.Known)
        {
            _isChanged |= _news.Release(record, now.Steady);
        }

        Size.Tick(now.Wall);
        var before = _clock.State;
        _clock.Tick(now);
        if (_isChanged || before != _clock.State)
        {
            Publish(now);
        }

        if (!_view.SaysTheSame(_told))
        {
            _told = _view;
            _facts.Tell(new NetworkStatusChanged(GetStatus(now)));
        }
    }

    private void Raise(ProviderRecord record, bool isNew, int prices, Moment now)
    {
        var wasLeaving = record.GoneReason == DisconnectReason.Leaving;
        if (_membership.Rise(record, now))
        {
            MeshFact fact = isNew ? new ProviderDiscovered(record.Id, record.Hops.Least(now.Steady)) : new ProviderReconnected(record.Id, record.OfflineFor);
            _news.Announce(record, fact, counts: !isNew && !wasLeaving, now.Steady);
            _clock.OnAlive(prices, now);
            Publish(now);
        }
    }

    private void Settle(Moment now)
    {
        if (!HasProviders)
        {
            _clock.OnNoneAlive(now);
        }

        Publish(now);
    }

    private void Publish(Moment now)
    {
        if (_clock.IsOffline && !(_view.State is NetworkState.NoProviders or NetworkState.ExtendedOffline))
        {
            _outage++;
        }

        _isChanged = false;
        var (active, degraded) = NetworkView.ListsOf(_membership.Known, now);
        if (_ownFetch is { } fetched)
        {
            active.Insert(0, new(Self, fetched.Wall, 0));
        }

        _view = new()
        {
            State = _clock.State,
            Since = _clock.Since,
            Active = active,
            Degraded = degraded,
            Peers = _peers.Count,
            Size = Math.Max(Size.Estimate, _peers.Count + 1),
            SelfIsProvider = SelfIsProvider,
            Outage = _outage,
        };
    }
}
