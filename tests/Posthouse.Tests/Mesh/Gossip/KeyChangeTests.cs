using Posthouse.Mesh;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Mesh.Simulation;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Mesh.Gossip;

/// <summary>A provider goes over to a key that nobody has listed.</summary>
public sealed class KeyChangeTests : IDisposable
{
    private const ulong Successor = 555_555;
    private readonly Sim _sim = new(1);
    private readonly MeshWorld _world;
    private readonly SimPeer _provider;
    private readonly NodeId _old;

    public KeyChangeTests()
    {
        _world = new(_sim, MeshBug.None, nodes: 6, providers: 1);
        foreach (var peer in _world.Peers.Take(5))
            _sim.After(TimeSpan.FromMilliseconds(10 * peer.Number), null, () => peer.Start(withDisk: true));
        Run(25);
        _provider = _world.Peers[1];
        _old = _provider.Id;
    }

    public void Dispose() => _sim.Dispose();

    [Fact]
    public void The_old_id_says_goodbye_and_the_new_one_is_believed_by_all_and_by_who_comes_later()
    {
        Change();
        foreach (var peer in Others)
        {
            peer.Node!.Book.Network.View.State.ShouldBe(NetworkState.NoProviders);
            peer.Node.Book.Network.Find(_old).ShouldNotBeNull().GoneReason.ShouldBe(DisconnectReason.Leaving);
        }

        Restart();
        _world.Peers[5].Start(withDisk: true);
        Run(40);
        foreach (var peer in Others)
            ShouldProvide(peer);
    }

    [Fact]
    public void What_the_old_key_signs_afterwards_counts_no_more()
    {
        Change();
        var stolen = new Signatory(new TagKey(1), MeshWorld.Network, 99);
        var frame = stolen.Sign(new PriceContent(0, [new(MeshWorld.Assets[0], 1, _provider.Now.Wall)]), _provider.Now.Wall).Envelope.Frame;
        var wire = _provider.Wires.Values.First();
        var other = wire.Other(_provider);
        other.Received(wire, frame);
        other.Node!.Counts[Refusal.KeyRetired].ShouldBe(1);
        other.Node.Book.GetPriceData(MeshWorld.Assets[0], other.Now.Wall)!.Price.ShouldBeGreaterThan(1);
    }

    [Fact]
    public void Where_nobody_else_remembers_the_successor_tells_it_itself()
    {
        Change();
        foreach (var peer in Others.ToList())
            peer.Crash(isPowerLoss: false);
        Restart();
        foreach (var peer in _world.Peers.Where(peer => peer.Node is null))
            peer.Start(withDisk: true);
        Run(40);
        foreach (var peer in Others)
            ShouldProvide(peer);
    }

    [Fact]
    public void A_change_that_could_not_be_kept_is_told_to_nobody()
    {
        var isTold = true;
        _provider.Do(node => Should.Throw<IOException>(() => node.ChangeKey(new TagKey(Successor), _provider.Now, _ =>
        {
            isTold = !node.IsProvider || Others.Any(peer => peer.Node!.Counts[Refusal.KeyRetired] > 0);
            throw new IOException("The disk is full.");
        })));
        isTold.ShouldBeFalse();
        Run(40);
        foreach (var peer in Others)
            ShouldProvide(peer);
    }

    [Fact]
    public void A_change_that_is_told_again_costs_no_signature()
    {
        Change();
        var other = Others.First();
        var (counted, wire) = (other.Node!.Counts[Refusal.None], other.Wires.Values.First(wire => wire.Other(other) != _provider));
        var told = FrameCodec.Encode(new NetworkStatusFrame(wire.Other(other).Id, false, 1, [_provider.Succession[0]]));
        other.Received(wire, told);
        other.Node.Counts[Refusal.None].ShouldBe(counted + 1, "the status itself");
    }

    private IEnumerable<SimPeer> Others => _world.Living.Where(peer => peer != _provider);

    private void Change()
    {
        _provider.Do(node => _provider.Succession.Add(node.ChangeKey(new TagKey(Successor), _provider.Now)));
        Run(1);
    }

    private void Restart()
    {
        _provider.Crash(isPowerLoss: false);
        _provider.KeyNumber = Successor;
        _provider.Start(withDisk: true);
    }

    private void ShouldProvide(SimPeer peer)
    {
        peer.Node!.Book.Network.View.Active.Select(provider => provider.NodeId).ShouldBe([_provider.Id], $"at node {peer.Number}");
        peer.Node.Book.Map.ReadingsOf(MeshWorld.Assets[0]).ToArray().ShouldContain(reading => reading.Provider == _provider.Id);
    }

    private void Run(int seconds) => _sim.Run(_sim.Now + TimeSpan.FromSeconds(seconds));
}
