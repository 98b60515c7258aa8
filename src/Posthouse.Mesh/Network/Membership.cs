using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Network;

/// <summary>
/// Who is a provider, and who of them is alive. Only signed messages that are newer than all before prove life; silence and lost
/// connections disprove it, and slowly, because a wrong alarm costs more than a late one.
/// </summary>
internal sealed class Membership
{
    private readonly MembershipOptions _options;
    private readonly INetworkMemory _memory;
    private readonly NodeId _self;
    private readonly Dictionary<NodeId, ProviderRecord> _known = [];
    private readonly Dictionary<NodeId, (ProofOfLife Beacon, TimeSpan At)> _waiting = [];

    /// <summary>Knows whom the process before knew, all of them silent.</summary>
    public Membership(MembershipOptions options, INetworkMemory memory, NodeId self, Moment start)
    {
        (_options, _memory, _self) = (options, memory, self);
        foreach (var known in memory.Providers)
        {
            var gone = known.LastAlive < start.Wall ? start.After(known.LastAlive - start.Wall) : start;
            _known[known.Id] = new(known.Id, options.Beacon)
            {
                FirstSeen = known.FirstSeen,
                Stamp = known.Stamp,
                LastSeen = gone,
                GoneAt = gone,
                Health = new(known.Health, known.LastAlive),
            };
        }
    }

    /// <summary>This node's own well-being.</summary>
    public LocalHealth Local { get; } = new();

    /// <summary>
    /// By how much this node's wall clock is behind its peers', below zero where it is ahead: else one that is ahead by half a minute would see
    /// nobody alive. Only that is made use of. Anybody may be a peer, and a majority that says a late time would age what all providers sign.
    /// </summary>
    public TimeSpan ClockError { get; set; }

    /// <summary>All known providers, alive or not, in no order.</summary>
    public Dictionary<NodeId, ProviderRecord>.ValueCollection Known => _known.Values;

    /// <summary>Providers that are alive.</summary>
    public int Alive { get; private set; }

    /// <summary>The last sign of life of any provider; null: there never was one.</summary>
    public DateTimeOffset? LastAlive
    {
        get
        {
            DateTimeOffset? last = null;
            foreach (var record in _known.Values)
            {
                last = last is { } time && time > record.LastSeen.Wall ? time : record.LastSeen.Wall;
            }

            return last;
        }
    }

    /// <summary>The record of one provider; null: it is not known as one.</summary>
    public ProviderRecord? Find(NodeId provider) => _known.GetValueOrDefault(provider);

    /// <summary>Judges a message; who is new or returning is for <see cref="Rise"/> to write.</summary>
    public LifeSign Judge(in ProofOfLife proof, Moment now)
    {
        if (proof.Path == ProofPath.Stored)
        {
            return LifeSign.Stored;
        }

        if (proof.Provider == _self)
        {
            return LifeSign.Own;
        }

        // A goodbye is true however late it comes.
        if (proof.Condition != ProviderState.Leaving && now.Wall + Ahead() - proof.IssuedAt > _options.MaxProofAge)
        {
            return LifeSign.TooOld;
        }

        var record = Find(proof.Provider);
        if (record is not null && proof.Stamp.CompareTo(record.Stamp) <= 0)
        {
            return proof.Stamp.Epoch < record.Stamp.Epoch ? LifeSign.Ghost : LifeSign.NotNewer;
        }

        return proof.Condition == ProviderState.Leaving ? record is null ? LifeSign.Stranger : LifeSign.Left
            : proof.Condition == ProviderState.Standby && record is not { IsAlive: true } ? LifeSign.Waiting
            : record is null ? MakeRoom() ? LifeSign.New : LifeSign.TooMany
            : record.IsAlive ? LifeSign.Refreshed
            : LifeSign.Returning;
    }

    /// <summary>Writes down who would stand in for providers.</summary>
    public void NoteWaiting(in ProofOfLife beacon, Moment now)
    {
        if ((_waiting.Count < MembershipOptions.MaxProviders || _waiting.ContainsKey(beacon.Provider))
            && !(_waiting.TryGetValue(beacon.Provider, out var before) && before.Beacon.Stamp.CompareTo(beacon.Stamp) > 0))
        {
            _waiting[beacon.Provider] = (beacon, now.Steady);
        }
    }

    /// <summary>Lists who would stand in for providers of some assets and was heard lately, weighted by uptime; forgets whoever was not.</summary>
    public void ListWaiting(ulong group, Moment now, List<SlotCandidate> found)
    {
        foreach (var (id, (beacon, at)) in _waiting)
        {
            if (now.Steady - at >= _options.Gone)
            {
                _waiting.Remove(id);
            }
            else if (beacon.Group == group)
            {
                found.Add(new(id, Promotion.WeightOf(beacon.Uptime), IsDegraded: false));
            }
        }
    }

    /// <summary>Writes down what an accepted message says.</summary>
    public ProviderRecord Note(in ProofOfLife proof, Moment now)
    {
        if (Find(proof.Provider) is not { } record)
        {
            _known.Add(proof.Provider, record = new(proof.Provider, _options.Beacon) { FirstSeen = now.Wall });
        }

        if (proof.Stamp.Epoch != record.Stamp.Epoch)
        {
            record.Arrivals.Reset();
            record.LastBeacon = null;
        }

        (record.Stamp, record.LastSeen) = (proof.Stamp, now);
        if (proof.Condition == ProviderState.Leaving)
        {
            return record;
        }

        record.LossAt = null;
        record.State = record.State == Liveness.Suspect ? Liveness.Active : record.State;
        if (proof.Hops is { } hops)
        {
            record.Hops.Add(hops, now.Steady);
        }

        if (proof.IsBeacon)
        {
            NoteBeacon(record, proof, now.Steady);
        }

        return record;
    }

    /// <summary>A provider is alive from now on. Returns whether it was not.</summary>
    public bool Rise(ProviderRecord record, Moment now)
    {
        if (record.IsAlive)
        {
            return false;
        }

        record.OfflineFor = OfflineClock.Shown(record.GoneAt, now);
        record.State = Liveness.Active;
        (record.LastSeen, record.RoseAt) = (now, now.Steady);
        Alive++;
        Remember(record, now.Steady);
        return true;
    }

    /// <summary>A provider is gone from now on. Returns whether it was alive.</summary>
    public bool Fall(ProviderRecord record, DisconnectReason reason, Moment now)
    {
        if (!record.IsAlive)
        {
            return false;
        }

        record.State = Liveness.Inactive;
        (record.GoneAt, record.GoneReason, record.LossAt, record.LastBeacon) = (now, reason, null, null);
        (record.IsDegraded, record.SaysDegraded, record.Missed) = (false, false, 0);
        Alive--;
        Remember(record, now.Steady);
        return true;
    }

    /// <summary>Makes suspect whom silence makes so, and lists whom time made gone.</summary>
    public void Watch(Moment now, List<(ProviderRecord Record, DisconnectReason Reason)> gone)
    {
        var isQuiet = Local.IsQuiet(now.Steady);
        foreach (var record in _known.Values)
        {
            if (!record.IsAlive)
            {
                continue;
            }

            var silence = now.Steady - record.LastSeen.Steady;
            if (!isQuiet && record.LossAt is { } loss && now.Steady - loss >= _options.GoneAfterLoss * Local.Factor)
            {
                gone.Add((record, DisconnectReason.ConnectionLost));
            }
            else if (!isQuiet && silence >= _options.Gone * Local.Factor)
            {
                gone.Add((record, DisconnectReason.Silence));
            }
            else if (!isQuiet && silence >= _options.SuspectFloor * Local.Factor && record.Arrivals.Phi(silence / Local.Factor) >= _options.SuspectPhi)
            {
                record.State = Liveness.Suspect;
            }
            else if (record.RememberedAt is not { } written || now.Steady - written >= _options.Remember)
            {
                Remember(record, now.Steady);
            }
        }
    }

    private TimeSpan Ahead() => ClockError < TimeSpan.Zero ? ClockError : TimeSpan.Zero;

    private static void NoteBeacon(ProviderRecord record, in ProofOfLife proof, TimeSpan now)
    {
        if (record.LastBeacon is { } before)
        {
            record.Arrivals.Add(now - before);
        }

        record.LastBeacon = now;
        record.Beacon = proof;
        record.SaysDegraded = proof.Condition == ProviderState.Degraded;
    }

    private void Remember(ProviderRecord record, TimeSpan now)
    {
        record.RememberedAt = now;
        _memory.Save(record.Known());
    }

    /// <summary>Forgets, where all places are taken, the one that has been gone for longest.</summary>
    private bool MakeRoom()
    {
        if (_known.Count < MembershipOptions.MaxProviders)
        {
            return true;
        }

        ProviderRecord? oldest = null;
        foreach (var record in _known.Values)
        {
            if (!record.IsAlive && (oldest is null || record.LastSeen.Wall < oldest.LastSeen.Wall))
            {
                oldest = record;
            }
        }

        if (oldest is null)
        {
            return false;
        }

        _known.Remove(oldest.Id);
        _memory.Forget(oldest.Id);
        return true;
    }
}
