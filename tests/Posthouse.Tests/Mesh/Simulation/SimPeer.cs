using Posthouse.Jobs;
using Posthouse.Mesh;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Mesh.Simulation;

/// <summary>A node of the simulated mesh: the real engine, and around it a clock, wires, a disk and a source of prices that may fail.</summary>
internal sealed partial class SimPeer
{
    private readonly MeshWorld _world;
    private readonly Dictionary<int, SimWire> _wires = [];
    private TimeSpan _tickAt = TimeSpan.MaxValue;
    private long _merged;
    private bool _isDirty;

    public SimPeer(MeshWorld world, int number, bool isProvider, double x, double y) =>
        (_world, Number, IsProvider, X, Y, KeyNumber, Address) = (world, number, isProvider, x, y, (ulong)number, $"node-{number}");

    public int Number { get; }

    public bool IsProvider { get; }

    public double X { get; }

    public double Y { get; }

    public string Address { get; }

    /// <summary>Changes when the disk is lost: the key was on it.</summary>
    public ulong KeyNumber { get; set; }

    /// <summary>Counts starts and ends: what was begun in another life does not go on in this one.</summary>
    public int Life { get; private set; }

    /// <summary>How its keys took the places of those before.</summary>
    public List<ReadOnlyMemory<byte>> Succession { get; } = [];

    public GossipNode? Node { get; private set; }

    public NodeId Id { get; private set; }

    /// <summary>What came while it was frozen.</summary>
    public Queue<Action> Inbox { get; } = new();

    public TimeSpan Skew { get; set; }

    public TimeSpan FrozenSince { get; set; }

    public TimeSpan FrozenUntil { get; set; }

    /// <summary>When it last could do anything.</summary>
    public TimeSpan RanAt => _world.Sim.Now < FrozenUntil ? FrozenSince : _world.Sim.Now;

    /// <summary>How long it takes to read one frame of a connection; zero: no time.</summary>
    public TimeSpan Slowness
    {
        get;
        set
        {
            SlowUntil = field > TimeSpan.Zero ? _world.Sim.Now : SlowUntil;
            field = value;
        }
    }

    /// <summary>When it was last slow; null: never.</summary>
    public TimeSpan? SlowUntil { get; private set; }

    /// <summary>Whether it tells wrong prices.</summary>
    public bool IsLying { get; set; }

    /// <summary>What its source has, if it has one.</summary>
    public AssetKey[] Assets { get; set; } = MeshWorld.Assets;

    /// <summary>What its source leaves out of each answer.</summary>
    public AssetKey[] Lacking { get; set; } = [];

    /// <summary>Whether its vendor, asked for such assets alone, refuses to answer; else it answers with none.</summary>
    public bool RefusesWhatItLacks { get; set; }

    /// <summary>Whether it stands in where providers of its assets are missing.</summary>
    public bool StandsIn { get; set; }

    /// <summary>Whether it may be known as a provider.</summary>
    public bool Provides => IsProvider || StandsIn;

    /// <summary>Whether its source answers.</summary>
    public bool HasSource { get; set; } = true;

    public SimDisk Disk { get; private set; } = new();

    public IReadOnlyDictionary<int, SimWire> Wires => _wires;

    public Moment Now => new(TimeSpan.FromHours(1) + _world.Sim.Now, SimTime.Start + _world.Sim.Now + Skew);

    /// <summary>Starts its process.</summary>
    public void Start(bool withDisk)
    {
        Life++;
        if (!withDisk)
        {
            KeyNumber += 10_000;
            Disk = new();
        }

        if (Disk.Epoch == 0 || !_world.Bug.KeepsEpoch)
            Disk.Epoch++;
        Id = new TagKey(KeyNumber).Public.Id;
        (_merged, _isDirty) = (0, false);
        Inbox.Clear();
        FrozenUntil = TimeSpan.Zero;
        _tickAt = TimeSpan.MaxValue;
        Node = new(
            new()
            {
                Key = new TagKey(KeyNumber),
                Network = MeshWorld.Network,
                Epoch = Disk.Epoch,
                Signatures = _world.Bug.ChecksNothing ? new NoSignatures() : new TagSignatures(),
                Trust = new(TrustMode.AllowList, _world.Trusted),
                Ids = new SimPeerIds(((ulong)_world.Sim.Seed << 32) ^ (KeyNumber * 1_000) ^ (ulong)Life),
                Port = this,
                Memory = Disk.Memory,
                KeyChanges = [.. Succession],
                Address = Address,
                Seeds = _world.SeedsOf(this),
                Known = [.. Disk.Addresses],
                Gossip = _world.Gossip,
                Slots = MeshWorld.Slots,
                Promotion = new() { Promote = StandsIn },
                Prices = new() { Aggregation = new() { Rule = _world.Bug.Rule } },
            },
            Now);
        foreach (var signed in Disk.Prices.Values.Select(held => held.Signed).Distinct().ToList())
            Node.Restore(signed, PriceOrigin.Db, Now);
        _world.Laws.OnStart(this);
        _world.Sim.Mark($"{Number} starts");
        if (Provides)
            Node.SetSource(Assets);
        if (IsProvider)
            Node.Enable(Now);

        Settle();
    }

    /// <summary>Ends its process without a word.</summary>
    /// <param name="isPowerLoss">Whether its peers find out by silence only.</param>
    public void Crash(bool isPowerLoss)
    {
        Disk.Addresses = [.. Node!.Addresses.Known];
        _world.Laws.OnCrash(this);
        Life++;
        Node = null;
        foreach (var wire in _wires.Values)
        {
            wire.IsOpen[wire.EndOf(this)] = false;
            if (!isPowerLoss)
                _world.Closed(wire, this);
        }

        _wires.Clear();
    }

    public void Connected(SimWire wire)
    {
        _wires.Add(wire.Number, wire);
        var isDialler = wire.Dialler == this;
        Node!.OnPeerUp(wire.Number, isDialler, isDialler ? wire.Listener.Address : "", 0, Now);
        Settle();
    }

    public void Received(SimWire wire, ReadOnlyMemory<byte> frame)
    {
        if (!_wires.ContainsKey(wire.Number))
        {
            // What comes for a connection that is not known is answered by its end.
            _world.Closed(wire, this);
            return;
        }

        _world.Laws.Expect(frame.Span[0]);
        if (_world.Bug.Receives is not { } changed)
        {
            Node!.OnFrame(wire.Number, frame, Now);
        }
        else
        {
            foreach (var bytes in changed(frame))
                Node!.OnFrame(wire.Number, bytes, Now);
        }

        Settle();
    }

    public void Ended(SimWire wire)
    {
        if (_world.Bug.HidesEnds || !_wires.Remove(wire.Number))
            return;
        wire.IsOpen[wire.EndOf(this)] = false;
        Node!.OnPeerDown(wire.Number, Now);
        Settle();
    }

    public void DialFailed(string address)
    {
        Node!.OnDialFailed(address, "nobody listens", Now);
        Settle();
    }

    public void Do(Action<GossipNode> action)
    {
        action(Node!);
        Settle();
    }

    /// <summary>Takes what the engine's last step left: facts, changed prices, the time of its next tick.</summary>
    private void Settle()
    {
        var node = Node!;
        _world.Laws.OnFacts(this, node.Facts.Told);
        if (!_world.Bug.RepeatsFacts)
            node.Facts.Clear();
        var merged = node.Book.CountOf(MergeOutcome.Newer);
        if (merged != _merged)
            _world.Learned?.Invoke(this);
        if (merged != _merged && !_isDirty)
        {
            (_merged, _isDirty) = (merged, true);
            _world.After(this, TimeSpan.FromSeconds(0.25 + _world.Bug.WritesLate), Flush);
        }

        var due = node.NextDue - TimeSpan.FromHours(1);
        if (due >= _tickAt)
            return;
        _tickAt = due > _world.Sim.Now ? due : _world.Sim.Now;
        _world.At(this, _tickAt, Tick);
    }

    private void Tick()
    {
        // A tick that was set for an earlier time has set the next one already.
        if (_world.Sim.Now < _tickAt || (_world.Bug.StopsAfterFreeze && FrozenUntil > TimeSpan.Zero))
            return;
        _tickAt = TimeSpan.MaxValue;
        Do(node => node.OnTick(Now));
    }

    private void Flush()
    {
        (_merged, _isDirty) = (Node!.Book.CountOf(MergeOutcome.Newer), false);
        if (_world.Bug.WritesOvertake)
            FlushSometime(Node.Book.Map);
        else
            Disk.Write(Node.Book.Map);
    }

    /// <summary>Writes what is held now at some time of the next seconds, whatever was written by then.</summary>
    private void FlushSometime(PriceMap map)
    {
        var prices = map.Keys.SelectMany(key => map.ReadingsOf(key).ToArray()).ToList();
        _world.After(this, _world.Sim.Between(TimeSpan.Zero, TimeSpan.FromSeconds(15)), () => prices.ForEach(Disk.Overwrite));
    }

    /// <summary>Believes every signature.</summary>
    private sealed class NoSignatures : ISignatures
    {
        public byte Scheme => MeshProtocol.SchemeTag;

        public bool IsSigned(PublicKey key, MessageDigest digest, ReadOnlySpan<byte> signature) => true;
    }

    /// <summary>Chance of one life of one node (SplitMix64).</summary>
    private sealed class SimPeerIds(ulong state) : IIds
    {
        public void Fill(Span<byte> bytes)
        {
            for (var at = 0; at < bytes.Length; at++)
                bytes[at] = (byte)((at % 8 == 0 ? Next() : state) >> (at % 8 * 8));
        }

        private ulong Next()
        {
            state += 0x9E3779B97F4A7C15;
            return state = Posthouse.Mesh.Providers.Rendezvous.Mix(state);
        }
    }
}
