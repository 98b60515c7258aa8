using Posthouse.Jobs;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>
/// A node of the mesh, without a network, a clock or a disk: connections, frames and time come in, and what is to be done goes to the
/// port. The same class runs behind web sockets, in the simulator and in tests. It belongs to one thread; of its parts only what
/// <see cref="Book"/> and <see cref="Seeds"/> say of themselves may be read by others.
/// </summary>
internal sealed partial class GossipNode
{
    private readonly GossipSetup _setup;
    private readonly Neighbourhood _near;
    private readonly ReceivePipeline _pipeline;
    private readonly NetworkStatusTracker _tracker;
    private readonly AddressBook _addresses = new();
    private readonly Greetings _greetings;
    private readonly MeshLinks _mesh;
    private readonly Spread _spread;
    private readonly CatchUp _catchUp;
    private readonly Dialling _dialling;
    private readonly PeerExchange _exchange;
    private readonly Witnesses _witnesses;
    private readonly Pulse _pulse;
    private readonly Voice _voice;
    private readonly SlotTurns _turns;
    private readonly Dictionary<NodeId, ReadOnlyMemory<byte>> _keyChanges = [];
    private readonly List<NodeId> _asked = [];
    private TimeSpan _heartbeatAt;
    private TimeSpan? _lastHeartbeat;
    private TimeSpan _sketchAt;

    /// <summary>A node that starts.</summary>
    public GossipNode(GossipSetup setup, Moment start)
    {
        _setup = setup;
        (Id, Seeds) = (setup.Key.Public.Id, new(Facts));
        _near = new(setup.Port, setup.Gossip, new PeerScores(setup.Scores), setup.Ids, Facts) { Lost = OnLost };
        _pipeline = new(Id, setup.Epoch, setup.Network, setup.Signatures, setup.Trust, setup.Checks, new(setup.Gossip.SeenIds, setup.Gossip.SeenTime)) { Disbelief = new(Facts) };
        _tracker = new(Id, setup.Membership, setup.Offline, setup.Memory, Facts, start);
        Book = new(_tracker, setup.Prices, Facts);
        _greetings = new(_near, setup, _addresses, _pipeline.Counts);
        _spread = new(_near, _pipeline.Seen, () => _tracker.Size.Estimate);
        _catchUp = new(_near, Book.Map, TakeSynced);
        _voice = new(setup, _pipeline, _spread, Book, _addresses, start);
        _turns = new(setup, _tracker, _voice, Facts, start);
        _pulse = new(_near);
        _exchange = new(_near, _addresses, now => _voice.Record(_turns.IsProvider, now));
        _mesh = new(_near, () => _exchange.Some(start with { Steady = _lastHeartbeat ?? start.Steady }));
        _dialling = new(_near, _addresses, _mesh, Seeds);
        _witnesses = new(_near, _tracker, () => _voice.Beacon);
        _heartbeatAt = start.Steady + (setup.Gossip.Heartbeat * setup.Ids.NextFraction());
        _sketchAt = start.Steady;
        if (setup.Address.Length > 0)
            Listen(setup.Address);
        foreach (var seed in setup.Seeds)
            _addresses.Add(seed, isSeed: true, default, start.Wall);
        foreach (var known in setup.Known)
            Recall(known);
        // Who was away when a key changed hears it from the successor, even if nobody else is left who knows.
        foreach (var word in setup.KeyChanges)
        {
            if (_pipeline.Receive(new Incoming(word, Origin.Stored, null, Standing.Good, start.Steady, start.Wall), out var change).IsAccepted)
                Absorb((SignedFrame)change!, ProofPath.Relayed, 0, start);
        }
    }

    /// <summary>Who it is.</summary>
    public NodeId Id { get; }

    /// <summary>What became true; the host takes and clears it after each call.</summary>
    public MeshFacts Facts { get; } = new();

    /// <summary>The configured addresses that lead to no node.</summary>
    public SeedWatch Seeds { get; }

    /// <summary>The prices and the network's status.</summary>
    public PriceBook Book { get; }

    /// <summary>When <see cref="OnTick"/> is to be called next, on the steady clock; to be read after each call.</summary>
    public TimeSpan NextDue => Least(Least(_heartbeatAt, _spread.NextDue), Least(_turns.NextDue, Least(_dialling.NextDue, _heartbeatAt)));

    /// <summary>Whether it provides prices.</summary>
    public bool IsProvider => _turns.IsProvider;

    /// <summary>This node's own part in the slots.</summary>
    public SlotTurns Turns => _turns;

    /// <summary>Everything that was taken and refused, by reason.</summary>
    public RefusalCounts Counts => _pipeline.Counts;

    /// <summary>What this node signs.</summary>
    public Voice Voice => _voice;

    /// <summary>The connections.</summary>
    public Neighbourhood Near => _near;

    /// <summary>By how much this node's wall clock is behind its peers', as far as that is believed. What they sign is judged by their time.</summary>
    public TimeSpan ClockError => _pulse.ClockError;

    /// <summary>The addresses that it knows, to be kept for the next start.</summary>
    public AddressBook Addresses => _addresses;

    /// <summary>Ids of messages that were taken, for their number.</summary>
    public SeenSet Seen => _pipeline.Seen;

    /// <summary>Messages asked for and not here yet.</summary>
    public int Wants => _spread.Wants;

    /// <summary>A connection is open.</summary>
    /// <param name="link">A number for it, never used before.</param>
    /// <param name="isOutbound">Whether this node dialled.</param>
    /// <param name="address">What it dialled; empty for a connection that came in.</param>
    /// <param name="group">The group of the other end's address, see <see cref="AddressBook.GroupOf"/>; 0: none.</param>
    /// <param name="now">When.</param>
    public void OnPeerUp(int link, bool isOutbound, string address, ulong group, Moment now)
    {
        if (!isOutbound && IsCrowded(group))
            _setup.Port.Close(link, CloseReason.Full);
        else
            _greetings.Begin(link, isOutbound, address, group, now);
    }

    /// <summary>Whether so many greet now that another one has to come again; half of the places are for others than one group of addresses.</summary>
    private bool IsCrowded(ulong group)
    {
        var (all, ofGroup) = (0, 0);
        foreach (var link in _near.All)
        {
            if (link.IsUp || link.IsOutbound)
                continue;
            all++;
            ofGroup += group != 0 && link.Group == group ? 1 : 0;
        }

        return all >= _setup.Gossip.MaxGreetings || ofGroup >= _setup.Gossip.MaxGreetings / 2;
    }

    /// <summary>A connection ended from the other side, or broke.</summary>
    public void OnPeerDown(int link, Moment now)
    {
        if (_near.Find(link) is { } ended)
            _near.Remove(ended, now);
    }

    /// <summary>An address could not be reached.</summary>
    /// <param name="address">Where.</param>
    /// <param name="cause">Why, for people, without an end.</param>
    /// <param name="now">When.</param>
    public void OnDialFailed(string address, string cause, Moment now) => _dialling.OnFailed(address, cause, now);

    /// <summary>A peer does not take what is sent to it: its queue dropped frames.</summary>
    public void OnStalled(int link, int dropped, Moment now)
    {
        if (_near.Find(link) is { IsUp: true } slow)
            _near.Scores.Stalled(slow.Id, dropped, now.Steady);
    }

    /// <summary>Moves time on. Early calls do nothing, late ones are noticed.</summary>
    public void OnTick(Moment now)
    {
        if (now.Steady >= _heartbeatAt)
            Heartbeat(now);
        if (now.Steady >= _spread.NextDue)
            _spread.FollowUp(now);
        if (now.Steady >= _dialling.NextDue)
            _dialling.Tick(now);
        if (now.Steady >= _turns.NextDue)
            _turns.Tick(now);
    }

    /// <summary>The node takes connections at an address from now on; others are told when they connect or ask.</summary>
    public void Listen(string address) => _addresses.Listen(address);

    /// <summary>The node has a source for these assets, so that it can provide or stand in.</summary>
    public void SetSource(IReadOnlyList<AssetKey> assets) => _turns.SetSource(assets);

    /// <summary>Provides prices from now on.</summary>
    public void Enable(Moment now) => _turns.Enable(now);

    /// <summary>Provides no more, and says goodbye.</summary>
    public void Disable(GoodbyeReason reason, Moment now) => _turns.Disable(reason, now);

    /// <summary>Says goodbye and closes all connections.</summary>
    public void Stop(Moment now)
    {
        _turns.Retire(now);
        foreach (var link in new List<Link>(_near.All))
            _near.Close(link, CloseReason.Stopping, now);
    }

    /// <summary>The source answered a <see cref="IGossipPort.Fetch"/>, or failed; to be told once for each.</summary>
    public void OnFetched(ulong slot, PriceFetch fetch, Moment now) => _turns.OnFetched(slot, fetch, now);

    /// <summary>Publishes prices that came outside of any slot, such as a stream's.</summary>
    /// <returns>To how many peers.</returns>
    public int Publish(IReadOnlyList<PriceReading> readings, Moment now) => _turns.Publish(readings, now);

    /// <summary>
    /// Goes over to another key. The old id says goodbye first, for what it signs later counts no more. The process ends after it and starts
    /// with the other key, as another node that is believed like this one where providers are listed; an operator's certificate is for one key.
    /// </summary>
    /// <param name="successor">The other key.</param>
    /// <param name="now">When.</param>
    /// <param name="keep">Puts the change and the key where the next start finds them; nobody is told before, for a node that comes back with a
    /// key that all have retired is lost. What it throws leaves all as it was.</param>
    /// <returns>The change, for <see cref="GossipSetup.KeyChanges"/>.</returns>
    public ReadOnlyMemory<byte> ChangeKey(ISigningKey successor, Moment now, Action<ReadOnlyMemory<byte>>? keep = null)
    {
        var change = _voice.SignKeyChange(successor, now);
        keep?.Invoke(change.Envelope.Frame);
        _turns.Retire(now);
        _voice.TellKeyChange(change, now);
        return _keyChanges[Id] = change.Envelope.Frame;
    }

    /// <summary>Takes a signed update from a store. It is checked like any other, and proves nobody alive.</summary>
    /// <returns>How many of its prices are newer than what is held.</returns>
    public int Restore(ReadOnlyMemory<byte> signed, PriceOrigin origin, Moment now)
    {
        var from = origin == PriceOrigin.Db ? Origin.Stored : Origin.Sync;
        var verdict = _pipeline.Receive(new Incoming(signed, from, null, Standing.Good, now.Steady, now.Wall), out var frame);
        if (!verdict.IsAccepted || frame is not SignedFrame { Update: { } update } stored)
            return 0;
        // What others wrote may still be on its way here by gossip, and would then pass for a replay.
        if (from == Origin.Stored && stored.Envelope.Signer != Id)
            _pipeline.Sequences.Raise(stored.Envelope.Signer, stored.Envelope.Stamp);
        return Book.Accept(update, stored.Envelope.Id, origin, stored.Envelope.Frame, null, now);
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private void Recall(KnownAddress known)
    {
        if (_addresses.Add(known.Address, isSeed: false, default, known.LastSeen) is { } entry)
            (entry.Node, entry.IsTried) = (known.Node, !known.Node.IsNil);
    }

    private void Heartbeat(Moment now)
    {
        var late = _lastHeartbeat is { } last ? now.Steady - last - _setup.Gossip.Heartbeat : TimeSpan.Zero;
        _lastHeartbeat = now.Steady;
        _heartbeatAt = now.Steady + _setup.Gossip.Heartbeat;
        Book.Tick(now);
        _greetings.Tick(now);
        _pulse.Heartbeat(late, now);
        _tracker.ClockError = _pulse.ClockError;
        _mesh.Heartbeat(now);
        _spread.Heartbeat();
        _witnesses.Heartbeat(now);
        if (late > LocalHealth.Lost)
            _catchUp.Hasten(now);
        _catchUp.Heartbeat(now);
        _dialling.Tick(now);
        if (now.Steady >= _sketchAt)
            TellSize(now);
    }

    private void TellSize(Moment now)
    {
        _sketchAt = now.Steady + _near.Jitter(_setup.Gossip.Sketch, 0.2);
        _near.Scores.Sweep(now.Steady);
        _addresses.Sweep(now.Wall);
        if (_near.Up.Count > 0)
            _near.Send(_near.Up[_near.Below(_near.Up.Count)], _tracker.Size.Sketch());
    }
}
