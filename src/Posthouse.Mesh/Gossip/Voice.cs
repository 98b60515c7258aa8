using System.Buffers.Binary;
using System.Security.Cryptography;
using Posthouse.Jobs;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Gossip;

/// <summary>What this node signs: prices, beacons, goodbyes, its record. All but the record is told to every peer at once.</summary>
internal sealed class Voice(GossipSetup setup, ReceivePipeline pipeline, Spread spread, PriceBook book, AddressBook addresses, Moment start)
{
    /// <summary>The share by which beacons come early or late, so that providers do not beat together.</summary>
    private const double BeaconJitter = 0.1;

    private readonly Signatory _signatory = new(setup.Key, setup.Network, setup.Epoch, setup.Certificate);
    private TimeSpan _beaconAt;

    /// <summary>The last beacon; null: none was sent, or it was taken back.</summary>
    public SignedFrame? Beacon { get; private set; }

    /// <summary>Messages of prices that were to be told.</summary>
    public long Broadcasts { get; private set; }

    /// <summary>Those of them that went to at least one peer.</summary>
    public long Delivered { get; private set; }

    /// <summary>When the next beacon is due.</summary>
    public TimeSpan BeaconAt => _beaconAt;

    /// <summary>Tells prices.</summary>
    /// <returns>To how many peers each update was sent.</returns>
    public int TellPrices(ulong slot, IEnumerable<PriceReading> readings, Moment now)
    {
        var told = 0;
        foreach (var batch in PriceBatches.Of(readings))
        {
            var frame = _signatory.Sign(new PriceContent(slot, batch), SignableAt(batch, now.Wall), setup.Gossip.Ttl);
            pipeline.Seen.TryMark(frame.Envelope.Id, now.Steady);
            if (book.Accept(frame.Update!, frame.Envelope.Id, PriceOrigin.Live, frame.Envelope.Frame, 0, now) > 0)
                setup.Port.Keep(frame, PriceOrigin.Live);
            told = spread.Publish(frame);
            Broadcasts++;
            Delivered += told > 0 ? 1 : 0;
        }

        return told;
    }

    /// <summary>Tells that this node lives.</summary>
    /// <param name="state">What it says of itself.</param>
    /// <param name="nextSlot">The next slot it can serve.</param>
    /// <param name="assetsHash">Says what it reads.</param>
    /// <param name="budget">What is left of its budget, in thousandths.</param>
    /// <param name="health">How well it served, 0 to 100.</param>
    /// <param name="now">When.</param>
    public void TellBeacon(ProviderState state, ulong nextSlot, ulong assetsHash, int budget, int health, Moment now)
    {
        var up = (ulong)(now.Steady - start.Steady).TotalSeconds;
        Beacon = Tell(new BeaconContent(state, nextSlot, assetsHash, budget, health, up), now);
        _beaconAt = now.Steady + (setup.Membership.Beacon * (1 - BeaconJitter + (2 * BeaconJitter * setup.Ids.NextFraction())));
    }

    /// <summary>Tells that this node provides no more.</summary>
    public void TellGoodbye(GoodbyeReason reason, Moment now)
    {
        Tell(new GoodbyeContent(reason), now);
        Beacon = null;
    }

    /// <summary>Signs that another key takes the place of this one; nobody is told.</summary>
    public SignedFrame SignKeyChange(ISigningKey successor, Moment now) =>
        _signatory.Sign(KeySuccession.Announce(setup.Network, setup.Key.Public, successor), now.Wall, setup.Gossip.Ttl);

    /// <summary>Tells what <see cref="SignKeyChange"/> gave.</summary>
    public void TellKeyChange(SignedFrame change, Moment now) => Publish(change, now);

    /// <summary>Where this node listens; null: nowhere.</summary>
    public SignedFrame? Record(bool isProvider, Moment now)
    {
        if (addresses.Own.Length == 0)
            return null;
        var frame = _signatory.Sign(new PeerContent([addresses.Own], isProvider), now.Wall, setup.Gossip.Ttl);
        // It comes back from those who hand it on.
        pipeline.Seen.TryMark(frame.Envelope.Id, now.Steady);
        return frame;
    }

    /// <summary>A number that two providers share where they read the same assets.</summary>
    public static ulong HashOf(IReadOnlyList<AssetKey> assets)
    {
        var names = new List<string>(assets.Count);
        foreach (var asset in assets)
            names.Add($"{asset.Asset} {asset.Chain}\n");
        names.Sort(StringComparer.Ordinal);
        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(string.Concat(names))));
    }

    /// <summary>Whether others would take a price: one whose source's clock and this node's differ too much is told by nobody.</summary>
    public static bool CanTell(PriceReading reading, DateTimeOffset now) =>
        reading.Price > 0 && reading.ObservedAt <= now + MeshProtocol.MaxAhead && reading.ObservedAt >= now - MeshProtocol.ObservedBehind;

    /// <summary>A source that is ahead of this node's clock shows that the clock is slow: who signs an earlier time than the price's is refused.</summary>
    private static DateTimeOffset SignableAt(PriceReading[] readings, DateTimeOffset now)
    {
        foreach (var reading in readings)
            now = reading.ObservedAt > now ? reading.ObservedAt : now;
        return now;
    }

    private SignedFrame Tell(SignedContent content, Moment now)
    {
        var frame = _signatory.Sign(content, now.Wall, setup.Gossip.Ttl);
        Publish(frame, now);
        return frame;
    }

    private void Publish(SignedFrame frame, Moment now)
    {
        pipeline.Seen.TryMark(frame.Envelope.Id, now.Steady);
        spread.Publish(frame);
    }
}
