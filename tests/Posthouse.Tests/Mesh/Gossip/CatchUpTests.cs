using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Mesh.Simulation;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Mesh.Gossip;

/// <summary>A node that holds nothing meets one that holds far more than one queue can carry, over queues that are bounded as real ones.</summary>
public sealed class CatchUpTests(ITestOutputHelper output) : IDisposable
{
    private const int Providers = 10;

    private readonly Sim _sim = new(1);

    public void Dispose() => _sim.Dispose();

    [Theory]
    [InlineData(2_000, 100, 30)]
    [InlineData(250, 1, 30)]
    public void However_much_there_is_it_arrives_and_nothing_is_dropped_or_refused_on_the_way(int assets, int pricesOfUpdate, int within)
    {
        var world = new MeshWorld(_sim, MeshBug.None, nodes: 2, providers: 0);
        var (full, empty) = (world.Peers[0], world.Peers[1]);
        for (var provider = 0; provider < Providers; provider++)
            world.Trusted.Add(KeyOf(provider).Public.Id);
        full.Start(withDisk: true);
        full.Do(node => Fill(node, full, assets, pricesOfUpdate));
        Held(full).ShouldBe(assets * Providers);
        full.Slowness = empty.Slowness = TimeSpan.FromMilliseconds(1);
        empty.Start(withDisk: true);

        var seconds = 0;
        for (; seconds < within && !world.Laws.AllHoldTheSame(); seconds++)
            _sim.Run(_sim.Now + TimeSpan.FromSeconds(1));

        output.WriteLine($"{assets * Providers} prices, {pricesOfUpdate} in each update: {seconds} s, {world.Laws.Sent[(int)FrameType.DigestRequest]} requests");
        world.Laws.AllHoldTheSame().ShouldBeTrue($"{Held(empty)} of {assets * Providers} arrived");
        foreach (var peer in world.Peers)
        {
            var wire = peer.Wires.Values.ShouldHaveSingleItem();
            (wire.LaneOf(peer).Queue.DroppedFull + wire.LaneOf(peer).Queue.DroppedLate).ShouldBe(0);
            foreach (var reason in Enum.GetValues<Refusal>().Where(reason => reason != Refusal.None))
                peer.Node!.Counts[reason].ShouldBe(0, reason.ToString());
        }
    }

    [Fact]
    public void Both_sides_come_to_hold_what_the_other_alone_had()
    {
        var world = new MeshWorld(_sim, MeshBug.None, nodes: 2, providers: 0);
        for (var provider = 0; provider < Providers; provider++)
            world.Trusted.Add(KeyOf(provider).Public.Id);
        foreach (var peer in world.Peers)
        {
            peer.Start(withDisk: true);
            peer.Do(node => Fill(node, peer, 500, 100, first: peer.Number * Providers / 2, count: Providers / 2));
        }

        for (var seconds = 0; seconds < 120 && !world.Laws.AllHoldTheSame(); seconds++)
            _sim.Run(_sim.Now + TimeSpan.FromSeconds(1));
        world.Peers.Select(Held).ShouldBe([500 * Providers, 500 * Providers]);
    }

    private static int Held(SimPeer peer) => peer.Node!.Book.Map.Keys.Sum(key => peer.Node.Book.Map.ReadingsOf(key).Length);

    private static TagKey KeyOf(int provider) => new((ulong)(1_000 + provider));

    private static void Fill(GossipNode node, SimPeer peer, int assets, int pricesOfUpdate, int first = 0, int count = Providers)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(peer.Now.Wall.ToUnixTimeMilliseconds());
        for (var provider = first; provider < first + count; provider++)
        {
            var signer = new Signatory(KeyOf(provider), MeshWorld.Network, 1);
            for (var asset = 0; asset < assets; asset += pricesOfUpdate)
            {
                PriceReading[] prices = [.. Enumerable.Range(asset, pricesOfUpdate).Select(number => new PriceReading(new($"A{number:D4}", AssetKey.AnyChain), 100, at))];
                node.Restore(signer.Sign(new PriceContent(0, prices), at).Envelope.Frame, PriceOrigin.Db, peer.Now);
            }
        }
    }
}
