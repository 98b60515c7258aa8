using Posthouse.Mesh;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Mesh.Simulation;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Mesh.Gossip;

/// <summary>What one node sends to whom, and whom it keeps in its mesh.</summary>
public sealed class SpreadTests
{
    private static readonly GossipOptions _options = GossipOptions.Default;
    private readonly SentFrames _port = new();
    private readonly SeenSet _seen = new();
    private readonly Signatory _signer = new(new TagKey(1_000), MeshWorld.Network, 1);
    private readonly Neighbourhood _near;
    private readonly Spread _spread;
    private int _size = 100;

    public SpreadTests()
    {
        _near = new(_port, _options, new PeerScores(ScoreRules.Default), new SimIds(1), new MeshFacts());
        _spread = new(_near, _seen, () => _size);
    }

    private static Moment Now => new(TimeSpan.FromHours(1), SimTime.Start);

    [Fact]
    public void A_message_goes_whole_to_some_of_the_mesh_and_by_its_id_to_the_rest()
    {
        var links = Links(inMesh: 8, outside: 5);
        var frame = Price();

        _spread.Relay(frame, links[0]);

        var (whole, ids) = (_port.To(FrameType.PriceUpdate), _port.To(FrameType.IHave));
        whole.Count.ShouldBe(_options.EagerDegree);
        ids.Count.ShouldBe(8 - 1 - _options.EagerDegree);
        whole.Concat(ids).Order().ShouldBe([2, 3, 4, 5, 6, 7, 8]);
        ((IHave)_port.Last(ids[0])).Ids.ShouldBe([frame.Envelope.Id]);
    }

    [Fact]
    public void Each_message_goes_other_ways_than_the_one_before()
    {
        var links = Links(inMesh: 8, outside: 0);
        var times = new Dictionary<int, int>();
        for (var message = 0; message < 200; message++)
        {
            _port.Clear();
            _spread.Relay(Price(), links[0]);
            foreach (var link in _port.To(FrameType.PriceUpdate))
                times[link] = times.GetValueOrDefault(link) + 1;
        }

        times.Keys.Order().ShouldBe([2, 3, 4, 5, 6, 7, 8]);
        times.Values.ShouldAllBe(count => count > 200 / 7 * 2);
    }

    [Fact]
    public void Who_told_of_a_message_is_not_sent_it()
    {
        var links = Links(inMesh: 5, outside: 0);
        var frame = Price();
        _spread.OnHave(links[0], [frame.Envelope.Id], Now);
        _spread.OnHave(links[1], [frame.Envelope.Id], Now);
        _port.To(FrameType.IWant).ShouldBe([1], "one is asked, and the other only if that one does not answer");

        _spread.Relay(frame, links[2]);

        _port.To(FrameType.PriceUpdate).Concat(_port.To(FrameType.IHave)).Order().ShouldBe([4, 5]);
        _spread.Wants.ShouldBe(0);
    }

    [Fact]
    public void Whoever_was_told_an_id_gets_the_message_when_it_asks()
    {
        var links = Links(inMesh: 8, outside: 0);
        var frame = Price();
        _spread.Relay(frame, links[0]);
        var asks = _port.To(FrameType.IHave)[0];

        _spread.OnWant(_near.Find(asks).ShouldNotBeNull(), [frame.Envelope.Id]);

        _port.To(FrameType.PriceUpdate).ShouldContain(asks);
    }

    [Fact]
    public void In_a_small_network_everybody_gets_the_whole_message()
    {
        var links = Links(inMesh: 0, outside: 9);
        _size = 10;

        _spread.Relay(Price(), links[0]);

        _port.To(FrameType.PriceUpdate).Count.ShouldBe(8);
        _port.To(FrameType.IHave).ShouldBeEmpty();
    }

    [Fact]
    public void What_a_node_says_itself_goes_whole_to_every_peer()
    {
        Links(inMesh: 8, outside: 5);
        _spread.Publish(Price()).ShouldBe(13);
        _port.To(FrameType.PriceUpdate).Count.ShouldBe(13);
    }

    [Fact]
    public void A_mesh_that_is_full_goes_back_to_its_degree()
    {
        var links = Links(inMesh: _options.HighDegree, outside: 3);
        var mesh = new MeshLinks(_near, () => []);

        mesh.Heartbeat(Now);

        links.Count(link => link.IsInMesh).ShouldBe(_options.Degree);
        _port.To(FrameType.Prune).Count.ShouldBe(_options.HighDegree - _options.Degree);
        _port.To(FrameType.Graft).ShouldBeEmpty();
    }

    [Fact]
    public void A_mesh_between_its_bounds_is_left_alone()
    {
        Links(inMesh: _options.HighDegree - 1, outside: 3);
        new MeshLinks(_near, () => []).Heartbeat(Now);
        _port.Count.ShouldBe(0);
    }

    [Fact]
    public void A_mesh_that_stays_too_small_gives_a_peer_up_for_another()
    {
        Links(inMesh: 4, outside: 6);
        var mesh = new MeshLinks(_near, () => []);
        mesh.Heartbeat(Now);
        foreach (var refused in _port.To(FrameType.Graft))
            mesh.OnPrune(_near.Find(refused)!, backoffSeconds: 60, Now);
        mesh.Heartbeat(Now.After(TimeSpan.FromSeconds(1)));
        foreach (var refused in _near.Up.Where(link => link.Number > 4))
            mesh.OnPrune(refused, backoffSeconds: 60, Now.After(TimeSpan.FromSeconds(1)));
        _port.Closed.ShouldBeEmpty();

        for (var second = 2; second <= 12; second++)
            mesh.Heartbeat(Now.After(TimeSpan.FromSeconds(second)));

        _port.Closed.ShouldHaveSingleItem().ShouldBeInRange(5, 10);
    }

    [Theory]
    [InlineData(16, false)]
    [InlineData(17, true)]
    public void Who_finds_no_place_in_a_full_mesh_is_sent_to_others_where_there_are_many(int inbound, bool isSentAway)
    {
        var links = Links(inMesh: _options.HighDegree, outside: inbound - _options.HighDegree, isOutbound: false);
        new MeshLinks(_near, () => []).OnGraft(links[^1], Now);
        _port.To(FrameType.Prune).ShouldBe([links[^1].Number]);
        _port.Closed.Count.ShouldBe(isSentAway ? 1 : 0);
    }

    private List<Link> Links(int inMesh, int outside, bool isOutbound = true)
    {
        for (var number = 1; number <= inMesh + outside; number++)
        {
            var link = new Link(number, isOutbound, $"node-{number}", 0, new PeerBudget(PeerShares.Default), Now.Steady)
            {
                Id = new TagKey((ulong)number).Public.Id,
                IsInMesh = number <= inMesh,
            };
            _near.Add(link);
            _near.Rise(link, Now);
        }

        _port.Clear();
        return [.. _near.Up];
    }

    private SignedFrame Price()
    {
        var now = SimTime.Start + TimeSpan.FromSeconds(_signer.Last.Seq);
        return _signer.Sign(new PriceContent(0, [new(MeshWorld.Assets[0], 100, now)]), now);
    }

    /// <summary>A port that keeps what was sent.</summary>
    private sealed class SentFrames : IGossipPort
    {
        private readonly List<(int Link, ReadOnlyMemory<byte> Frame)> _sent = [];

        public int Count => _sent.Count;

        public List<int> Closed { get; } = [];

        public List<int> To(FrameType type) => [.. _sent.Where(sent => sent.Frame.Span[0] == (byte)type).Select(sent => sent.Link)];

        public Frame Last(int link)
        {
            FrameCodec.TryDecode(_sent.Last(sent => sent.Link == link).Frame, out var frame).ShouldBe(Refusal.None);
            return frame!;
        }

        public void Clear() => _sent.Clear();

        public void Send(int link, ReadOnlyMemory<byte> frame, Urgency urgency) => _sent.Add((link, frame));

        public void Dial(string address) => throw new InvalidOperationException("Nothing here dials.");

        public void Close(int link, CloseReason reason) => Closed.Add(link);

        public void Fetch(ulong slot, IReadOnlyList<AssetKey> wanted) => throw new InvalidOperationException("Nothing here fetches.");

        public void Keep(SignedFrame update, PriceOrigin origin) => throw new InvalidOperationException("Nothing here keeps.");

        public void Follow(SignedFrame change) => throw new InvalidOperationException("Nobody here changes a key.");
    }
}
