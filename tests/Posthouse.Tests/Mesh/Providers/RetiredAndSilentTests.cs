using Posthouse.Mesh.Network;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Mesh.Simulation;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Mesh.Providers;

/// <summary>Nodes that are no providers though something of them looks like it: who retired, and who tells prices and never a beacon.</summary>
public sealed class RetiredAndSilentTests : IDisposable
{
    private readonly Sim _sim = new(1);
    private MeshWorld _world = null!;

    public void Dispose() => _sim.Dispose();

    [Fact]
    public void Who_stands_in_and_gets_another_key_says_goodbye_and_neither_stands_in_nor_provides_again()
    {
        BeginWithStandIn();
        var (one, other) = (_world.Peers[2], _world.Peers[4]);
        one.Do(node => node.ChangeKey(new TagKey(555_555), one.Now));
        Run(seconds: 1);
        other.Node!.Book.Network.Find(one.Id).ShouldNotBeNull().GoneReason.ShouldBe(DisconnectReason.Leaving);
        var told = one.Node!.Voice.Broadcasts;
        one.Do(node => node.Enable(one.Now));
        Run(seconds: 60);
        one.Node.IsProvider.ShouldBeFalse();
        one.Node.Turns.Beats.ShouldBeFalse();
        one.Node.Voice.Broadcasts.ShouldBe(told);
    }

    [Fact]
    public void Who_stands_in_and_stops_says_goodbye()
    {
        BeginWithStandIn();
        var (one, other) = (_world.Peers[2], _world.Peers[4]);
        one.Do(node => node.Stop(one.Now));
        Run(seconds: 1);
        other.Node!.Book.Network.Find(one.Id).ShouldNotBeNull().GoneReason.ShouldBe(DisconnectReason.Leaving);
    }

    [Fact]
    public void Those_who_tell_prices_and_never_a_beacon_take_no_turn_from_who_serves()
    {
        Begin(providers: 2, nodes: 10);
        SimPeer[] silent = [.. _world.Peers[3..]];
        Trust(silent);
        Run(seconds: 45, () => TellOnePrice(silent));
        Run(seconds: 100, () =>
        {
            TellOnePrice(silent);
            if (_sim.Now.TotalSeconds % 10 is 4)
                PricesOf(_world.Peers[9]).ShouldAllBe(age => age < TimeSpan.FromSeconds(5));
        });
    }

    [Fact]
    public void Nor_do_they_keep_anybody_from_standing_in()
    {
        Begin(providers: 0, nodes: 5);
        _world.Peers[2].StandsIn = true;
        Trust(_world.Peers[2], _world.Peers[3]);
        Run(seconds: 90, () => TellOnePrice(_world.Peers[3]));
        _world.Peers[2].Node!.Turns.IsStandingIn.ShouldBeTrue();
    }

    private static IEnumerable<TimeSpan> PricesOf(SimPeer peer) => MeshWorld.Assets.Select(asset =>
        peer.Now.Wall - peer.Node!.Book.Map.ReadingsOf(asset).ToArray().Max(reading => reading.ObservedAt));

    private void TellOnePrice(params SimPeer[] peers)
    {
        foreach (var peer in peers)
        {
            // To the laws it is somebody who may be known as a provider; the node, which has started, is told nothing.
            peer.StandsIn = _sim.Now.TotalSeconds >= 10;
            if (_sim.Now.TotalSeconds >= 20 && _sim.Now.TotalSeconds % 15 is 5)
                peer.Do(node => node.Publish(_world.Read(peer, MeshWorld.OtherAssets), peer.Now));
        }
    }

    private void Trust(params SimPeer[] peers) => _world.Trusted.AddRange(peers.Select(peer => new TagKey((ulong)peer.Number).Public.Id));

    private void BeginWithStandIn()
    {
        Begin(providers: 1, nodes: 5);
        _world.Peers[1].Assets = MeshWorld.OtherAssets;
        _world.Peers[2].StandsIn = true;
        Trust(_world.Peers[2]);
        Run(seconds: 60);
        _world.Peers[2].Node!.Turns.IsStandingIn.ShouldBeTrue();
    }

    private void Begin(int providers, int nodes)
    {
        _world = new MeshWorld(_sim, MeshBug.None, nodes, providers);
        foreach (var peer in _world.Peers)
            _sim.After(TimeSpan.FromMilliseconds(10 * peer.Number), null, () => peer.Start(withDisk: true));
    }

    private void Run(int seconds, Action? eachSecond = null)
    {
        for (var second = 0; second < seconds; second++)
        {
            eachSecond?.Invoke();
            _sim.Run(_sim.Now + TimeSpan.FromSeconds(1));
            _world.Laws.Watch();
        }
    }
}
