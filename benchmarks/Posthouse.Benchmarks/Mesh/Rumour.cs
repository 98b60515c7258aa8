using Posthouse.Mesh.Wire;
using Posthouse.Tests.Mesh.Simulation;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>What became of a number of updates that one node told, each of an asset of its own.</summary>
internal sealed class Rumour
{
    private const int Updates = 20;
    private const int Seed = 1;

    /// <summary>How long the mesh has to come up and to settle.</summary>
    private static readonly TimeSpan _calm = TimeSpan.FromSeconds(45);

    /// <summary>From 40 ms between neighbours to 130 ms from corner to corner.</summary>
    private static readonly TimeSpan _nearest = TimeSpan.FromMilliseconds(40);

    private static readonly TimeSpan _across = TimeSpan.FromMilliseconds(55);

    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    /// <summary>How long after the last update arrivals still count.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly Sim _sim;
    private readonly MeshWorld _world;
    private readonly Dictionary<SimPeer, bool[]> _has = [];
    private readonly TimeSpan[] _toldAt = new TimeSpan[Updates];
    private readonly List<double> _delays = [];
    private int _told;
    private long _sent;

    private Rumour(Sim sim, Crowd crowd) =>
        (_sim, _world) = (sim, new(sim, MeshBug.None, crowd.Nodes, providers: 1) { Gossip = crowd.Gossip, Nearest = _nearest, Across = _across });

    /// <summary>Most links that an update crossed.</summary>
    public int Hops { get; private set; }

    /// <summary>The share of living nodes that an update reached, over all updates.</summary>
    public double Delivered => (double)_delays.Count / Expected;

    /// <summary>Frames with an update that a node got beside the first.</summary>
    public double Duplicates => ((_sent * (1 - _world.Loss)) - _delays.Count) / Expected;

    /// <summary>Frames with an update that a node sent.</summary>
    public double Sends => (double)_sent / Expected;

    private long Expected => (long)Updates * (_world.Living.Count() - 1);

    /// <summary>Tells updates in a crowd, one a second.</summary>
    public static Rumour Spread(Crowd crowd)
    {
        using var sim = new Sim(Seed);
        var rumour = new Rumour(sim, crowd);
        rumour.Run(crowd);
        return rumour;
    }

    /// <summary>Within how many milliseconds a share of all arrivals came.</summary>
    public double At(double share) => _delays[Math.Min(_delays.Count - 1, (int)(share * _delays.Count))];

    private void Run(Crowd crowd)
    {
        foreach (var peer in _world.Peers)
        {
            peer.HasSource = false;
            _has[peer] = new bool[Updates];
            _sim.After(_sim.Between(TimeSpan.Zero, _second), null, () => peer.Start(withDisk: true));
        }

        Pass(_calm);
        _world.Learned = Note;
        _world.Loss = crowd.Loss;
        foreach (var peer in _world.Peers.Where(peer => !peer.IsProvider && _sim.Chance(crowd.Dying)).ToList())
            peer.Crash(isPowerLoss: true);
        var before = _world.Laws.Sent[(int)FrameType.PriceUpdate];
        while (_told < Updates)
        {
            Tell(_world.Peers[1]);
            Pass(_second);
        }

        Pass(_patience);
        _sent = _world.Laws.Sent[(int)FrameType.PriceUpdate] - before;
        _delays.Sort();
    }

    /// <summary>Lets time pass under the laws of the simulation: a figure of a mesh that breaks them is none.</summary>
    private void Pass(TimeSpan time)
    {
        for (var end = _sim.Now + time; _sim.Now < end;)
        {
            _sim.Run(_sim.Now + _second);
            _world.Laws.Watch();
        }
    }

    private void Tell(SimPeer teller)
    {
        _toldAt[_told] = _sim.Now;
        _has[teller][_told] = true;
        var reading = new PriceReading(AssetOf(_told), 100, SimTime.Start + _sim.Now);
        _told++;
        teller.Do(node => node.Publish([reading], teller.Now));
    }

    private void Note(SimPeer peer)
    {
        var has = _has[peer];
        for (var update = 0; update < _told; update++)
        {
            if (has[update])
                continue;
            foreach (var held in peer.Node!.Book.Map.ReadingsOf(AssetOf(update)))
            {
                has[update] = true;
                _delays.Add((_sim.Now - _toldAt[update]).TotalMilliseconds);
                Hops = Math.Max(Hops, held.Signed.Span[2] + 1);
            }
        }
    }

    private static AssetKey AssetOf(int update) => new($"ASSET{update}", AssetKey.AnyChain);
}
