using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Mesh.Simulation;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Mesh.Providers;

/// <summary>Providers of different assets: each group has slots of its own, and a slot is served when all of the group's assets are told.</summary>
public sealed class AssetGroupTests : IDisposable
{
    private static readonly TimeSpan Interval = MeshWorld.Slots.Interval;
    private readonly Sim _sim = new(1);
    private MeshWorld _world = null!;

    public void Dispose() => _sim.Dispose();

    [Fact]
    public void Two_groups_keep_each_its_own_slots_and_each_costs_one_fetch()
    {
        Begin(providers: 4, nodes: 8);
        _world.Peers[3].Assets = _world.Peers[4].Assets = MeshWorld.OtherAssets;
        Run(seconds: 105, AllAreFresh);
        _world.Laws.CheckFetches(Wall(15), Wall(_sim.Now.TotalSeconds), most: 1);
        _world.Peers[4].Crash(isPowerLoss: true);
        Run(seconds: 60, AllAreFresh);
        _world.Laws.CheckFetches(Wall(100), Wall(_sim.Now.TotalSeconds), most: 2);
        _world.Peers[6].Node!.Book.Network.Known.ShouldAllBe(record => !record.IsDegraded);
    }

    [Fact]
    public void A_tick_of_one_asset_lets_nobody_rest()
    {
        Begin(providers: 2, nodes: 5);
        Run(seconds: 105, () =>
        {
            if (_sim.Now.TotalSeconds % 10 is > 0 and <= 1)
                _world.Peers[1].Do(node => node.Publish(_world.Read(_world.Peers[1], [MeshWorld.Assets[0]]), _world.Peers[1].Now));
            AllAreFresh();
        });
        _world.Laws.CheckFetches(Wall(15), Wall(_sim.Now.TotalSeconds), most: 1);
    }

    [Fact]
    public void What_one_provider_does_not_have_another_brings_in_the_same_slot()
    {
        Begin(providers: 2, nodes: 5);
        _world.Peers[1].Lacking = [MeshWorld.Assets[2]];
        Run(seconds: 105, AllAreFresh);
    }

    [Fact]
    public void What_no_provider_has_does_not_make_them_all_ask_in_every_slot()
    {
        Begin(providers: 3, nodes: 6);
        foreach (var peer in _world.Peers)
            peer.Lacking = [MeshWorld.Assets[2]];
        Run(seconds: 65);
        var before = _sim.Reached["fetch"];
        Run(seconds: 100);
        (_sim.Reached["fetch"] - before).ShouldBeInRange(10, 11, "one for each slot");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_all_vendors_drop_is_asked_for_once_of_each_and_degrades_nobody(bool isRefused)
    {
        Begin(providers: 3, nodes: 6);
        Run(seconds: 65);
        foreach (var peer in _world.Peers)
            (peer.Lacking, peer.RefusesWhatItLacks) = ([MeshWorld.Assets[2]], isRefused);
        var before = _sim.Reached["fetch"];
        Run(seconds: 10, NobodyIsDegraded);
        (_sim.Reached["fetch"] - before).ShouldBeLessThanOrEqualTo(4, "all assets once, and then each provider for what is left");
        before = _sim.Reached["fetch"];
        Run(seconds: 50, NobodyIsDegraded);
        (_sim.Reached["fetch"] - before).ShouldBe(5, "one for each slot");
    }

    [Fact]
    public void To_be_told_again_to_provide_the_same_asks_no_vendor_again()
    {
        Begin(providers: 2, nodes: 5);
        Run(seconds: 35);
        var before = _sim.Reached["fetch"];
        foreach (var peer in _world.Peers[1..3])
        {
            peer.Do(node =>
            {
                node.SetSource(peer.Assets);
                node.Enable(peer.Now);
            });
        }

        Run(seconds: 4);
        _sim.Reached["fetch"].ShouldBe(before);
    }

    [Fact]
    public void A_provider_that_is_late_twice_and_then_delivers_shares_the_slots_again()
    {
        Begin(providers: 2, nodes: 5);
        Run(seconds: 25);
        var judged = _world.Peers[2].Node!.Book.Network;
        judged.OnSlot(new(_world.Peers[1].Id, Served: false, WasDue: true), _world.Peers[2].Now);
        judged.OnSlot(new(_world.Peers[1].Id, Served: false, WasDue: true), _world.Peers[2].Now);
        Run(seconds: 120);
        judged.Find(_world.Peers[1].Id)!.IsDegraded.ShouldBeFalse();
        _world.Laws.CheckFetches(Wall(120), Wall(_sim.Now.TotalSeconds), most: 1);
    }

    [Fact]
    public void One_stands_in_while_only_providers_of_other_assets_live()
    {
        Begin(providers: 1, nodes: 5);
        _world.Peers[1].Assets = MeshWorld.OtherAssets;
        MayStandIn(_world.Peers[2]);
        MayStandIn(_world.Peers[3]);
        Run(seconds: 60);
        _world.Peers.Count(peer => peer.Node!.Turns.IsStandingIn).ShouldBe(1);
        _world.Peers[4].Node!.Book.Map.Assets.ShouldBe(MeshWorld.Assets.Length + 1);
    }

    [Fact]
    public void Nobody_stands_in_while_one_lives_who_reads_the_same_and_more()
    {
        Begin(providers: 1, nodes: 5);
        MayStandIn(_world.Peers[2]);
        _world.Peers[2].Assets = MeshWorld.Assets[..2];
        Run(seconds: 90);
        _world.Peers[2].Node!.Turns.IsStandingIn.ShouldBeFalse();
        _world.Peers[1].Crash(isPowerLoss: false);
        Run(seconds: 60);
        _world.Peers[2].Node!.Turns.IsStandingIn.ShouldBeTrue();
        _world.Peers[1].Start(withDisk: true);
        Run(seconds: 60);
        _world.Peers[2].Node!.Turns.IsStandingIn.ShouldBeFalse();
    }

    [Fact]
    public void One_stands_in_when_the_others_no_longer_tell_what_they_told_once()
    {
        Begin(providers: 1, nodes: 5);
        MayStandIn(_world.Peers[2]);
        _world.Peers[2].Assets = MeshWorld.Assets[..2];
        Run(seconds: 60);
        _world.Peers[2].Node!.Turns.IsStandingIn.ShouldBeFalse();
        _world.Peers[1].Lacking = [MeshWorld.Assets[0]];
        Run(seconds: 90);
        _world.Peers[2].Node!.Turns.IsStandingIn.ShouldBeTrue();
        _world.Peers[1].Lacking = [];
        Run(seconds: 60);
        _world.Peers[2].Node!.Turns.IsStandingIn.ShouldBeFalse();
    }

    [Fact]
    public void A_node_tells_its_rank_and_its_take_overs()
    {
        Begin(providers: 2, nodes: 5);
        Run(seconds: 29);
        _world.Peers.Skip(1).Take(2).Select(peer => peer.Node!.Turns.Rank).Order().ShouldBe([0, 1]);
        _world.Peers[3].Node!.Turns.Rank.ShouldBe(-1);
        _world.Peers[2].Node!.Turns.TakeOvers.ShouldBe(0);
        for (var times = 0; times < 10 && _world.Peers[2].Node!.Turns.TakeOvers == 0; times++)
        {
            _world.Peers[1].Crash(isPowerLoss: true);
            Run(seconds: 22);
            _world.Peers[1].Start(withDisk: true);
            Run(seconds: 58);
        }

        _world.Peers[2].Node!.Turns.TakeOvers.ShouldBePositive();
    }

    private static DateTimeOffset Wall(double seconds) => SimTime.Start + TimeSpan.FromSeconds(seconds);

    private void Begin(int providers, int nodes)
    {
        _world = new MeshWorld(_sim, MeshBug.None, nodes, providers);
        foreach (var peer in _world.Peers)
            _sim.After(TimeSpan.FromMilliseconds(10 * peer.Number), null, () => peer.Start(withDisk: true));
    }

    private void MayStandIn(SimPeer peer)
    {
        peer.StandsIn = true;
        _world.Trusted.Add(new TagKey((ulong)peer.Number).Public.Id);
    }

    private void NobodyIsDegraded()
    {
        foreach (var peer in _world.Peers)
            peer.Node!.Turns.IsDegraded.ShouldBeFalse($"node {peer.Number} in second {_sim.Now.TotalSeconds}");
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

    /// <summary>From the third slot on, five seconds into each everything that anybody reads has been told in it.</summary>
    private void AllAreFresh()
    {
        var into = TimeSpan.FromTicks(_sim.Now.Ticks % Interval.Ticks);
        if (_sim.Now < 3 * Interval || into < Interval / 2)
            return;
        foreach (var peer in _world.Living)
        {
            foreach (var asset in _world.AllAssets)
            {
                var newest = DateTimeOffset.MinValue;
                foreach (var reading in peer.Node!.Book.Map.ReadingsOf(asset))
                    newest = reading.ObservedAt > newest ? reading.ObservedAt : newest;
                newest.ShouldBeGreaterThan(SimTime.Start + _sim.Now - into - TimeSpan.FromSeconds(1), $"{asset} at node {peer.Number} in second {_sim.Now.TotalSeconds}");
            }
        }
    }
}
