using FsCheck;
using FsCheck.Fluent;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Prices;

public sealed class PriceMapTests
{
    private static readonly AssetKey[] Keys = [new("BTC", "multi"), new("BTC", "base"), new("ETH", "multi")];

    /// <summary>Few values of each part, so that versions often tie in all parts but the last.</summary>
    private static readonly Gen<HeldPrice> Readings =
        from key in Gen.Elements(Keys)
        from provider in Gen.Choose(1, 3)
        from observed in Gen.Choose(0, 3)
        from epoch in Gen.Choose(1, 2)
        from seq in Gen.Choose(1, 3)
        from message in Gen.Choose(1, 3)
        select Held(key, provider, observed, (uint)epoch, (ulong)seq, (ulong)message);

    [Fact]
    public void Whatever_the_order_and_however_often_readings_come_the_maps_are_equal() => Check.QuickThrowOnFailure(Prop.ForAll(
        Readings.ListOf().ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (readings, seed) =>
        {
            var (one, other) = (new PriceMap(), new PriceMap());
            foreach (var reading in readings)
            {
                one.Merge(Copy(reading));
            }

            // The same ones in another order, each of them up to three times.
            foreach (var reading in readings.Concat(readings).Concat(readings.Take(seed % (readings.Count + 1))).OrderBy(reading => Shuffle(reading, seed)))
            {
                other.Merge(Copy(reading));
            }

            return Content(one).SequenceEqual(Content(other)) && one.Digest.ToArray().SequenceEqual(other.Digest.ToArray());
        }));

    [Fact]
    public void The_held_reading_is_the_greatest_by_time_then_stamp_then_message() => Check.QuickThrowOnFailure(Prop.ForAll(
        Readings.NonEmptyListOf().ToArbitrary(), readings =>
        {
            var map = new PriceMap();
            foreach (var reading in readings)
            {
                map.Merge(Copy(reading));
            }

            return readings.GroupBy(reading => (reading.Key, reading.Provider)).All(group =>
                map.ReadingsOf(group.Key.Key).ToArray().Single(held => held.Provider == group.Key.Provider).Version == group.Max(reading => reading.Version));
        }));

    [Fact]
    public void Maps_that_differ_in_one_reading_differ_in_its_bucket_alone()
    {
        var (one, other) = (new PriceMap(), new PriceMap());
        for (var n = 0; n < 100; n++)
        {
            one.Merge(Held(new("A" + n, "multi"), 1, 1, 1, 1, 1));
            other.Merge(Held(new("A" + n, "multi"), 1, n == 40 ? 2 : 1, 1, 1, 1));
        }

        var bucket = DigestBuckets.BucketOf(new("A40", "multi"), OneNode.Id(1));
        Enumerable.Range(0, MeshProtocol.Buckets).Where(at => one.Digest.Differs(at, other.Digest.ToArray())).ShouldBe([bucket]);
        var found = new List<HeldPrice>();
        other.ListDiffering(one.Digest.ToArray(), found);
        found.ShouldContain(price => price.Key.Asset == "A40");
        found.ShouldAllBe(price => DigestBuckets.BucketOf(price.Key, price.Provider) == bucket);
    }

    [Fact]
    public void A_symbol_on_two_chains_is_two_assets()
    {
        var map = new PriceMap();
        map.Merge(Held(Keys[0], 1, 1, 1, 1, 1));
        map.Merge(Held(Keys[1], 1, 1, 1, 1, 1)).ShouldBe(MergeOutcome.Newer);
        map.Assets.ShouldBe(2);
    }

    [Fact]
    public void A_later_live_copy_makes_a_caught_up_reading_live()
    {
        var map = new PriceMap();
        var synced = Held(Keys[0], 1, 1, 1, 1, 1);
        synced.Origin = PriceOrigin.Sync;
        map.Merge(synced);
        map.Merge(Held(Keys[0], 1, 1, 1, 1, 1)).ShouldBe(MergeOutcome.Same);
        map.ReadingsOf(Keys[0])[0].Origin.ShouldBe(PriceOrigin.Live);
    }

    [Fact]
    public void What_goes_beyond_the_limits_is_refused_by_name()
    {
        var map = new PriceMap();
        for (var n = 0; n < PriceMap.MaxProviders; n++)
        {
            map.Merge(Held(Keys[0], n + 1, 1, 1, 1, 1)).ShouldBe(MergeOutcome.Newer);
        }

        map.Merge(Held(Keys[0], 9_999, 1, 1, 1, 1)).ShouldBe(MergeOutcome.TooManyProviders);
        map.Merge(Held(Keys[0], 1, 2, 1, 1, 1)).ShouldBe(MergeOutcome.Newer);
        for (var n = 1; n < PriceMap.MaxAssets; n++)
        {
            map.Merge(Held(new("A" + n, "multi"), 1, 1, 1, 1, 1)).ShouldBe(MergeOutcome.Newer);
        }

        map.Merge(Held(new("ONEMORE", "multi"), 1, 1, 1, 1, 1)).ShouldBe(MergeOutcome.TooManyAssets);
    }

    [Fact]
    public void A_message_is_lacking_where_one_of_its_readings_is_newer()
    {
        var map = new PriceMap();
        var held = Held(Keys[0], 1, 5, 1, 1, 1);
        PriceUpdate Message(ulong seq, params PriceReading[] readings) => new(held.Provider, new Stamp(1, seq), 1, OneNode.Noon, readings);
        map.LacksAnyOf(Message(1, held.Reading), new MessageId(1)).ShouldBeTrue();
        map.Merge(held);
        map.LacksAnyOf(Message(1, held.Reading), held.Version.MessageId).ShouldBeFalse();
        map.LacksAnyOf(Message(0, held.Reading), new MessageId(9)).ShouldBeFalse("an older one");
        map.LacksAnyOf(Message(2, held.Reading), new MessageId(9)).ShouldBeTrue();
        map.LacksAnyOf(Message(0, held.Reading, held.Reading with { Key = Keys[1] }), new MessageId(9)).ShouldBeTrue("another asset");
    }

    [Fact]
    public void Dropping_takes_a_reading_out_of_the_digest_too()
    {
        var map = new PriceMap();
        map.Merge(Held(Keys[0], 1, 1, 1, 1, 1));
        map.Merge(Held(Keys[0], 2, 5, 1, 1, 1));
        map.DropBefore(Keys[0], OneNode.Noon.AddSeconds(5)).ShouldBeTrue();
        map.DropBefore(Keys[0], OneNode.Noon.AddSeconds(5)).ShouldBeFalse();
        map.ReadingsOf(Keys[0]).Length.ShouldBe(1);
        map.DropBefore(Keys[0], OneNode.Noon.AddSeconds(6)).ShouldBeTrue();
        map.Digest.ToArray().ShouldAllBe(bucket => bucket == 0);
        map.Assets.ShouldBe(0);
    }

    private static HeldPrice Held(AssetKey key, int provider, int observed, uint epoch, ulong seq, ulong message) =>
        new(new(key, 1 + (observed * 1000) + (epoch * 100) + ((int)seq * 10) + (int)message, OneNode.Noon.AddSeconds(observed)), OneNode.Id(provider), new(epoch, seq), new MessageId(message));

    private static HeldPrice Copy(HeldPrice price) => new(price.Reading, price.Provider, price.Version.Stamp, price.Version.MessageId);

    private static ulong Shuffle(HeldPrice price, int seed) => Rendezvous.Mix((ulong)seed ^ Rendezvous.Mix((ulong)price.Price) ^ Rendezvous.Mix((ulong)Array.IndexOf(Keys, price.Key)) ^ (ulong)price.Provider.GetHashCode());

    private static List<(AssetKey, NodeId, PriceVersion, decimal)> Content(PriceMap map) =>
        [.. map.Keys.Order().SelectMany(key => map.ReadingsOf(key).ToArray()).Select(held => (held.Key, held.Provider, held.Version, held.Price))];
}
