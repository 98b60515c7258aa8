using Posthouse.Mesh.Network;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>Asks others about a provider whose connection was lost, and answers when others ask (SWIM's indirect probe).</summary>
internal sealed class Witnesses(Neighbourhood near, NetworkStatusTracker tracker, Func<SignedFrame?> ownBeacon)
{
    /// <summary>An answer that comes later than this says nothing that time has not said.</summary>
    private static readonly TimeSpan _wait = TimeSpan.FromSeconds(5);

    private readonly Dictionary<uint, (NodeId Target, int Link, TimeSpan At)> _open = [];
    private uint _number;

    /// <summary>Asks a peer.</summary>
    public void Ask(NodeId witness, NodeId target, Moment now)
    {
        if (near.Find(witness) is not { } link)
            return;
        _open[++_number] = (target, link.Number, now.Steady);
        near.Send(link, new ProbeRequest(_number, target));
    }

    /// <summary>A peer asks.</summary>
    public void OnRequest(Link link, ProbeRequest request, Moment now)
    {
        var answer = new ProbeAck(request.Number, request.Target, default, 0, default);
        if (request.Target == tracker.Self && ownBeacon() is { } own)
            answer = answer with { Newest = own.Envelope.Stamp, AgeMilliseconds = AgeOf(now.Wall - own.Envelope.IssuedAt), Proof = own.Envelope.Frame };
        else if (tracker.Find(request.Target) is { IsAlive: true } record)
            answer = answer with { Newest = record.Stamp, AgeMilliseconds = AgeOf(now.Steady - record.LastSeen.Steady), Proof = record.Beacon?.Signed ?? default };
        near.Send(link, answer);
    }

    /// <summary>A peer answered.</summary>
    /// <returns>Whether it was asked; null: perhaps it was, but its answer comes too late or twice, and is not worth its signature.</returns>
    public bool? OnAck(Link link, ProbeAck ack, Moment now)
    {
        if (!_open.TryGetValue(ack.Number, out var asked))
            return ack.Number <= _number ? null : false;
        if (asked.Link != link.Number || asked.Target != ack.Target)
            return false;
        _open.Remove(ack.Number);
        if (ack.Newest.Seq > 0)
            tracker.OnWitness(ack.Target, ack.Newest, TimeSpan.FromMilliseconds(ack.AgeMilliseconds), now);
        return true;
    }

    /// <summary>Forgets what is not answered any more; each heartbeat.</summary>
    public void Heartbeat(Moment now)
    {
        foreach (var (number, asked) in _open)
        {
            if (now.Steady - asked.At >= _wait)
                _open.Remove(number);
        }
    }

    private static ulong AgeOf(TimeSpan age) => (ulong)Math.Max(0, age.TotalMilliseconds);
}
