using System.Buffers.Binary;
using Posthouse.Mesh;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh;

/// <summary>The decisions of one node, with a clock that a test moves and providers that say what a test wants.</summary>
internal sealed class OneNode
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly AssetKey Btc = new("BTC", AssetKey.AnyChain);

    private readonly Dictionary<NodeId, ulong> _seqs = [];

    public OneNode(NetworkMemory? memory = null, PriceBookOptions? options = null, DateTimeOffset? wall = null)
    {
        Memory = memory ?? new();
        Now = new(TimeSpan.FromHours(1), wall ?? Noon);
        Tracker = new(Id(0), new(), new(), Memory, Facts, Now);
        Book = new(Tracker, options ?? new(), Facts);
        Book.Tick(Now);
    }

    public Moment Now { get; set; }

    public MeshFacts Facts { get; } = new();

    public NetworkMemory Memory { get; }

    public NetworkStatusTracker Tracker { get; }

    public PriceBook Book { get; }

    public NetworkStatus Status => Tracker.GetStatus(Now);

    /// <summary>The node with this number.</summary>
    public static NodeId Id(int number)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        BinaryPrimitives.WriteInt32BigEndian(bytes[12..], number);
        return NodeId.Read(bytes);
    }

    /// <summary>Facts of one kind, in order.</summary>
    public List<T> Told<T>()
        where T : MeshFact => [.. Facts.Told.OfType<T>()];

    /// <summary>Lets time pass; a tick each second.</summary>
    public void Pass(double seconds, Action? eachSecond = null)
    {
        var end = Now.After(TimeSpan.FromSeconds(seconds));
        while (Now.Steady + LocalHealth.Heartbeat <= end.Steady)
        {
            Now = Now.After(LocalHealth.Heartbeat);
            eachSecond?.Invoke();
            Book.Tick(Now);
        }

        if (Now.Steady < end.Steady)
        {
            Now = end;
            Book.Tick(Now);
        }
    }

    public ProofOfLife Proof(int provider, ProviderState condition = ProviderState.Active, byte? hops = 1, uint epoch = 1) => new()
    {
        Provider = Id(provider),
        Stamp = NextStamp(Id(provider), epoch),
        IssuedAt = Now.Wall,
        Condition = condition,
        Hops = hops,
        IsBeacon = true,
        Budget = MeshProtocol.MaxPermille,
        Health = MeshProtocol.MaxHealth,
    };

    public LifeSign Beacon(int provider, ProviderState condition = ProviderState.Active, byte? hops = 1) =>
        Tracker.OnProof(Proof(provider, condition, hops), Now);

    /// <summary>A message with one price, read now or so long ago.</summary>
    public int Price(int provider, decimal price, double age = 0, AssetKey? key = null, PriceOrigin origin = PriceOrigin.Live, byte? hops = 1, double heldBack = 0)
    {
        var stamp = NextStamp(Id(provider), 1);
        var reading = new PriceReading(key ?? Btc, price, Now.Wall - TimeSpan.FromSeconds(age));
        var update = new PriceUpdate(Id(provider), stamp, 0, Now.Wall - TimeSpan.FromSeconds(heldBack), [reading]);
        return Book.Accept(update, new MessageId(new UInt128((ulong)provider, stamp.Seq)), origin, default, hops, Now);
    }

    public ServedPrice Served(AssetKey? key = null) => Book.GetPriceData(key ?? Btc, Now.Wall).ShouldNotBeNull();

    /// <summary>What a peer that is a provider tells after the greeting.</summary>
    public PeerStatus StatusOf(int provider) => new(Id(provider), IsProvider: true, 0, [Proof(provider, hops: 0)]);

    private Stamp NextStamp(NodeId provider, uint epoch) => new(epoch, _seqs[provider] = _seqs.GetValueOrDefault(provider) + 1);
}
