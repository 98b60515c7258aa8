using System.Security.Cryptography;
using System.Text;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Wire;

/// <summary>Makes the vectors: frames that every node takes, and frames that none does.</summary>
internal static class FrameVectors
{
    public const string NetworkName = "vectors";
    public const string Hello = "hello of a provider";
    public const string Reply = "hello of a node that takes no connections";
    public const string Answer = "the provider's answer to that hello";

    public static readonly NetworkId Network = NetworkId.Of(NetworkName);
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_763_000_000_000);

    private static readonly SecretKey Provider = new("provider");
    private static readonly SecretKey Operator = new("operator");
    private static readonly SecretKey Successor = new("successor");
    private static readonly SecretKey Self = new("self");
    private static readonly Certificate Word = Certificate.Issue(Operator, Network, Provider.Public, Now.AddDays(-1), Now.AddDays(364));

    private static readonly PriceReading Bitcoin = new(new AssetKey("BTC", AssetKey.AnyChain), 68_016.03m, Now.AddSeconds(-2))
    {
        Change24h = -1.25m,
        Venue = "coinbase",
        Confidence = 4.5m,
    };

    private static readonly PriceReading Dollar = new(new AssetKey("USDC", "base"), 0.9998m, Now.AddSeconds(-40));

    public static ReceivePipeline Pipeline() =>
        new(Self.Public.Id, 1, Network, new EcdsaSignatures(), new ProviderTrust(TrustMode.Operator, operators: [Operator.Public]), CheckRules.Default);

    public static Incoming Incoming(byte[] frame) => new(frame, Origin.Live, null, Standing.Good, TimeSpan.Zero, Now);

    public static IEnumerable<(string Name, byte[] Frame)> Good()
    {
        var signatory = new Signatory(Provider, Network, 7, Word);
        var update = signatory.Sign(new PriceContent(58_766_666, [Bitcoin, Dollar]), Now);
        var beacon = signatory.Sign(new BeaconContent(ProviderState.Degraded, 58_766_667, 0x0102_0304_0506_0708, 750, 98, 86_400), Now);
        var record = new Signatory(Self, Network, 1).Sign(new PeerContent(["wss://node.example:7070/mesh", "ws://10.0.0.7:7070/mesh"], IsProvider: false), Now);
        var other = signatory.Sign(new PriceContent(58_766_667, [Bitcoin with { Price = 68_020m, ObservedAt = Now, Change24h = null, Venue = null, Confidence = null }]), Now);
        var (theirs, ours) = (new Handshake(Provider, new EcdsaSignatures()), new Handshake(Self, new EcdsaSignatures()));
        var hello = theirs.Begin(Network, 7, Bytes(32), "wss://provider.example:7070/mesh", "posthouse/0.1");
        var reply = ours.Begin(Network, 1, (byte[])[.. Bytes(32).Reverse()]);
        FrameCodec.TryDecode(reply, out var heard);
        theirs.OnHello(reply, (Posthouse.Mesh.Wire.Hello)heard!, out var answer);
        yield return (Hello, hello);
        yield return (Reply, reply);
        yield return (Answer, answer);
        yield return Named("network status of a provider", new NetworkStatusFrame(Provider.Public.Id, IsProvider: true, 0, [beacon.Envelope.Frame]));
        yield return Named("network status of a node alone", new NetworkStatusFrame(Self.Public.Id, IsProvider: false, MeshProtocol.NoHops, []));
        yield return Named("ping", new Ping(300, Now));
        yield return Named("pong", new Pong(300, Now, Now.AddMilliseconds(17)));
        yield return Named("price update, certified, two prices", update);
        yield return Named("price update, the least a price can have", other);
        yield return Named("price update after one hop", Relayed(update));
        yield return Named("provider beacon", beacon);
        yield return Named("goodbye", signatory.Sign(new GoodbyeContent(GoodbyeReason.Disabled), Now));
        yield return Named("change of key", signatory.Sign(KeySuccession.Announce(Network, Provider.Public, Successor), Now));
        yield return Named("peer record, not certified", record);
        yield return Named("ids to tell of", new IHave([update.Envelope.Id, other.Envelope.Id]));
        yield return Named("ids asked for", new IWant([update.Envelope.Id]));
        yield return Named("ids not wanted", new IDontWant([update.Envelope.Id]));
        yield return Named("graft", Graft.One);
        yield return Named("prune", new Prune(60, [record.Envelope.Frame]));
        yield return Named("peers asked for", new PxRequest(16));
        yield return Named("peers", new PxResponse([record.Envelope.Frame]));
        yield return Named("digest", new DigestRequest(1, [.. Enumerable.Range(0, 256).Select(at => at == 17 ? 0xFFFF_0000_FFFF_0000 : 0UL)], null));
        yield return Named("updates asked for", new DigestRequest(2, null, [update.Envelope.Id]));
        yield return Named("digest answered", new DigestResponse(1, true, [Item(Bitcoin, update), Item(Dollar, update)]));
        yield return Named("snapshot", new SnapshotChunk(2, true, [update.Envelope.Frame]));
        yield return Named("probe", new ProbeRequest(5, Provider.Public.Id));
        yield return Named("probe answered", new ProbeAck(5, Provider.Public.Id, beacon.Envelope.Stamp, 1_200, beacon.Envelope.Frame));
        yield return Named("probe answered without knowledge", new ProbeAck(5, Provider.Public.Id, default, 0, default));
        yield return Named("size sketch", new SizeSketch(2_938_333, Enumerable.Range(0, 1024).Select(at => (byte)(at % 56)).ToArray()));
    }

    public static IEnumerable<(string Name, byte[] Frame, Refusal Reason)> Hostile() => Unreadable().Concat(UnreadableSigned()).Concat(Unwelcome());

    private static IEnumerable<(string Name, byte[] Frame, Refusal Reason)> Unreadable()
    {
        yield return ("nothing", [], Refusal.Empty);
        yield return ("longer than a frame", Padded(0x20, MeshProtocol.MaxFrameBytes + 1), Refusal.TooLong);
        yield return ("longer than a signed frame", Padded(0x10, MeshProtocol.MaxSignedBytes + 1), Refusal.TooLong);
        yield return ("type 0", [0], Refusal.UnknownType);
        yield return ("type of a later protocol", [0x7F, 1, 2], Refusal.UnknownType);
        yield return ("hello of another version", With(FrameCodec.Encode(new Posthouse.Mesh.Wire.Hello(Network, 1, Provider.Public, 7, Bytes(32), "", "")), 1, 2), Refusal.UnknownVersion);
        yield return ("hello of another scheme", With(FrameCodec.Encode(new Posthouse.Mesh.Wire.Hello(Network, 1, Provider.Public, 7, Bytes(32), "", "")), 18, 3), Refusal.UnknownScheme);
        yield return ("ping cut short", [0x04, 1], Refusal.Truncated);
        yield return ("256 ids promised, none sent", [0x20, 0x80, 0x02], Refusal.Truncated);
        yield return ("graft with more behind it", [0x23, 0], Refusal.TrailingBytes);
        yield return ("ping with a number drawn out", [0x04, 0x81, 0x00, 0], Refusal.NumberNotMinimal);
        yield return ("ping with a number of 33 bits", [0x04, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 0], Refusal.NumberTooLarge);
        yield return ("ping with a number of 70 bits", [0x04, .. Enumerable.Repeat((byte)0xFF, 10)], Refusal.NumberTooLarge);
        yield return ("257 ids", [0x20, 0x81, 0x02, .. new byte[257 * 16]], Refusal.TooManyItems);
        yield return ("18 446 744 073 709 551 615 ids", [0x20, .. Enumerable.Repeat((byte)0xFF, 9), 0x01], Refusal.TooManyItems);
        yield return ("hello whose address has an escape", With(FrameCodec.Encode(new Posthouse.Mesh.Wire.Hello(Network, 1, Provider.Public, 7, Bytes(32), "a", "")), ^2, 0x1B), Refusal.TextInvalid);
        yield return ("ping after the year 2100", [0x04, 0, 0x81, 0xB0, 0x8F, 0xE6, 0xB2, 0x77], Refusal.TimeInvalid);
        yield return ("probe of the nil node", [0x50, 1, .. new byte[16]], Refusal.NilNode);
        yield return ("digest of a third kind", [0x40, 1, 2], Refusal.UnknownChoice);
        yield return ("prune for two days", [0x24, 0x80, 0xC6, 0x0A, 0], Refusal.NumberTooLarge);
        yield return ("sketch with an impossible register", [0x52, 1, 56, .. new byte[1023]], Refusal.NumberTooLarge);
    }

    private static IEnumerable<(string Name, byte[] Frame, Refusal Reason)> UnreadableSigned()
    {
        yield return ("signed frame that ends in its header", Update(Bitcoin)[..20], Refusal.Truncated);
        yield return ("signed frame of another scheme", With(Update(Bitcoin), 20, 9), Refusal.UnknownScheme);
        yield return ("signed frame of another version", With(Update(Bitcoin), 19, 2), Refusal.UnknownVersion);
        yield return ("simulator's scheme", FrameCodec.Encode(new Signatory(new TagKey(1), Network, 1).Sign(new PriceContent(1, [Bitcoin]), Now)), Refusal.UnknownScheme);
        yield return ("ttl 255", With(Update(Bitcoin), 1, 255), Refusal.TtlTooLarge);
        yield return ("prices out of order", Signed(w => Prices(w, ("ETH", "1"), ("BTC", "1"))), Refusal.NotSorted);
        yield return ("one price twice", Signed(w => Prices(w, ("BTC", "1"), ("BTC", "1"))), Refusal.NotSorted);
        yield return ("asset in lower case", Signed(w => Prices(w, ("btc", "1"))), Refusal.TextInvalid);
        yield return ("asset of 33 characters", Signed(w => Prices(w, (new string('A', 33), "1"))), Refusal.TextInvalid);
        foreach (var price in (string[])["01", "1.", ".5", "+1", "1e3", "-0", "NaN", "1,5", "0.12345678901234567890123456789", "99999999999999999999999999999999", " 1"])
            yield return ($"price written '{price}'", Signed(w => Prices(w, ("BTC", price))), Refusal.DecimalInvalid);
        yield return ("513 prices promised", Signed(w => { w.Varint(1); w.Varint(513); w.Bytes(new byte[513 * 8]); }), Refusal.TooManyItems);
        yield return ("bytes behind the last price", Signed(w => { Prices(w, ("BTC", "1")); w.Byte(0); }), Refusal.TrailingBytes);
    }

    private static IEnumerable<(string Name, byte[] Frame, Refusal Reason)> Unwelcome()
    {
        yield return ("no prices", Update(), Refusal.NoPrices);
        yield return ("price 0", Update(Bitcoin with { Price = 0 }), Refusal.PriceNotPositive);
        yield return ("price below 0", Update(Bitcoin with { Price = -1 }), Refusal.PriceNotPositive);
        yield return ("more lost than there was", Update(Bitcoin with { Change24h = -100.5m }), Refusal.ChangeOutOfRange);
        yield return ("confidence below 0", Update(Bitcoin with { Confidence = -1 }), Refusal.ConfidenceNegative);
        yield return ("observed after it was signed", Update(Bitcoin with { ObservedAt = Now.AddMilliseconds(1_001) }), Refusal.ObservedAhead);
        yield return ("observed two days before it was signed", Update(Bitcoin with { ObservedAt = Now.AddDays(-2) }), Refusal.ObservedBehind);
        yield return ("signed six minutes ago", Update(Now.AddMinutes(-6), Bitcoin with { ObservedAt = Now.AddMinutes(-6) }), Refusal.TooOld);
        yield return ("signed in ten seconds", Update(Now.AddSeconds(10), Bitcoin with { ObservedAt = Now }), Refusal.ClockSkew);
        yield return ("signed for another mesh", By(Provider, NetworkId.Of("other"), Word), Refusal.WrongNetwork);
        yield return ("no certificate", By(Provider, Network, null), Refusal.Uncertified);
        yield return ("certificate of a stranger", By(Provider, Network, Certificate.Issue(Self, Network, Provider.Public, Now, Now)), Refusal.OperatorUnknown);
        yield return ("certificate that ended", By(Provider, Network, Certificate.Issue(Operator, Network, Provider.Public, Now.AddDays(-2), Now.AddDays(-1))), Refusal.CertificateExpired);
        yield return ("certificate of another key", By(Successor, Network, Word), Refusal.CertificateForged);
        yield return ("signature changed", With(Update(Bitcoin), ^1, 0xEE), Refusal.SignatureInvalid);
        yield return ("point beside the curve", With(Update(Bitcoin), 84, 0xEE), Refusal.SignatureInvalid);
        yield return ("body changed after signing", With(Update(Bitcoin), ^66, (byte)'1'), Refusal.SignatureInvalid);
        yield return ("change to a key that did not agree", FrameCodec.Encode(new Signatory(Provider, Network, 7, Word)
            .Sign(new KeyChangeContent(Successor.Public, new byte[64]), Now)), Refusal.SuccessorUnproven);
        yield return ("peer record sent by itself", FrameCodec.Encode(new Signatory(Self, Network, 1).Sign(new PeerContent(["ws://a:1/mesh"], false), Now)), Refusal.OutOfPlace);
        yield return ("the receiver's own key", By(Self, Network, Certificate.Issue(Operator, Network, Self.Public, Now.AddDays(-1), Now.AddDays(1))), Refusal.OwnKey);
    }

    private static (string, byte[]) Named(string name, Frame frame) => (name, FrameCodec.Encode(frame));

    private static Frame Relayed(SignedFrame frame)
    {
        frame.TryRelay(out var bytes);
        FrameCodec.TryDecode(bytes, out var relayed);
        return relayed!;
    }

    private static DigestItem Item(PriceReading price, SignedFrame update) =>
        new(price.Key, update.Envelope.Signer, price.ObservedAt, update.Envelope.Stamp, update.Envelope.Id);

    private static byte[] Update(params PriceReading[] prices) => Update(Now, prices);

    private static byte[] Update(DateTimeOffset issuedAt, params PriceReading[] prices) =>
        FrameCodec.Encode(new Signatory(Provider, Network, 7, Word).Sign(new PriceContent(1, prices), issuedAt));

    private static byte[] By(ISigningKey key, NetworkId network, Certificate? certificate) =>
        FrameCodec.Encode(new Signatory(key, network, 7, certificate).Sign(new PriceContent(1, [Bitcoin]), Now));

    /// <summary>A price update whose content is written by hand: the code's own writer would refuse to.</summary>
    private static byte[] Signed(Action<Loose> fill)
    {
        var loose = new Loose();
        fill(loose);
        return FrameCodec.Encode(new Signatory(Provider, Network, 7, Word).Sign(new RawContent([.. loose.All]), Now));
    }

    private static void Prices(Loose writer, params (string Asset, string Price)[] prices)
    {
        writer.Varint(1);
        writer.Varint((ulong)prices.Length);
        foreach (var (asset, price) in prices)
        {
            foreach (var text in (string[])[asset, "multi", price])
            {
                writer.Byte((byte)text.Length);
                writer.Bytes(Encoding.ASCII.GetBytes(text));
            }

            writer.Varint((ulong)Now.ToUnixTimeMilliseconds());
            writer.Byte(0);
        }
    }

    private static byte[] Padded(byte type, int length)
    {
        var bytes = new byte[length];
        bytes[0] = type;
        return bytes;
    }

    private static byte[] With(byte[] frame, Index at, byte value)
    {
        frame[at] = value;
        return frame;
    }

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(at => (byte)at)];

    private sealed record RawContent(byte[] Bytes) : SignedContent
    {
        public override FrameType Type => FrameType.PriceUpdate;

        public override void Write(ref FrameWriter writer) => writer.Bytes(Bytes);
    }

    /// <summary>Bytes being put together, unchecked.</summary>
    private sealed class Loose
    {
        public List<byte> All { get; } = [];

        public void Byte(byte value) => All.Add(value);

        public void Bytes(byte[] bytes) => All.AddRange(bytes);

        public void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
                Byte((byte)(value | 0x80));
            Byte((byte)value);
        }
    }

    /// <summary>A key whose secret is the digest of its name, so that anybody can make these vectors.</summary>
    private sealed class SecretKey : ISigningKey
    {
        private readonly ECDsa _key;

        public SecretKey(string name)
        {
            _key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = SHA256.HashData(Encoding.ASCII.GetBytes("posthouse mesh vector " + name)) });
            var point = _key.ExportParameters(includePrivateParameters: false).Q;
            Public = PublicKey.Read([.. point.X!, .. point.Y!]);
        }

        public byte Scheme => MeshProtocol.SchemeP256;

        public PublicKey Public { get; }

        public void Sign(MessageDigest digest, Span<byte> signature)
        {
            var hash = new byte[MessageDigest.Size];
            digest.Write(hash);
            _key.SignHash(hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation).CopyTo(signature);
        }
    }
}
