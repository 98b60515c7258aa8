using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>
/// How a message gets around: at once to the mesh, or to everybody in a small network or where it is this node's own; and by its id to
/// some of the others, who ask for it if it did not reach them.
/// </summary>
internal sealed class Spread(Neighbourhood near, SeenSet seen, Func<int> networkSize)
{
    /// <summary>IHave frames of one peer in one heartbeat (gossipsub 1.1).</summary>
    private const int MaxHaves = 10;

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
    private readonly List<Link> _lazy = [];
    private int _beats;

    /// <summary>When <see cref="FollowUp"/> has something to do.</summary>
    public TimeSpan NextDue => _due.TryPeek(out var first) ? first.Due : TimeSpan.MaxValue;

    /// <summary>Messages asked for and not here yet.</summary>
    public int Wants => _wants.Count;

    /// <summary>Whether the network is so small that everybody tells everybody.</summary>
    public bool Floods => Math.Max(networkSize(), near.Up.Count + 1) <= near.Options.FloodUpTo;

    /// <summary>Passes on what somebody else signed.</summary>
    public void Relay(SignedFrame frame, Link from)
    {
        var id = frame.Envelope.Id;
        Answered(id);
        if (!frame.TryRelay(out var relayed))
            return;
        _cache.Put(id, relayed);
        if (relayed.Length >= near.Options.DontWantFrom)
            TellDontWant(id, from);
        var floods = Floods;
        foreach (var link in near.Up)
        {
            if (link != from && (floods || link.IsInMesh) && link.Standing <= Standing.Pruned && link.Id != frame.Envelope.Signer && !link.DontWants(id))
                near.Send(link, relayed, Urgency.Data);
        }
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
        if (link.Standing >= Standing.Quiet || ++link.HavesThisBeat > MaxHaves)
            return;
        _ids.Clear();
        foreach (var id in ids)
        {
            if (seen.Contains(id, now.Steady))
                continue;
            if (_wants.TryGetValue(id, out var want))
            {
                if (want.Others.Count < MaxOthers && want.Asked != link.Number && !want.Others.Contains(link.Number))
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

    private void Answered(MessageId id)
    {
        if (_wants.Remove(id, out var want) && near.Find(want.Asked) is { } asked)
            asked.Unanswered = 0;
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
        _lazy.Clear();
        var floods = Floods;
        foreach (var link in near.Up)
        {
            if ((floods || !link.IsInMesh) && link.Standing <= Standing.Pruned)
                _lazy.Add(link);
        }

        near.Choose(_lazy, Math.Max(near.Options.LazyDegree, (int)Math.Ceiling(_lazy.Count * near.Options.LazyShare)));
        if (_lazy.Count == 0)
            return;
        // The newest last, so the last frame has what is most likely still missing.
        for (var at = 0; at < _ids.Count; at += MeshProtocol.MaxIds)
        {
            var frame = FrameCodec.Encode(new IHave([.. _ids.GetRange(at, Math.Min(MeshProtocol.MaxIds, _ids.Count - at))]));
            foreach (var link in _lazy)
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
    }
}
