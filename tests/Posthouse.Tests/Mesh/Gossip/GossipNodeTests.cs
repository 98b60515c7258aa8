using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Mesh.Simulation;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Mesh.Gossip;

/// <summary>The engine among its like, step by step; what holds under faults is in <see cref="MeshSimulationTests"/>.</summary>
public sealed class GossipNodeTests : IDisposable
{
    private readonly Sim _sim = new(1);

    public void Dispose() => _sim.Dispose();

    [Fact]
    public void Five_nodes_pass_a_price_on_to_all()
    {
        var world = World(nodes: 5, providers: 1);
        Run(world, 15);
        foreach (var peer in world.Peers)
            peer.Node!.Book.Map.Assets.ShouldBe(MeshWorld.Assets.Length);
        world.Peers[4].Node!.Book.Network.View.State.ShouldBe(NetworkState.Online);
        _sim.Reached["fetch"].ShouldBe(2, "one fetch for each slot that began, whoever knows of it");
    }

    [Fact]
    public void A_text_is_counted_and_blamed()
    {
        var world = World(nodes: 2, providers: 1);
        Run(world, 10);
        var (node, other) = (world.Peers[0].Node!, world.Peers[1].Id);
        var link = node.Near.Find(other).ShouldNotBeNull();
        var (counted, score) = (node.Counts[Refusal.OutOfPlace], node.Near.Scores.Value(other, world.Peers[0].Now.Steady));
        node.OnText(link.Number, world.Peers[0].Now);
        node.Counts[Refusal.OutOfPlace].ShouldBe(counted + 1);
        node.Near.Rejected.ShouldHaveSingleItem().ShouldBe(new(other, 1));
        node.Near.Scores.Value(other, world.Peers[0].Now.Steady).ShouldBeLessThan(score);
    }

    [Fact]
    public void A_larger_network_keeps_a_mesh_of_bounded_degree()
    {
        var world = World(nodes: 60, providers: 1);
        Run(world, 240);
        foreach (var peer in world.Peers)
        {
            peer.Node!.Near.Up.Count(link => link.IsInMesh).ShouldBeInRange(GossipOptions.Default.LowDegree - 1, GossipOptions.Default.HighDegree);
            peer.Node.Book.Map.Assets.ShouldBe(MeshWorld.Assets.Length);
        }

        world.Laws.AllHoldTheSame().ShouldBeTrue();
    }

    [Fact]
    public void A_message_reaches_all_of_a_larger_network_and_costs_each_node_few_copies()
    {
        const int Messages = 10;
        var world = World(nodes: 200, providers: 1);
        foreach (var peer in world.Peers)
            peer.HasSource = false;
        Run(world, 60);
        var before = world.Laws.Sent[(int)FrameType.PriceUpdate];
        for (var message = 0; message < Messages; message++)
        {
            world.Peers[1].Do(node => node.Publish([new(new($"ASSET{message}", AssetKey.AnyChain), 100, SimTime.Start + _sim.Now)], world.Peers[1].Now));
            Run(world, 1);
        }

        world.Peers.ShouldAllBe(peer => peer.Node!.Book.Map.Assets == Messages);
        var copies = (double)(world.Laws.Sent[(int)FrameType.PriceUpdate] - before) / (Messages * (world.Peers.Count - 1));
        (copies - 1).ShouldBeLessThanOrEqualTo(3.5, "copies of one message beside the first, at each node");
        world.Peers.Average(peer => peer.Node!.Near.Up.Count(link => link.IsInMesh)).ShouldBe(GossipOptions.Default.Degree, tolerance: 1);
    }

    [Fact]
    public void One_link_is_kept_between_two_nodes_and_both_ends_keep_the_same()
    {
        var world = World(nodes: 12, providers: 1);
        Run(world, 30);
        foreach (var peer in world.Peers)
        {
            peer.Node!.Near.Up.Select(link => link.Id).ShouldBeUnique();
            foreach (var link in peer.Node.Near.Up)
                world.Peers.Single(other => other.Id == link.Id).Node!.Near.Find(link.Number).ShouldNotBeNull().IsUp.ShouldBeTrue();
        }
    }

    [Fact]
    public void A_full_network_comes_to_rest()
    {
        var world = World(nodes: 120, providers: 1);
        Run(world, 35);
        var greetings = world.Laws.Sent[(int)FrameType.Hello];
        Run(world, 30);
        (world.Laws.Sent[(int)FrameType.Hello] - greetings).ShouldBeLessThan(120, "whoever was sent away knocks at the same door again at once");
    }

    [Fact]
    public void A_node_has_no_more_peers_than_it_may()
    {
        var world = World(nodes: 60, providers: 1);
        world.Gossip = new() { Outbound = 5, MaxInbound = 5 };
        var most = 0;
        for (var second = 0; second < 120; second++)
        {
            Run(world, 1);
            most = Math.Max(most, world.Peers.Max(peer => peer.Node?.Near.Up.Count ?? 0));
        }

        most.ShouldBeInRange(9, 10);
        world.Peers.ShouldAllBe(peer => peer.Node!.Book.Map.Assets == MeshWorld.Assets.Length);
    }

    [Fact]
    public void A_node_that_is_back_before_its_old_connections_are_missed_takes_their_place()
    {
        var world = World(nodes: 6, providers: 1);
        Run(world, 15);
        var provider = world.Peers[1];
        provider.Crash(isPowerLoss: true);
        provider.Start(withDisk: true);
        Run(world, 4);
        foreach (var peer in world.Peers.Where(peer => peer != provider))
        {
            peer.Node!.Near.Find(provider.Id).ShouldNotBeNull().Epoch.ShouldBe(2u);
            peer.Node.Book.Network.Find(provider.Id).ShouldNotBeNull().Stamp.Epoch.ShouldBe(2u);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(30)]
    public void A_node_whose_clock_is_wrong_when_it_starts_still_has_its_prices(int days)
    {
        var world = World(nodes: 5, providers: 1);
        Run(world, 15);
        var peer = world.Peers[3];
        peer.Crash(isPowerLoss: false);
        peer.Skew = TimeSpan.FromDays(days);
        peer.Start(withDisk: true);
        peer.Node!.Book.Map.Assets.ShouldBe(MeshWorld.Assets.Length);
    }

    [Fact]
    public void Two_processes_with_one_key_raise_an_alarm()
    {
        var world = World(nodes: 5, providers: 1);
        world.Peers[4].KeyNumber = world.Peers[3].KeyNumber;
        Should.Throw<SimulationFailure>(() => Run(world, 15)).Message.ShouldContain("a second process with one key");
        _sim.Reached[nameof(DuplicateIdentity)].ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_node_whose_clock_is_behind_hears_the_others_all_the_same_and_is_warned_once()
    {
        var world = World(nodes: 6, providers: 1);
        world.Peers[4].Skew = TimeSpan.FromSeconds(-10);
        Run(world, 30);
        var behind = world.Peers[4].Node!;
        behind.ClockError.ShouldBeInRange(TimeSpan.FromSeconds(9.8), TimeSpan.FromSeconds(10.2));
        behind.Book.Map.Assets.ShouldBe(MeshWorld.Assets.Length);
        _sim.Reached[nameof(OwnClockDiffers)].ShouldBe(1);
        world.Peers[3].Node!.ClockError.Duration().ShouldBeLessThan(TimeSpan.FromSeconds(0.2));

        world.Peers[4].Skew = TimeSpan.Zero;
        Run(world, 5);
        behind.ClockError.Duration().ShouldBeLessThan(TimeSpan.FromSeconds(0.2), "it was set, so what was found before is void");
        _sim.Reached[nameof(OwnClockAgrees)].ShouldBe(1);
        Run(world, 30);
        world.Laws.AllHoldTheSame().ShouldBeTrue();
    }

    [Fact]
    public void A_node_whose_clock_is_ahead_sees_who_is_alive_all_the_same()
    {
        var world = World(nodes: 6, providers: 1);
        world.Peers[4].Skew = TimeSpan.FromSeconds(29);
        Run(world, 40);
        world.Peers[4].Node!.Book.Network.View.State.ShouldBe(NetworkState.Online);
        _sim.Reached[nameof(OwnClockDiffers)].ShouldBe(1);
    }

    [Fact]
    public void A_provider_whose_clock_is_ahead_is_refused_and_knows_why()
    {
        var world = World(nodes: 6, providers: 1);
        world.Peers[1].Skew = TimeSpan.FromSeconds(10);
        // Nobody learns its address, so it has to find the others itself.
        Run(world, 90);
        world.Peers[1].Node!.IsProvider.ShouldBeTrue();
        world.Peers[1].Node!.ClockError.ShouldBeInRange(TimeSpan.FromSeconds(-10.2), TimeSpan.FromSeconds(-9.8));
        world.Peers[3].Node!.Counts[Refusal.ClockSkew].ShouldBePositive();
        world.Peers[3].Node!.Book.Network.View.State.ShouldNotBe(NetworkState.Online, "what it said comes late, by comparison, and says nothing of its life");
    }

    [Fact]
    public void A_plain_node_that_is_told_to_stop_providing_says_goodbye_once()
    {
        var world = World(nodes: 5, providers: 1);
        Run(world, 15);
        world.Peers[1].Do(node => node.Disable(GoodbyeReason.Disabled, world.Peers[1].Now));
        Run(world, 1);
        world.Peers[3].Node!.Book.Network.View.State.ShouldBe(NetworkState.NoProviders);
        world.Peers[3].Node!.Book.Network.Find(world.Peers[1].Id).ShouldNotBeNull().GoneReason.ShouldBe(DisconnectReason.Leaving);
        world.Peers[3].Node!.Book.GetPriceData("BTC", SimTime.Start + _sim.Now).ShouldNotBeNull().Live.ShouldBeFalse();
    }

    private MeshWorld World(int nodes, int providers)
    {
        var world = new MeshWorld(_sim, MeshBug.None, nodes, providers);
        foreach (var peer in world.Peers)
            _sim.After(TimeSpan.FromMilliseconds(10 * peer.Number), null, () => peer.Start(withDisk: true));
        return world;
    }

    private void Run(MeshWorld world, int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            _sim.Run(_sim.Now + TimeSpan.FromSeconds(1));
            world.Laws.Watch();
        }
    }
}
