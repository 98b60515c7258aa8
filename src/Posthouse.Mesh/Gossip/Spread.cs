using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>
/// How a message gets around: at once to some of the mesh, and its id to the rest of it, who ask for it if it has not reached them; whole
/// to everybody in a small network or where it is this node's own; and by its id, each heartbeat, to some of those outside the mesh.
/// </summary>
internal sealed class Spread(Neighbourhood near, SeenSet seen, Func<int> networkSize)
{
    /// <summary>Messages that are asked for at a time: all that a cache can hold.</summary>
    private const int MaxWants = MessageCache.MaxMessages;

    /// <summary>Other peers remembered for one message, should the first not answer.</summary>
    private const int MaxOthers = 3;

    /// <summary>IWants in a row that a peer must leave unanswered to be blamed: single frames get lost where a queue is full.</summary>
    private const int BlameAfter = 4;

    private readonly MessageCache _cache = new();
    private readonly Dictionary<MessageId, Want> _wants = [];
    private readonly Queue<(MessageId Id, TimeSpan Due)> _due = new();
    private readonly List<MessageId> _ids = [];
    private readonly List<Link> _links = [];
    private int _beats;

    /// <summary>When <see cref="FollowUp"/> has something to do.</summary>
    public TimeSpan NextDue => _due.TryPeek(out var first) ? first.Due : TimeSpan.MaxValue;

    /// <summary>Messages asked for and not here yet.</summary>
    public int Wants => _wants.Count;

    /// <summary>Whether the network is so small that everybody tells everybody.</summary>
    public bool Floods => Math.Max(networkSize(), near.Up.Count + 1) <= near.Options.FloodUpTo;

    /// <summary>
    /// Passes on what somebody else signed. Copies cross on the way between peers that got it by other ways; of an id that crosses little
    /// is lost.
    /// </summary>
    public void Relay(SignedFrame frame, Link from)
    {
        var id = frame.Envelope.Id;
        var want = Answered(id);
        if (!frame.TryRelay(out var relayed))
            return;
        _cache.Put(id, relayed);
        if (relayed.Length >= near.Options.DontWantFrom)
            TellDontWant(id, from);
        var floods = Floods;
        _links.Clear();
        foreach (var link in near.Up)
        {
            if (link != from && (floods || link.IsInMesh) && link.Standing <= Standing.Pruned && link.Id != frame.Envelope.Signer
                && !link.DontWants(id) && want?.Has(link.Number) != true)
            {
                _links.Add(link);
            }
        }

        PassOn(id, relayed, floods ? _links.Count : near.Options.EagerDegree);
    }

    /// <summary>Sends what this node signed itself to every peer that is heard.</summary>
    /// <returns>To how many.</returns>
    public int Publish(SignedFrame frame)
    {
        _cache.Put(frame.Envelope.Id, frame.Envelope.Frame);
        var told = 0;
        foreach (var link in near.Up)
        {
            if (link.Standing > Standing.Pruned)
                continue;
            near.Send(link, frame.Envelope.Frame, Urgency.Data);
            told++;
        }

        return told;
    }

    /// <summary>A peer has messages.</summary>
    public void OnHave(Link link, MessageId[] ids, Moment now)
    {
        if (link.Standing >= Standing.Quiet)
            return;
        _ids.Clear();
        foreach (var id in ids)
        {
            if (seen.Contains(id, now.Steady))
                continue;
            if (_wants.TryGetValue(id, out var want))
            {
                if (want.Others.Count < MaxOthers && !want.Has(link.Number))
                    want.Others.Enqueue(link.Number);
            }
            else if (_wants.Count < MaxWants)
            {
                _wants.Add(id, new Want(link.Number));
                _due.Enqueue((id, now.Steady + near.Options.FollowUp));
                _ids.Add(id);
            }
        }

        if (_ids.Count > 0)
            near.Send(link, new IWant([.. _ids]));
    }

    /// <summary>A peer asks for messages.</summary>
    public void OnWant(Link link, MessageId[] ids)
    {
        if (link.Standing >= Standing.Quiet)
            return;
        foreach (var id in ids)
        {
            if (_cache.TryGet(id, out var frame) && link.TryServe(id))
                near.Send(link, frame, Urgency.Data);
        }
    }

    /// <summary>A peer has got messages by another way.</summary>
    public static void OnDontWant(Link link, MessageId[] ids)
    {
        foreach (var id in ids)
            link.NoteDontWant(id);
    }

    /// <summary>Asks the next peer for what the one before did not send.</summary>
    public void FollowUp(Moment now)
    {
        while (_due.TryPeek(out var first) && first.Due <= now.Steady)
        {
            _due.Dequeue();
            if (!_wants.TryGetValue(first.Id, out var want))
                continue;
            if (near.Find(want.Asked) is { IsUp: true } late)
                Blame(late, first.Due, now);
            if (NextOf(want) is { } next)
            {
                want.Asked = next.Number;
                _due.Enqueue((first.Id, now.Steady + near.Options.FollowUp));
                near.Send(next, new IWant([first.Id]));
            }
            else
            {
                _wants.Remove(first.Id);
            }
        }
    }

    /// <summary>Tells some peers which messages there are; each heartbeat.</summary>
    public void Heartbeat()
    {
        var forget = ++_beats % MessageCache.Windows == 0;
        foreach (var link in near.Up)
            link.Shift(forget);
        _ids.Clear();
        _cache.AddGossipIds(_ids);
        if (_ids.Count > 0)
            TellIds();
        _cache.Shift();
    }

    /// <summary>A message came that this node does not take, such as one from the future of its slow clock: whoever was asked has answered.</summary>
    public void OnIgnored(ReadOnlyMemory<byte> frame)
    {
        if (_wants.Count > 0 && FrameCodec.TryType(frame.Span, out var type) == Refusal.None && type.IsSigned()
            && SignedBytes.TryDigest(frame.Span, out var digest) == Refusal.None)
        {
            Answered(digest.Id);
        }
    }

    /// <summary>A message is here.</summary>
    /// <returns>Who else has it, where it was asked for.</returns>
    private Want? Answered(MessageId id)
    {
        if (_wants.Remove(id, out var want) && near.Find(want.Asked) is { } asked)
            asked.Unanswered = 0;
        return want;
    }

    /// <summary>Sends a message to some of the listed links, and its id to the others.</summary>
    private void PassOn(MessageId id, ReadOnlyMemory<byte> frame, int eager)
    {
        if (_links.Count == 0)
            return;
        byte[]? have = null;
        // An id is a hash: where it points to, others point elsewhere, and the next message too.
        var first = (int)((ulong)id.Value % (ulong)_links.Count);
        for (var at = 0; at < _links.Count; at++)
        {
            var link = _links[(first + at) % _links.Count];
            if (at < eager)
                near.Send(link, frame, Urgency.Data);
            else
                near.Send(link, have ??= FrameCodec.Encode(new IHave([id])), Urgency.Control);
        }
    }

    /// <summary>One IWant is one, however many ids it had.</summary>
    private void Blame(Link late, TimeSpan due, Moment now)
    {
        if (late.UnansweredAt == due)
            return;
        late.UnansweredAt = due;
        if (++late.Unanswered % BlameAfter == 0)
            near.Breach(late, now);
    }

    private void TellIds()
    {
        _links.Clear();
        var floods = Floods;
        foreach (var link in near.Up)
        {
            if ((floods || !link.IsInMesh) && link.Standing <= Standing.Pruned)
                _links.Add(link);
        }

        near.Choose(_links, Math.Max(near.Options.LazyDegree, (int)Math.Ceiling(_links.Count * near.Options.LazyShare)));
        if (_links.Count == 0)
            return;
        // The newest last, so the last frame has what is most likely still missing.
        for (var at = 0; at < _ids.Count; at += MeshProtocol.MaxIds)
        {
            var frame = FrameCodec.Encode(new IHave([.. _ids.GetRange(at, Math.Min(MeshProtocol.MaxIds, _ids.Count - at))]));
            foreach (var link in _links)
                near.Send(link, frame, Urgency.Control);
        }
    }

    private void TellDontWant(MessageId id, Link from)
    {
        byte[]? frame = null;
        foreach (var link in near.Up)
        {
            if (link != from && link.IsInMesh)
                near.Send(link, frame ??= FrameCodec.Encode(new IDontWant([id])), Urgency.Control);
        }
    }

    private Link? NextOf(Want want)
    {
        while (want.Others.TryDequeue(out var number))
        {
            if (near.Find(number) is { IsUp: true } link)
                return link;
        }

        return null;
    }

    private sealed class Want(int asked)
    {
        public int Asked { get; set; } = asked;

        public Queue<int> Others { get; } = new(0);

        public bool Has(int link) => link == Asked || Others.Contains(link);
    }
}
