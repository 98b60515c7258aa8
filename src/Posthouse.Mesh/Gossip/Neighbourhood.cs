using Posthouse.Jobs;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>The node's connections, and what all parts of the engine do with them: send, blame, close, choose by chance.</summary>
internal sealed class Neighbourhood(IGossipPort port, GossipOptions options, PeerScores scores, IIds ids, MeshFacts facts)
{
    /// <summary>Peers whose rejected messages are counted one by one: who has as many made-up ids fills no memory.</summary>
    public const int MaxRejected = 64;

    private readonly Dictionary<int, Link> _links = [];
    private readonly Dictionary<NodeId, Link> _byNode = [];
    private readonly List<Link> _up = [];
    private readonly Dictionary<string, int> _addresses = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeId, long> _rejected = [];

    /// <summary>The parameters.</summary>
    public GossipOptions Options => options;

    /// <summary>The scores of all peers.</summary>
    public PeerScores Scores => scores;

    /// <summary>Chance.</summary>
    public IIds Ids => ids;

    /// <summary>Takes what became true.</summary>
    public MeshFacts Facts => facts;

    /// <summary>Where to what must be done goes.</summary>
    public IGossipPort Port => port;

    /// <summary>Connections whose greeting is done.</summary>
    public IReadOnlyList<Link> Up => _up;

    /// <summary>All connections.</summary>
    public Dictionary<int, Link>.ValueCollection All => _links.Values;

    /// <summary>Connections whose greeting was done, since the start.</summary>
    public long Joined { get; private set; }

    /// <summary>Those of them that ended.</summary>
    public long Left { get; private set; }

    /// <summary>Messages that no honest node passes on, by the peer that sent them; those of peers beyond <see cref="MaxRejected"/> stand under the nil id.</summary>
    public IReadOnlyDictionary<NodeId, long> Rejected => _rejected;

    /// <summary>Called with each connection that is no more, and whether it was up.</summary>
    public Action<Link, bool, Moment> Lost { get; set; } = static (_, _, _) => { };

    /// <summary>The connection of a number; null: it is closed.</summary>
    public Link? Find(int number) => _links.GetValueOrDefault(number);

    /// <summary>The connection to a node; null: there is none.</summary>
    public Link? Find(NodeId node) => _byNode.GetValueOrDefault(node);

    /// <summary>Whether a connection that is up leads to an address.</summary>
    public bool IsConnected(string address) => _addresses.ContainsKey(address);

    /// <summary>Connections that are up, by who dialled.</summary>
    public int CountUp(bool isOutbound)
    {
        var count = 0;
        foreach (var link in _up)
            count += link.IsOutbound == isOutbound ? 1 : 0;
        return count;
    }

    /// <summary>A connection was opened.</summary>
    public void Add(Link link) => _links.Add(link.Number, link);

    /// <summary>A connection's greeting is done.</summary>
    public void Rise(Link link, Moment now)
    {
        (link.IsUp, link.Since) = (true, now.Steady);
        Joined++;
        _byNode.Add(link.Id, link);
        _up.Add(link);
        _addresses[link.Address] = _addresses.GetValueOrDefault(link.Address) + 1;
        scores.Connected(link.Id, link.Group, now.Steady);
        Regrade(link, now);
    }

    /// <summary>A connection is no more.</summary>
    public void Remove(Link link, Moment now)
    {
        if (!_links.Remove(link.Number))
            return;
        var wasUp = link.IsUp;
        if (wasUp)
        {
            Left++;
            (link.IsUp, link.IsInMesh) = (false, false);
            _byNode.Remove(link.Id);
            _up.Remove(link);
            if (--_addresses[link.Address] == 0)
                _addresses.Remove(link.Address);
            scores.Disconnected(link.Id, now.Steady);
        }

        Lost(link, wasUp, now);
    }

    /// <summary>Closes a connection.</summary>
    public void Close(Link link, CloseReason reason, Moment now)
    {
        if (Find(link.Number) != link)
            return;
        link.ClosedFor = reason;
        port.Close(link.Number, reason);
        Remove(link, now);
    }

    /// <summary>Sends a frame.</summary>
    public void Send(Link link, Frame frame, Urgency urgency = Urgency.Control) => port.Send(link.Number, FrameCodec.Encode(frame), urgency);

    /// <summary>Sends a frame that is written already.</summary>
    public void Send(Link link, ReadOnlyMemory<byte> frame, Urgency urgency) => port.Send(link.Number, frame, urgency);

    /// <summary>Blames a peer for what every honest node would have refused.</summary>
    public void Reject(Link link, Moment now)
    {
        var counted = _rejected.ContainsKey(link.Id) || _rejected.Count < MaxRejected ? link.Id : default;
        _rejected[counted] = _rejected.GetValueOrDefault(counted) + 1;
        Judge(link, scores.SentInvalid(link.Id, now.Steady), now);
    }

    /// <summary>Blames a peer for what it may not do.</summary>
    public void Breach(Link link, Moment now) => Judge(link, scores.Breached(link.Id, now.Steady), now);

    /// <summary>Computes anew what a peer's score allows.</summary>
    public void Regrade(Link link, Moment now) => link.Standing = scores.StandingOf(link.Id, now.Steady);

    /// <summary>A random number below a limit.</summary>
    public int Below(int limit) => (int)(ids.NextUInt64() % (ulong)limit);

    /// <summary>A time, give or take a share of it.</summary>
    public TimeSpan Jitter(TimeSpan time, double share) => time * (1 - share + (2 * share * ids.NextFraction()));

    /// <summary>Keeps so many of a list, chosen by chance, at its front.</summary>
    public void Choose(List<Link> links, int count)
    {
        for (var at = 0; at < count && at < links.Count; at++)
        {
            var other = at + Below(links.Count - at);
            (links[at], links[other]) = (links[other], links[at]);
        }

        if (links.Count > count)
            links.RemoveRange(count, links.Count - count);
    }

    private void Judge(Link link, bool isBanned, Moment now)
    {
        Regrade(link, now);
        if (!isBanned)
            return;
        facts.Tell(new PeerBanned(link.Id, scores.BannedUntil(link.Id, now.Steady) is { } until ? until - now.Steady : TimeSpan.Zero));
        Close(link, CloseReason.Banned, now);
    }
}
