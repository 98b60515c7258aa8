using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Wire;

/// <summary>Frames of every type with fields drawn from a seed: the same seed, the same frames.</summary>
internal sealed class SampleFrames(int seed)
{
    public static readonly NetworkId Network = NetworkId.Of("test");
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);
    public static readonly TagKey Operator = new(999);

    private readonly Random _random = new(seed);

    public IEnumerable<Frame> All()
    {
        var signatory = Signatory();
        yield return new Hello(Network, MeshProtocol.SchemeTag, new TagKey(1).Public, (uint)_random.Next(), Bytes(32), Maybe(Address()) ?? "", Maybe("posthouse 0.1") ?? "");
        yield return new HelloAck(Bytes(_random.Next(2) == 0 ? 16 : 64));
        yield return new NetworkStatusFrame(Node(), Flip(), (byte)_random.Next(256), Signed(signatory, _random.Next(4)));
        yield return new Ping((uint)_random.Next(), Time());
        yield return new Pong((uint)_random.Next(), Time(), Time());
        yield return new IHave(Ids(_random.Next(5)));
        yield return new IWant(Ids(_random.Next(257)));
        yield return new IDontWant(Ids(1));
        yield return Graft.One;
        yield return new Prune(_random.Next(86_401), Records(signatory));
        yield return new PxRequest((byte)_random.Next(17));
        yield return new PxResponse(Records(signatory));
        yield return new DigestRequest((uint)_random.Next(), [.. Enumerable.Range(0, 256).Select(_ => (ulong)_random.NextInt64())], null);
        yield return new DigestRequest((uint)_random.Next(), null, Ids(_random.Next(20)));
        yield return new DigestResponse((uint)_random.Next(), Flip(), Items(_random.Next(40)));
        yield return new SnapshotChunk((uint)_random.Next(), Flip(), [.. Enumerable.Range(0, _random.Next(4)).Select(_ => (ReadOnlyMemory<byte>)FrameCodec.Encode(Update(signatory)))]);
        yield return new ProbeRequest((uint)_random.Next(), Node());
        yield return new ProbeAck((uint)_random.Next(), Node(), new Stamp((uint)_random.Next(), (ulong)_random.NextInt64()), (ulong)_random.Next(),
            Flip() ? default : FrameCodec.Encode(Beacon(signatory)));
        yield return new SizeSketch((uint)_random.Next(), Registers());
        yield return Update(signatory);
        yield return Beacon(signatory);
        yield return signatory.Sign(new GoodbyeContent((GoodbyeReason)_random.Next(3)), Time());
        yield return signatory.Sign(KeySuccession.Announce(Network, signatory.Key.Public, new TagKey(77)), Time());
        yield return signatory.Sign(new PeerContent([Address()], Flip()), Time());
    }

    public SignedFrame Update(Signatory signatory) => signatory.Sign(new PriceContent((ulong)_random.Next(), Prices(_random.Next(1, 8))), Now);

    public SignedFrame Beacon(Signatory signatory) => signatory.Sign(
        new BeaconContent((ProviderState)_random.Next(4), (ulong)_random.Next(), (ulong)_random.NextInt64(), _random.Next(1_001), _random.Next(101), (ulong)_random.Next()), Now);

    public PriceReading[] Prices(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Key()).Distinct().Order().Select(key => new PriceReading(key, Price(), Now.AddMilliseconds(-_random.Next(60_000)))
        {
            Change24h = Flip() ? Math.Round((decimal)(_random.NextDouble() * 20) - 10, _random.Next(8)) : null,
            Venue = Maybe("Some venue, spot"),
            Confidence = Flip() ? Price() / 1_000 : null,
        })];

    public Signatory Signatory() => new(new TagKey(5), Network, 3, Flip() ? Certificate.Issue(Operator, Network, new TagKey(5).Public, Now.AddDays(-1), Now.AddDays(1)) : null);

    private DigestItem[] Items(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new DigestItem(Key(), Node(), Time(), new Stamp((uint)_random.Next(), (ulong)_random.Next()), Ids(1)[0]))
            .DistinctBy(item => (item.Key, item.Provider)).OrderBy(item => item.Key).ThenBy(item => item.Provider)];

    private ReadOnlyMemory<byte>[] Signed(Signatory signatory, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (ReadOnlyMemory<byte>)FrameCodec.Encode(Beacon(signatory)))];

    private ReadOnlyMemory<byte>[] Records(Signatory signatory) =>
        [.. Enumerable.Range(0, _random.Next(3)).Select(_ => (ReadOnlyMemory<byte>)FrameCodec.Encode(signatory.Sign(new PeerContent([Address(), Address()], Flip()), Now)))];

    private AssetKey Key() => new(_random.Next(3) == 0 ? $"X{_random.Next(40)}.A_B-C" : $"T{_random.Next(9)}", Flip() ? AssetKey.AnyChain : "base");

    private decimal Price() => _random.Next(4) switch
    {
        0 => decimal.MaxValue,
        1 => 0.0000000000000000000000000001m,
        2 => 12.3400m,
        _ => new decimal(_random.Next(), _random.Next(), _random.Next(1_000), false, (byte)_random.Next(29)) + 0.1m,
    };

    private byte[] Registers()
    {
        var registers = new byte[1024];
        for (var at = 0; at < registers.Length; at++)
            registers[at] = (byte)_random.Next(56);
        return registers;
    }

    private MessageId[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => MessageId.Read(Bytes(16)))];

    private DateTimeOffset Time() => DateTimeOffset.FromUnixTimeMilliseconds(_random.NextInt64(4_102_444_800_001));

    private NodeId Node() => new TagKey((ulong)_random.Next()).Public.Id;

    private string Address() => $"ws://10.0.{_random.Next(256)}.{_random.Next(256)}:7070/mesh";

    private bool Flip() => _random.Next(2) == 0;

    private string? Maybe(string text) => Flip() ? text : null;

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
