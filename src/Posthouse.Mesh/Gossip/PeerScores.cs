using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>The scores of all peers by id, kept for a while after they left.</summary>
/// <param name="rules">What counts how much.</param>
internal sealed class PeerScores(ScoreRules rules)
{
    private readonly Dictionary<NodeId, PeerScore> _scores = [];
    private readonly Dictionary<ulong, int> _groups = [];

    /// <summary>Peers remembered.</summary>
    public int Count => _scores.Count;

    /// <summary>A peer came.</summary>
    /// <param name="node">Who.</param>
    /// <param name="group">The group of its address, such as a hash of its /24; 0: addresses tell nothing here.</param>
    /// <param name="now">The time.</param>
    public void Connected(NodeId node, ulong group, TimeSpan now)
    {
        var score = Of(node, now);
        Leave(score);
        score.LeftAt = null;
        score.Group = group;
        if (group != 0)
            _groups[group] = _groups.GetValueOrDefault(group) + 1;
    }

    /// <summary>A peer went.</summary>
    public void Disconnected(NodeId node, TimeSpan now)
    {
        if (!_scores.TryGetValue(node, out var score) || score.LeftAt is not null)
            return;
        Leave(score);
        score.SetInMesh(false, now);
        score.LeftAt = now;
    }

    /// <summary>A peer got, or lost, its place in the mesh.</summary>
    public void SetInMesh(NodeId node, bool isIn, TimeSpan now) => Of(node, now).SetInMesh(isIn, now);

    /// <summary>A peer was the first to bring a message.</summary>
    public void Delivered(NodeId node, TimeSpan now) => Of(node, now).Delivered(now);

    /// <summary>Frames to a peer had to be dropped.</summary>
    public void Stalled(NodeId node, int frames, TimeSpan now) => Of(node, now).Stalled(frames, now);

    /// <summary>A peer brought what was rejected.</summary>
    /// <returns>Whether it is banned for it, now.</returns>
    public bool SentInvalid(NodeId node, TimeSpan now)
    {
        Of(node, now).SentInvalid(now);
        return BanIfDue(node, now);
    }

    /// <summary>A peer did what it may not.</summary>
    /// <returns>Whether it is banned for it, now.</returns>
    public bool Breached(NodeId node, TimeSpan now)
    {
        Of(node, now).Breached(now);
        return BanIfDue(node, now);
    }

    /// <summary>A peer's score.</summary>
    public double Value(NodeId node, TimeSpan now) =>
        _scores.TryGetValue(node, out var score) ? score.Value(InGroupOf(score), now) : 0;

    /// <summary>What a peer's score allows.</summary>
    public Standing StandingOf(NodeId node, TimeSpan now)
    {
        if (!_scores.TryGetValue(node, out var score))
            return Standing.Good;
        if (now < score.BannedUntil)
            return Standing.Banned;
        var value = score.Value(InGroupOf(score), now);
        return value >= 0 ? Standing.Good
            : value >= rules.GossipBelow ? Standing.Pruned
            : value >= rules.GraylistBelow ? Standing.Quiet
            : Standing.Graylisted;
    }

    /// <summary>Until when a peer is banned; null: it is not.</summary>
    public TimeSpan? BannedUntil(NodeId node, TimeSpan now) =>
        _scores.TryGetValue(node, out var score) && now < score.BannedUntil ? score.BannedUntil : null;

    /// <summary>Forgets those who left long ago. Meant for every heartbeat or less often.</summary>
    public void Sweep(TimeSpan now)
    {
        foreach (var (node, score) in _scores)
        {
            // Removing while looking is allowed since .NET Core 3.
            if (score.IsForgettable(now))
                _scores.Remove(node);
        }
    }

    private bool BanIfDue(NodeId node, TimeSpan now)
    {
        var score = _scores[node];
        if (now < score.BannedUntil || score.Value(InGroupOf(score), now) >= rules.BanBelow)
            return false;
        score.Ban(now);
        return true;
    }

    private PeerScore Of(NodeId node, TimeSpan now)
    {
        if (_scores.TryGetValue(node, out var score))
            return score;
        if (_scores.Count >= rules.MaxPeers)
            MakeRoom(now);
        // A peer that is heard of without having come is as one that left at once.
        score = new PeerScore(rules) { LeftAt = now };
        _scores.Add(node, score);
        return score;
    }

    /// <summary>Forgets whoever left first; of those that are not banned if there are any.</summary>
    private void MakeRoom(TimeSpan now)
    {
        NodeId? leaver = null;
        var best = (IsBanned: true, LeftAt: TimeSpan.MaxValue);
        foreach (var (node, score) in _scores)
        {
            if (score.LeftAt is not { } left)
                continue;
            var rank = (IsBanned: now < score.BannedUntil, LeftAt: left);
            if (leaver is null || rank.CompareTo(best) < 0)
                (leaver, best) = (node, rank);
        }

        if (leaver is { } oldest)
            _scores.Remove(oldest);
    }

    private int InGroupOf(PeerScore score) => score.LeftAt is null ? _groups.GetValueOrDefault(score.Group) : 0;

    private void Leave(PeerScore score)
    {
        if (score.Group == 0 || score.LeftAt is not null)
            return;
        if (--_groups[score.Group] == 0)
            _groups.Remove(score.Group);
    }
}
