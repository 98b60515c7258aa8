using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>
/// From an open connection to a peer whose id is proven, and which of several connections to one node is kept: that of its latest start;
/// of two opened at once, the one that the smaller id dialled; of two that the same side dialled, the later.
/// </summary>
internal sealed class Greetings(Neighbourhood near, GossipSetup setup, AddressBook addresses, RefusalCounts counts)
{
    private readonly NodeId _self = setup.Key.Public.Id;
    private readonly List<Link> _late = [];

    /// <summary>A second process is told of at most so often, one of this node and one of others: both dial for ever.</summary>
    private static readonly TimeSpan _alarmEvery = TimeSpan.FromMinutes(1);

    private TimeSpan _ownAt = TimeSpan.MinValue;
    private TimeSpan _othersAt = TimeSpan.MinValue;

    /// <summary>A connection is open: the greeting begins.</summary>
    public Link Begin(int number, bool isOutbound, string address, ulong group, Moment now)
    {
        var nonce = new byte[MeshProtocol.NonceBytes];
        near.Ids.Fill(nonce);
        var handshake = new Handshake(setup.Key, setup.Signatures);
        var link = new Link(number, isOutbound, address, group, new PeerBudget(setup.Shares), now.Steady) { Handshake = handshake, Nonce = nonce };
        near.Add(link);
        near.Send(link, handshake.Begin(setup.Network, setup.Epoch, nonce, addresses.Own, setup.Agent), Urgency.Control);
        return link;
    }

    /// <summary>Takes a frame before the greeting is done.</summary>
    /// <returns>Whether the greeting is done now, and the connection is kept.</returns>
    public bool OnFrame(Link link, ReadOnlyMemory<byte> bytes, Moment now)
    {
        var handshake = link.Handshake!;
        var reason = FrameCodec.TryType(bytes.Span, out var type);
        if (reason == Refusal.None && !link.Budget.TryTake(type, bytes.Length, now.Steady))
            reason = Refusal.RateLimited;
        Frame? frame = null;
        if (reason == Refusal.None)
            reason = type is FrameType.Hello or FrameType.HelloAck ? FrameCodec.TryDecode(bytes, out frame) : Refusal.OutOfPlace;
        if (reason == Refusal.None)
        {
            reason = frame switch
            {
                Hello hello => OnHello(link, handshake, bytes, hello, now),
                HelloAck ack => handshake.OnAck(ack),
                _ => Refusal.OutOfPlace,
            };
        }

        counts.Note(reason);
        link.GreetingFault = reason;
        if (reason != Refusal.None)
            near.Close(link, reason == Refusal.OwnKey ? CloseReason.Self : CloseReason.Greeting, now);
        return reason == Refusal.None && handshake.IsDone && Admit(link, handshake.Peer!, now);
    }

    /// <summary>Closes connections whose greeting takes too long.</summary>
    public void Tick(Moment now)
    {
        if (near.All.Count == near.Up.Count)
            return;
        foreach (var link in near.All)
        {
            if (!link.IsUp && now.Steady - link.Since >= near.Options.Greeting)
                _late.Add(link);
        }

        foreach (var link in _late)
            near.Close(link, CloseReason.Greeting, now);
        _late.Clear();
    }

    /// <summary>This node's key was met where only another process can have it.</summary>
    public void Alarm(string address, Moment now) => Alarm(ref _ownAt, _self, address, now);

    private void Alarm(ref TimeSpan at, NodeId node, string address, Moment now)
    {
        if (at != TimeSpan.MinValue && now.Steady - at < _alarmEvery)
            return;
        at = now.Steady;
        near.Facts.Tell(new DuplicateIdentity(node, address));
    }

    private Refusal OnHello(Link link, Handshake handshake, ReadOnlyMemory<byte> bytes, Hello hello, Moment now)
    {
        var reason = handshake.OnHello(bytes, hello, out var answer);
        if (reason == Refusal.None)
            near.Send(link, answer, Urgency.Control);
        else if (reason == Refusal.OwnKey && !IsOwnNonce(hello.Nonce.Span))
            Alarm(hello.Address.Length > 0 ? hello.Address : link.Address, now);
        return reason;
    }

    private bool IsOwnNonce(ReadOnlySpan<byte> nonce)
    {
        foreach (var link in near.All)
        {
            if (link.Nonce.Span.SequenceEqual(nonce))
                return true;
        }

        return false;
    }

    private bool Admit(Link link, Hello peer, Moment now)
    {
        (link.Id, link.Epoch, link.Listens) = (peer.Key.Id, peer.Epoch, peer.Address);
        (link.Handshake, link.Nonce) = (null, default);
        if (link.Address.Length == 0)
            link.Address = peer.Address;
        if (near.Scores.StandingOf(link.Id, now.Steady) == Standing.Banned)
        {
            near.Close(link, CloseReason.Banned, now);
            return false;
        }

        if (near.Find(link.Id) is { } other)
        {
            if (!Prefers(link, other, now))
            {
                near.Close(link, CloseReason.Duplicate, now);
                return false;
            }

            (other.IsSuperseded, other.IsReplaced) = (link.Epoch == other.Epoch, link.Epoch > other.Epoch);
            near.Close(other, link.Epoch > other.Epoch ? CloseReason.Replaced : CloseReason.Duplicate, now);
        }

        near.Rise(link, now);
        return true;
    }

    private bool Prefers(Link link, Link other, Moment now)
    {
        if (link.Epoch > other.Epoch)
            return true;
        // A process that has started again is dead as who it was: it proves no earlier start, and does not listen at two places.
        if (link.Epoch < other.Epoch || other.Listens != link.Listens)
        {
            Alarm(ref _othersAt, link.Id, link.Listens, now);
            return false;
        }

        // Both ends see the same two diallers, so both keep the same connection.
        return link.IsOutbound == other.IsOutbound || link.IsOutbound == _self.CompareTo(link.Id) < 0;
    }
}
