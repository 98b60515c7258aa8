using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>
/// Which peers messages are passed on to at once. Both ends of a link agree on it: one grafts, the other takes it or prunes. After a
/// prune neither may graft again for a while, on whatever way it comes to it.
/// </summary>
internal sealed class MeshLinks(Neighbourhood near, Func<ReadOnlyMemory<byte>[]> records)
{
    /// <summary>Peers taken in at once because the mesh is poor (gossipsub 1.1).</summary>
    private const int OpportunisticGrafts = 2;

    /// <summary>The time in which a graft and a prune can pass each other on the way: a round trip of a bad line.</summary>
    private static readonly TimeSpan _crossing = TimeSpan.FromSeconds(2);

    private readonly Dictionary<NodeId, TimeSpan> _backoff = [];
    private readonly List<Link> _inside = [];
    private readonly List<Link> _outside = [];
    private TimeSpan _opportunityAt = TimeSpan.MinValue;
    private TimeSpan _elsewhereAt = TimeSpan.MinValue;

    /// <summary>A peer grafts.</summary>
    public void OnGraft(Link link, Moment now)
    {
        if (link.IsInMesh)
            return;
        if (_backoff.TryGetValue(link.Id, out var until) && now.Steady < until)
        {
            // Both sides acted at once: the peer will read the prune that is on its way.
            if (until - now.Steady > near.Options.Backoff - _crossing)
                return;
            near.Breach(link, now);
            if (link.IsUp)
                Refuse(link, now);
        }
        else if (link.Standing == Standing.Good && (link.IsOutbound || CountInside() < near.Options.HighDegree))
        {
            Enter(link, now);
        }
        else if (link.Standing == Standing.Good && near.CountUp(isOutbound: false) > near.Options.ManyInbound)
        {
            SendAway(link, now);
        }
        else
        {
            Refuse(link, now);
        }
    }

    /// <summary>A peer prunes.</summary>
    public void OnPrune(Link link, int backoffSeconds, Moment now)
    {
        link.PrunedAt = now.Steady;
        Leave(link, now);
        SetBackoff(link.Id, TimeSpan.FromSeconds(backoffSeconds), now);
    }

    /// <summary>A later start of a node knows nothing of what was agreed with the one before.</summary>
    public void Forget(NodeId node) => _backoff.Remove(node);

    /// <summary>Keeps the mesh at its degree; each heartbeat.</summary>
    public void Heartbeat(Moment now)
    {
        var options = near.Options;
        Expel(now);
        Sort();
        if (_inside.Count < options.LowDegree)
            Graft(options.Degree - _inside.Count, outboundOnly: false, double.NegativeInfinity, now);
        if (_inside.Count >= options.HighDegree)
            Shrink(now);
        if (CountOutbound() is var outbound && outbound < options.OutboundDegree)
            Graft(options.OutboundDegree - outbound, outboundOnly: true, double.NegativeInfinity, now);
        if (now.Steady >= _opportunityAt)
        {
            if (_opportunityAt != TimeSpan.MinValue && _inside.Count > 0 && Median(now) is var median && median < options.OpportunismBelow)
                Graft(OpportunisticGrafts, outboundOnly: false, median, now);
            _opportunityAt = now.Steady + options.Opportunism;
            Sweep(now);
        }

        if (_inside.Count >= options.LowDegree || _elsewhereAt == TimeSpan.MinValue)
        {
            _elsewhereAt = now.Steady + options.LookElsewhere;
        }
        else if (now.Steady >= _elsewhereAt)
        {
            LookElsewhere(now);
            _elsewhereAt = now.Steady + options.LookElsewhere;
        }
    }

    /// <summary>Lets go one that has no place for this node in its mesh, so that another is dialled who may have one.</summary>
    private void LookElsewhere(Moment now)
    {
        _outside.Clear();
        foreach (var link in near.Up)
        {
            if (link.IsOutbound && !link.IsInMesh)
                _outside.Add(link);
        }

        if (_outside.Count > 0)
            SendAway(_outside[near.Below(_outside.Count)], now);
    }

    private int CountInside()
    {
        var count = 0;
        foreach (var link in near.Up)
            count += link.IsInMesh ? 1 : 0;
        return count;
    }

    private void Sort()
    {
        _inside.Clear();
        foreach (var link in near.Up)
        {
            if (link.IsInMesh)
                _inside.Add(link);
        }
    }

    private int CountOutbound()
    {
        var count = 0;
        foreach (var link in _inside)
            count += link.IsOutbound ? 1 : 0;
        return count;
    }

    private void Expel(Moment now)
    {
        foreach (var link in near.Up)
        {
            near.Regrade(link, now);
            if (link.IsInMesh && link.Standing != Standing.Good)
                Refuse(link, now);
        }
    }

    private void Graft(int count, bool outboundOnly, double above, Moment now)
    {
        _outside.Clear();
        foreach (var link in near.Up)
        {
            // One heartbeat more than agreed: the other side's clock began later.
            if (!link.IsInMesh && link.Standing == Standing.Good && (link.IsOutbound || !outboundOnly)
                && !(_backoff.TryGetValue(link.Id, out var until) && now.Steady < until + near.Options.Heartbeat)
                && (double.IsNegativeInfinity(above) || near.Scores.Value(link.Id, now.Steady) > above))
            {
                _outside.Add(link);
            }
        }

        near.Choose(_outside, count);
        foreach (var link in _outside)
        {
            Enter(link, now);
            _inside.Add(link);
            near.Send(link, Wire.Graft.One);
        }
    }

    /// <summary>Keeps the best by score, enough of those this node dialled, and of the others as many as chance keeps.</summary>
    private void Shrink(Moment now)
    {
        var options = near.Options;
        near.Choose(_inside, _inside.Count);
        var scores = new Dictionary<Link, double>(_inside.Count);
        foreach (var link in _inside)
            scores[link] = near.Scores.Value(link.Id, now.Steady);
        var best = new List<Link>(_inside);
        best.Sort((one, other) => scores[other].CompareTo(scores[one]) is var order and not 0 ? order : one.Number.CompareTo(other.Number));
        var kept = new HashSet<Link>();
        for (var at = 0; at < options.ScoreDegree; at++)
            kept.Add(best[at]);
        var outbound = 0;
        foreach (var link in kept)
            outbound += link.IsOutbound ? 1 : 0;
        foreach (var link in _inside)
        {
            if (outbound < options.OutboundDegree && link.IsOutbound && kept.Add(link))
                outbound++;
        }

        foreach (var link in _inside)
        {
            if (kept.Count < options.Degree)
                kept.Add(link);
            else if (!kept.Contains(link))
                Refuse(link, now);
        }

        Sort();
    }

    private double Median(Moment now)
    {
        var values = new List<double>(_inside.Count);
        foreach (var link in _inside)
            values.Add(near.Scores.Value(link.Id, now.Steady));
        values.Sort();
        return values[values.Count / 2];
    }

    /// <summary>Closes a connection that there is no room for, and says so first: who is sent away has not lost a peer that it must find again.</summary>
    public void SendAway(Link link, Moment now)
    {
        near.Send(link, new Prune((int)near.Options.Backoff.TotalSeconds, records()));
        near.Close(link, CloseReason.Full, now);
    }

    private void Refuse(Link link, Moment now)
    {
        Leave(link, now);
        SetBackoff(link.Id, near.Options.Backoff, now);
        // Who stays connected asks for addresses when it needs them.
        near.Send(link, new Prune((int)near.Options.Backoff.TotalSeconds, []));
    }

    private void Enter(Link link, Moment now)
    {
        link.IsInMesh = true;
        near.Scores.SetInMesh(link.Id, true, now.Steady);
    }

    private void Leave(Link link, Moment now)
    {
        link.IsInMesh = false;
        near.Scores.SetInMesh(link.Id, false, now.Steady);
    }

    private void SetBackoff(NodeId node, TimeSpan backoff, Moment now)
    {
        if (!_backoff.TryGetValue(node, out var until) || until < now.Steady + backoff)
            _backoff[node] = now.Steady + backoff;
    }

    private void Sweep(Moment now)
    {
        foreach (var (node, until) in _backoff)
        {
            if (now.Steady > until + near.Options.Heartbeat)
                _backoff.Remove(node);
        }
    }
}
