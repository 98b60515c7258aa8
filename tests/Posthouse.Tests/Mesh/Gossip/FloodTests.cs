using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Mesh.Simulation;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Mesh.Gossip;

/// <summary>What peers can make a node check by sending much.</summary>
public sealed class FloodTests : IDisposable
{
    private const int Nodes = 12;
    private readonly Sim _sim = new(1);
    private readonly MeshWorld _world;
    private readonly SimPeer _victim;

    public FloodTests()
    {
        _world = new(_sim, MeshBug.None, Nodes, providers: 1);
        foreach (var peer in _world.Peers)
            _sim.After(TimeSpan.FromMilliseconds(10 * peer.Number), null, () => peer.Start(withDisk: true));
        _sim.Run(TimeSpan.FromSeconds(40));
        _victim = _world.Peers[0];
    }

    public void Dispose() => _sim.Dispose();

    [Fact]
    public void Of_badly_signed_frames_a_few_are_checked_and_their_sender_is_banned()
    {
        var wires = _victim.Wires.Values.ToList();
        wires.Count.ShouldBeGreaterThan(5);
        for (var frame = 0; frame < 100; frame++)
        {
            foreach (var wire in wires)
                _victim.Received(wire, Bad(frame));
        }

        _victim.Node!.Counts[Refusal.SignatureInvalid].ShouldBeInRange(3 * wires.Count, 4 * wires.Count, "whatever it brought before, four end it");
        _victim.Node.Near.Up.ShouldBeEmpty();
    }

    [Fact]
    public void Records_that_nobody_asked_for_are_taken_once()
    {
        var (wire, before) = (_victim.Wires.Values.First(), _victim.Node!.Addresses.Entries.Count);
        _victim.Received(wire, Farewell(1));
        _victim.Node.Addresses.Entries.Count.ShouldBe(before + MeshProtocol.MaxRecords);
        _victim.Received(wire, Farewell(2));
        _victim.Node.Addresses.Entries.Count.ShouldBe(before + MeshProtocol.MaxRecords);
        _victim.Node.Counts[Refusal.RateLimited].ShouldBe(1);
    }

    [Fact]
    public void Records_of_a_peer_that_is_not_trusted_much_are_not_even_checked()
    {
        var (wire, node) = (_victim.Wires.Values.First(), _victim.Node!);
        node.OnText(wire.Number, _victim.Now);
        var (before, taken) = (node.Addresses.Entries.Count, node.Counts[Refusal.None]);
        _victim.Received(wire, Farewell(1));
        node.Addresses.Entries.Count.ShouldBe(before);
        node.Counts[Refusal.PeerShunned].ShouldBe(1);
        node.Counts[Refusal.None].ShouldBe(taken + 1, "the prune itself");
    }

    [Fact]
    public void An_answer_to_no_open_question_costs_no_signature()
    {
        var (wire, node) = (_victim.Wires.Values.First(), _victim.Node!);
        var beacon = new Signatory(new TagKey(1), MeshWorld.Network, 9).Sign(new BeaconContent(ProviderState.Active, 0, 0, 0, 0, 0), _victim.Now.Wall);
        var bad = beacon.Envelope.Frame.ToArray();
        bad[^1] ^= 1;
        _victim.Received(wire, FrameCodec.Encode(new ProbeAck(0, _world.Peers[1].Id, new Stamp(9, 1), 0, bad)));
        node.Counts[Refusal.SignatureInvalid].ShouldBe(0);
    }

    private byte[] Bad(int number)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(_victim.Now.Wall.ToUnixTimeMilliseconds() - number);
        var frame = new Signatory(new TagKey(1), MeshWorld.Network, 9).Sign(new PriceContent(0, [new(MeshWorld.Assets[1], 100, at)]), at).Envelope.Frame.ToArray();
        frame[^1] ^= 1;
        return frame;
    }

    private byte[] Farewell(ulong batch)
    {
        var records = Enumerable.Range(0, MeshProtocol.MaxRecords)
            .Select(number => new Signatory(new TagKey((batch * 100_000) + (ulong)number), MeshWorld.Network, 1)
                .Sign(new PeerContent([$"ws://p{batch}-{number}.example:6060/"], false), _victim.Now.Wall).Envelope.Frame);
        return FrameCodec.Encode(new Prune(60, [.. records]));
    }
}
