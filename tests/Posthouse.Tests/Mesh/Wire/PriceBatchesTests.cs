using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Wire;

public sealed class PriceBatchesTests
{
    private static readonly PriceReading Reading = new(new AssetKey("BTC", "multi"), 1, SampleFrames.Now);

    [Fact]
    public void Prices_are_sorted_and_of_two_the_later_stays()
    {
        var batch = PriceBatches.Of([Reading, Reading with { Price = 2, ObservedAt = SampleFrames.Now.AddSeconds(1) }, Reading with { Key = new AssetKey("AAA", "base") }])
            .ShouldHaveSingleItem();
        batch.Select(price => (price.Key.Asset, price.Price)).ShouldBe([("AAA", 1m), ("BTC", 2m)]);
    }

    [Fact]
    public void No_price_is_no_update() => PriceBatches.Of([]).ShouldBeEmpty();

    [Fact]
    public void Every_batch_can_be_sent_however_long_its_fields()
    {
        var longest = Reading with { Price = 79_228_162_514_264_337_593_543_950.335m, Change24h = -99.99999999999999999999999999m, Confidence = 7.9228162514264337593543950335m, Venue = new string('v', 32) };
        var readings = Enumerable.Range(0, 1_300).Select(at => longest with { Key = new AssetKey($"{at:D32}", new string('c', 32)) });
        var signatory = new Signatory(new TagKey(5), SampleFrames.Network, uint.MaxValue,
            Certificate.Issue(SampleFrames.Operator, SampleFrames.Network, new TagKey(5).Public, SampleFrames.Now, SampleFrames.Now));
        var batches = PriceBatches.Of(readings);
        batches.Sum(batch => batch.Length).ShouldBe(1_300);
        foreach (var batch in batches)
            signatory.Sign(new PriceContent(ulong.MaxValue, batch), SampleFrames.Now).Envelope.Frame.Length.ShouldBeLessThanOrEqualTo(MeshProtocol.MaxSignedBytes);
        // And none is much smaller than it could be.
        batches.Count.ShouldBe(5);
        PriceBatches.Of(Enumerable.Range(0, 1_300).Select(at => Reading with { Key = new AssetKey($"T{at}", "multi") })).Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("btc", "multi")]
    [InlineData("BTC", "Base")]
    [InlineData("", "multi")]
    public void A_name_that_cannot_travel_is_refused_with_what_can(string asset, string chain) =>
        Should.Throw<ArgumentException>(() => PriceBatches.Of([Reading with { Key = new AssetKey(asset, chain) }])).Message.ShouldContain("A-Z");
}
