using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Simulation;

/// <content>What the engine wants done: sent, dialled, closed and fetched.</content>
internal sealed partial class SimPeer : IGossipPort
{
    void IGossipPort.Send(int link, ReadOnlyMemory<byte> frame, Urgency urgency)
    {
        if (!_wires.TryGetValue(link, out var wire))
            return;
        if (_world.Bug.HidesEnds && !wire.Leads(this) && FrameCodec.TryDecode(frame, out var sent) == Refusal.None && sent is Ping ping)
            _world.After(this, TimeSpan.FromMilliseconds(50), () => Received(wire, FrameCodec.Encode(new Pong(ping.Number, ping.SentAt, ping.SentAt))));
        if (wire.Other(this).Slowness == TimeSpan.Zero && wire.IsIdle(this))
            _world.Carry(wire, this, frame);
        else if (wire.LaneOf(this).Add(frame, urgency, _world.Sim.Now))
            SendNext(wire);
    }

    /// <summary>Sends one of the frames that wait for a slow peer as soon as it takes one, and the next after that.</summary>
    private void SendNext(SimWire wire) => _world.After(this, wire.Other(this).Slowness, () =>
    {
        if (!_wires.ContainsKey(wire.Number))
            return;
        var lane = wire.LaneOf(this);
        if (lane.TryTake(_world.Bug.NeverLate ? TimeSpan.Zero : _world.Sim.Now, out var frame))
        {
            _world.Laws.OnTaken(_world.Sim.Now - lane.AddedAt(frame), lane.Queue);
            _world.Carry(wire, this, frame);
        }

        if (lane.TakeDropped() is > 0 and var dropped)
            Do(node => node.OnStalled(wire.Number, dropped, Now));
        if (!lane.IsEmpty)
            SendNext(wire);
    });

    void IGossipPort.Dial(string address) => _world.Dial(this, address);

    void IGossipPort.Close(int link, CloseReason reason)
    {
        if (!_wires.Remove(link, out var wire))
            return;
        wire.IsOpen[wire.EndOf(this)] = false;
        if (reason == CloseReason.Silent)
            _world.Laws.OnSilent(this, wire);
        _world.Closed(wire, this);
    }

    void IGossipPort.Keep(SignedFrame update, PriceOrigin origin)
    {
        // A peer of the simulation keeps its map itself.
    }

    void IGossipPort.Follow(SignedFrame change)
    {
        // Its next start hears it again: that the mesh remembers is what is tried.
    }

    void IGossipPort.Fetch(ulong slot, IReadOnlyList<AssetKey> wanted)
    {
        if (_world.Bug.LeavesSlots && _world.Peers.Exists(peer => peer is { IsProvider: true, Node: null }))
            return;
        _world.Laws.OnFetch(slot, Assets);
        _world.Sim.Mark($"{Number} fetches {slot}");
        if (_world.Bug.FetchesTwice)
            _world.Laws.OnFetch(slot, Assets);
        var assets = wanted.ToArray();
        _world.After(this, TimeSpan.FromMilliseconds(300), () => Do(node => node.OnFetched(slot, Answer(assets), Now)));
    }

    private PriceFetch Answer(AssetKey[] assets) => !HasSource ? PriceFetch.Failed(assets, new(SourceFaultKind.TimedOut, "The source did not answer in time."))
        : RefusesWhatItLacks && assets.All(Lacking.Contains) ? PriceFetch.Failed(assets, new(SourceFaultKind.Refused, "The vendor knows none of these."))
        : new(_world.Read(this, [.. assets.Except(Lacking)]), []) { Cost = 1 };
}
