using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Gossip;

public sealed class UpdateChecksTests
{
    private static readonly DateTimeOffset Now = SampleFrames.Now;
    private static readonly PriceReading Good = new(new AssetKey("BTC", "multi"), 68_016.03m, Now);

    [Fact]
    public void Every_field_of_a_price_has_its_bounds()
    {
        (Refusal Expected, PriceReading Price)[] cases =
        [
            (Refusal.None, Good with { Change24h = -100, Confidence = 0, Venue = "spot", ObservedAt = Now.AddSeconds(1) }),
            (Refusal.None, Good with { Change24h = 1_000_000, ObservedAt = Now.AddHours(-24) }),
            (Refusal.None, Good with { Price = decimal.MaxValue }),
            (Refusal.PriceNotPositive, Good with { Price = 0 }),
            (Refusal.PriceNotPositive, Good with { Price = -1 }),
            (Refusal.ChangeOutOfRange, Good with { Change24h = -100.01m }),
            (Refusal.ChangeOutOfRange, Good with { Change24h = 1_000_000.01m }),
            (Refusal.ConfidenceNegative, Good with { Confidence = -0.01m }),
            (Refusal.ObservedAhead, Good with { ObservedAt = Now.AddMilliseconds(1_001) }),
            (Refusal.ObservedBehind, Good with { ObservedAt = Now.AddHours(-24).AddMilliseconds(-1) }),
        ];
        var other = Good with { Key = new AssetKey("AAA", "multi") };
        foreach (var (expected, price) in cases)
        {
            Check([other, price], Now).ShouldBe(expected, price.ToString());
            Check([other, price], Now, Origin.Sync).ShouldBe(expected, price.ToString());
            Verdict.Of(expected).Judgement.ShouldBe(expected == Refusal.None ? Judgement.Accept : Judgement.Reject);
        }
    }

    [Fact]
    public void An_update_without_prices_says_nothing() => Check([], Now).ShouldBe(Refusal.NoPrices);

    [Theory]
    [InlineData(0, nameof(Refusal.None), nameof(Refusal.None))]
    [InlineData(300, nameof(Refusal.None), nameof(Refusal.None))]
    [InlineData(300.001, nameof(Refusal.TooOld), nameof(Refusal.None))]
    [InlineData(-5, nameof(Refusal.None), nameof(Refusal.None))]
    [InlineData(-5.001, nameof(Refusal.ClockSkew), nameof(Refusal.ClockSkew))]
    [InlineData(604_800, nameof(Refusal.TooOld), nameof(Refusal.None))]
    [InlineData(604_800.001, nameof(Refusal.TooOld), nameof(Refusal.BeyondRetention))]
    public void Age_is_nobodys_fault(double age, string live, string sync)
    {
        Check([Good], Now.AddSeconds(age)).ToString().ShouldBe(live);
        Check([Good], Now.AddSeconds(age), Origin.Told).ToString().ShouldBe(live);
        Check([Good], Now.AddSeconds(age), Origin.Sync).ToString().ShouldBe(sync);
        Verdict.Of(Enum.Parse<Refusal>(live)).Judgement.ShouldNotBe(Judgement.Reject);
        Verdict.Of(Enum.Parse<Refusal>(sync)).Judgement.ShouldNotBe(Judgement.Reject);
    }

    [Fact]
    public void A_price_far_from_the_others_is_in_bounds() => Check([Good with { Price = Good.Price * 10 }], Now).ShouldBe(Refusal.None);

    [Fact]
    public void A_node_that_follows_none_of_the_assets_ignores_them()
    {
        var rules = new CheckRules { Assets = new HashSet<AssetKey> { new("ETH", "multi") } };
        var frame = Frame(new PriceContent(1, [Good]));
        UpdateChecks.Check(frame, Origin.Live, Now, rules).ShouldBe(Refusal.UnknownAsset);
        UpdateChecks.Check(frame, Origin.Live, Now, CheckRules.Default).ShouldBe(Refusal.None);
    }

    [Fact]
    public void Where_a_node_listens_stays_true_for_days_and_which_key_it_went_over_to_for_ever()
    {
        var record = Frame(new PeerContent(["ws://a:1/mesh"], false));
        var change = Frame(KeySuccession.Announce(SampleFrames.Network, new TagKey(1).Public, new TagKey(2)));
        UpdateChecks.Check(record, Origin.Told, Now.AddDays(6), CheckRules.Default).ShouldBe(Refusal.None);
        UpdateChecks.Check(record, Origin.Told, Now.AddDays(8), CheckRules.Default).ShouldBe(Refusal.BeyondRetention);
        UpdateChecks.Check(change, Origin.Told, Now.AddYears(6), CheckRules.Default).ShouldBe(Refusal.None);
        UpdateChecks.Check(change, Origin.Live, Now.AddDays(6), CheckRules.Default).ShouldBe(Refusal.TooOld);
        UpdateChecks.Check(Frame(new GoodbyeContent(GoodbyeReason.Stopping)), Origin.Told, Now.AddDays(6), CheckRules.Default).ShouldBe(Refusal.TooOld);
    }

    private static Refusal Check(PriceReading[] prices, DateTimeOffset now, Origin origin = Origin.Live) =>
        UpdateChecks.Check(Frame(new PriceContent(1, prices)), origin, now, CheckRules.Default);

    private static SignedFrame Frame(SignedContent content) => new Signatory(new TagKey(1), SampleFrames.Network, 1).Sign(content, Now);
}
