using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Mesh.Simulation;

/// <summary>
/// The network between the simulated nodes: each has a place on a plane, frames take the time of the way and some jitter, get lost, and
/// stop where a way is cut. Connections that carry nothing end as the pings of a web socket would end them.
/// </summary>
internal sealed class MeshWorld
{
    public static readonly NetworkId Network = NetworkId.Of("simulation");
    public static readonly SlotOptions Slots = new() { Interval = TimeSpan.FromSeconds(10), CrossCheckEvery = 0 };
    public static readonly AssetKey[] OtherAssets = [new("SOL", AssetKey.AnyChain)];
    public static readonly AssetKey[] Assets = [new("ADA", AssetKey.AnyChain), new("BTC", AssetKey.AnyChain), new("ETH", AssetKey.AnyChain), new("USDC", "base")];

    /// <summary>Nodes that begin with the same address: five, in a mesh of a thousand.</summary>
    private const int NodesOfSeed = 250;

    private static readonly TimeSpan _dialTimeout = TimeSpan.FromSeconds(3);

    private readonly HashSet<(int From, int To)> _cuts = [];
    private bool[]? _sides;
    private int _wires;

    public MeshWorld(Sim sim, MeshBug bug, int nodes, int providers)
    {
        (Sim, Bug) = (sim, bug);
        for (var number = 0; number < nodes; number++)
            Peers.Add(new(this, number, number >= 1 && number <= providers, sim.Random.NextDouble(), sim.Random.NextDouble()));
        // Providers may lose their disks, and have another key each time.
        foreach (var peer in Peers.Where(peer => peer.IsProvider))
            Trusted.AddRange(Enumerable.Range(0, 10).Select(life => new TagKey((ulong)(peer.Number + (10_000 * life))).Public.Id));
        Laws = new(this);
    }

    public Sim Sim { get; }

    public MeshBug Bug { get; }

    public MeshLaws Laws { get; }

    public List<SimPeer> Peers { get; } = [];

    /// <summary>What any provider has.</summary>
    public AssetKey[] AllAssets => [.. Peers.Where(peer => peer.IsProvider).SelectMany(peer => peer.Assets).Distinct()];

    public List<NodeId> Trusted { get; } = [];

    /// <summary>How long a frame takes at least.</summary>
    public TimeSpan Nearest { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How much longer it takes from one edge of the plane to the other, and a fifth of that at most by chance.</summary>
    public TimeSpan Across { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How nodes keep their place; for those that start after it is set.</summary>
    public GossipOptions Gossip { get; set; } = GossipOptions.Default;

    /// <summary>Called with a node that has newer prices than before; perhaps more than once for the same.</summary>
    public Action<SimPeer>? Learned { get; set; }

    /// <summary>When a way was last cut, or mended; null: never.</summary>
    public TimeSpan? LastCut { get; private set; }

    /// <summary>The share of frames that get lost.</summary>
    public double Loss { get; set; }

    public IEnumerable<SimPeer> Living => Peers.Where(peer => peer.Node is not null);

    /// <summary>
    /// Addresses that a node is configured with: two of the first nodes, which are more in a larger mesh; for one of those, the next. With one
    /// each, those who begin with the same would be a mesh of their own.
    /// </summary>
    public IReadOnlyList<string> SeedsOf(SimPeer peer)
    {
        var seeds = 1 + (Peers.Count / NodesOfSeed);
        var (one, other) = (peer.Number % seeds, peer.Number / seeds % seeds);
        // Two of them where there are: one may be a provider that is gone.
        other = one == other ? (one + 1) % seeds : other;
        return one == other ? [SeedAt(one, peer).Address] : [SeedAt(one, peer).Address, SeedAt(other, peer).Address];
    }

    private SimPeer SeedAt(int seed, SimPeer peer) => Peers[peer.Number == seed ? seed + 1 : seed];

    /// <summary>The one who attacks, and is banned for it sooner or later; null: nobody does.</summary>
    public SimPeer? Attacker { get; set; }

    /// <summary>The provider that says ten times the price, once it does; null: nobody ever did.</summary>
    public SimPeer? Liar { get; set; }

    /// <summary>Those to whom something is promised.</summary>
    public IEnumerable<SimPeer> Honest => Living.Where(peer => peer != Attacker);

    /// <summary>Runs something on a node, unless that life of it is over by then; what comes while it is frozen waits.</summary>
    public void At(SimPeer peer, TimeSpan time, Action action)
    {
        var life = peer.Life;
        Sim.At(time, null, () =>
        {
            if (peer.Life != life)
                return;
            if (Sim.Now < peer.FrozenUntil || peer.Inbox.Count > 0)
                peer.Inbox.Enqueue(action);
            else
                action();
        });
    }

    public void After(SimPeer peer, TimeSpan delay, Action action) => At(peer, Sim.Now + delay, action);

    /// <summary>Stops a node as a debugger or a long collection of garbage would.</summary>
    public void Freeze(SimPeer peer, TimeSpan length)
    {
        Sim.Reach("freeze");
        peer.FrozenSince = Sim.Now < peer.FrozenUntil ? peer.FrozenSince : Sim.Now;
        peer.FrozenUntil = Sim.Now + length;
        var life = peer.Life;
        Sim.At(peer.FrozenUntil, null, () =>
        {
            while (peer.Life == life && peer.Inbox.TryDequeue(out var action))
                action();
        });
    }

    /// <summary>Cuts one direction between two nodes. Nobody is told: the connections that it holds up fall silent.</summary>
    public void Cut(SimPeer from, SimPeer to)
    {
        _cuts.Add((from.Number, to.Number));
        LastCut = Sim.Now;
    }

    /// <summary>Cuts every way between two halves of the nodes.</summary>
    public void Part()
    {
        Sim.Reach("partition");
        _sides = [.. Peers.Select(_ => Sim.Chance(0.5))];
        LastCut = Sim.Now;
    }

    public void HealCuts()
    {
        LastCut = _cuts.Count > 0 || _sides is not null ? Sim.Now : LastCut;
        _cuts.Clear();
        _sides = null;
    }

    public bool IsCut(SimPeer one, SimPeer other) => !Carries(one, other) || !Carries(other, one);

    private bool Carries(SimPeer from, SimPeer to) =>
        (_cuts.Count == 0 || !_cuts.Contains((from.Number, to.Number))) && (_sides is null || _sides[from.Number] == _sides[to.Number]);

    public void Dial(SimPeer from, string address)
    {
        var to = Peers[int.Parse(address.AsSpan("node-".Length), System.Globalization.CultureInfo.InvariantCulture)];
        var there = Latency(from, to) + Latency(to, from);
        After(from, IsCut(from, to) ? _dialTimeout : there, () =>
        {
            if (to.Node is null || IsCut(from, to))
            {
                from.DialFailed(address);
                return;
            }

            var wire = new SimWire(++_wires, from, to);
            At(to, Sim.Now, () => to.Connected(wire));
            from.Connected(wire);
        });
    }

    public void Carry(SimWire wire, SimPeer from, ReadOnlyMemory<byte> frame)
    {
        var to = wire.Other(from);
        Laws.OnSent(frame);
        if (!Carries(from, to) || Sim.Chance(Loss))
            return;
        At(to, wire.Arrive(wire.EndOf(from), Sim.Now + Latency(from, to)), () => to.Received(wire, frame));
    }

    /// <summary>One end is closed: what was sent before it still arrives, and then the other end learns of it, if the way is open.</summary>
    public void Closed(SimWire wire, SimPeer by)
    {
        var other = wire.Other(by);
        if (Carries(by, other) && wire.Leads(by))
            At(other, wire.Arrive(wire.EndOf(by), Sim.Now + Latency(by, other)), () => other.Ended(wire));
    }

    /// <summary>What the source of a provider says now.</summary>
    public List<Posthouse.Mesh.Wire.PriceReading> Read(SimPeer peer, AssetKey[] assets)
    {
        var at = SimTime.Start + Sim.Now - TimeSpan.FromMilliseconds(Sim.Random.Next(500));
        at = DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());
        return [.. assets.Select(asset => new PriceReading(asset, (peer.IsLying ? 10 : 1) * (100 + (peer.Number * 0.01m) + (Sim.Random.Next(10) * 0.01m)), at))];
    }

    private TimeSpan Latency(SimPeer from, SimPeer to)
    {
        var (x, y) = (from.X - to.X, from.Y - to.Y);
        return Nearest + (Across * (Math.Sqrt((x * x) + (y * y)) + (0.2 * Sim.Random.NextDouble())));
    }
}
