using Posthouse.Mesh.Network;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Mesh.Simulation;

/// <summary>
/// One run: a mesh comes up at once; then what a seed draws goes wrong; then it heals and everybody must know everybody; then nobody publishes
/// and all must come to hold the same; then every provider dies, and a newcomer must not take old data for life; then one comes back.
/// </summary>
internal sealed class MeshScenario
{
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _storm = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan _chaos = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the mesh may need to find itself again: a dial's longest wait (30 s), a beacon (5 s), and waits stretched by nodes that were
    /// frozen (20 s of silence, doubled).
    /// </summary>
    private static readonly TimeSpan _healing = TimeSpan.FromSeconds(90);

    /// <summary>How long fresh prices may take: where every source failed, each provider looks at its own again in the 1st, 2nd, 4th and 8th slot after that.</summary>
    private static readonly TimeSpan _refreshing = TimeSpan.FromSeconds(60);

    /// <summary>How long equal maps may take: a comparison with a random peer every 30 s, and then its fan of three.</summary>
    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(90);

    /// <summary>
    /// How long nodes with equal maps may serve different values: clocks are 4 s apart, so a reading grows too old to count at different times,
    /// and the next provider's just after it.
    /// </summary>
    private static readonly TimeSpan _aging = TimeSpan.FromSeconds(20);

    /// <summary>How long the end of the last provider may take to be seen: silence of 20 s, stretched eight times by nodes that were frozen.</summary>
    private static readonly TimeSpan _mourning = TimeSpan.FromSeconds(170);

    private readonly Sim _sim;
    private readonly MeshWorld _world;
    private readonly MeshChaos _faults;
    private AssetKey[]? _assets;

    private MeshScenario(Sim sim, MeshBug bug, int nodes)
    {
        _sim = sim;
        // In every second run there is another group of assets, which one more provider reads alone.
        var isShared = sim.Seed % 2 != 0;
        _world = new(sim, bug, nodes, providers: isShared ? 4 : 3);
        if (isShared)
            _world.Peers[4].Assets = MeshWorld.OtherAssets;
        _faults = new(_world);
    }

    public static void Run(Sim sim, MeshBug bug, int nodes) => new MeshScenario(sim, bug, nodes).Run();

    private MeshLaws Laws => _world.Laws;

    private void Run()
    {
        for (var number = 0; number < _world.Peers.Count - 1; number++)
            StartLater(_world.Peers[number]);
        Pass(_storm);
        var healthyFrom = _sim.Now;
        Pass(_chaos, _faults.Strike);
        if (_faults.IsCalm)
        {
            Laws.CheckFetches(Wall(healthyFrom), Wall(_sim.Now), most: 1);
            LoseOneProvider();
        }

        _faults.Heal();
        Until(() => Laws.AllSeeTheLiving(), _healing, "living providers are not known everywhere, long after the faults ended");
        Until(() => _world.Honest.All(IsFresh), _refreshing, "a node has no fresh prices though providers live");
        foreach (var peer in _world.Peers)
            peer.HasSource = false;
        Until(Laws.AllHoldTheSame, _settling, "I1: maps differ long after the last update");
        Until(Laws.AllServeTheSame, _aging, "I1: different values of one asset are served from equal maps");
        Mourn();
    }

    /// <summary>I5 with one crash: no slot is left out, and none is served more than twice.</summary>
    private void LoseOneProvider()
    {
        var from = _sim.Now;
        _world.Peers[1 + _sim.Random.Next(3)].Crash(isPowerLoss: _sim.Chance(0.5));
        Pass(4 * MeshWorld.Slots.Interval);
        Laws.CheckFetches(Wall(from), Wall(_sim.Now), most: 2);
    }

    private void Mourn()
    {
        foreach (var peer in _world.Living.Where(peer => peer.IsProvider).ToList())
            peer.Crash(isPowerLoss: _sim.Chance(0.5));
        Until(() => _world.Honest.All(peer => StateOf(peer) == NetworkState.NoProviders), _mourning, "the end of the last provider is not seen everywhere");
        Pass(TimeSpan.FromSeconds(35));
        var newcomer = _world.Peers[^1];
        newcomer.Start(withDisk: true);
        Until(Laws.AllHoldTheSame, _settling, "I1: a newcomer was not told what the others hold");
        Pass(TimeSpan.FromSeconds(16));
        Laws.Check(_world.Honest.All(peer => StateOf(peer) == NetworkState.NoProviders), "I4: somebody is online though every provider is dead");
        var back = _world.Peers[1];
        back.HasSource = true;
        back.Start(withDisk: true);
        Until(() => _world.Honest.Where(peer => peer != back).All(peer => StateOf(peer) == NetworkState.Online), TimeSpan.FromSeconds(40), "a returning provider is not seen everywhere");
    }

    private static NetworkState StateOf(SimPeer peer) => peer.Node!.Book.Network.View.State;

    /// <summary>Whether a node has of each asset a reading of one of the last slots; what it serves may be an older one, for the middle one is.</summary>
    private bool IsFresh(SimPeer peer)
    {
        var limit = Wall(_sim.Now) - (3 * MeshWorld.Slots.Interval);
        foreach (var asset in _assets ??= _world.AllAssets)
        {
            var isFresh = false;
            foreach (var reading in peer.Node!.Book.Map.ReadingsOf(asset))
                isFresh |= reading.ObservedAt > limit;
            if (!isFresh)
                return false;
        }

        return true;
    }

    private static DateTimeOffset Wall(TimeSpan at) => SimTime.Start + at;

    private void StartLater(SimPeer peer) => _sim.After(_sim.Between(TimeSpan.Zero, _second), null, () => peer.Start(withDisk: true));

    private void Pass(TimeSpan time, Action? eachSecond = null)
    {
        for (var end = _sim.Now + time; _sim.Now < end;)
        {
            eachSecond?.Invoke();
            _sim.Run(_sim.Now + _second);
            Laws.Watch();
        }
    }

    private void Until(Func<bool> holds, TimeSpan within, string broken)
    {
        for (var by = _sim.Now + within; !holds();)
        {
            Laws.Check(_sim.Now < by, broken);
            Pass(_second);
        }
    }
}
