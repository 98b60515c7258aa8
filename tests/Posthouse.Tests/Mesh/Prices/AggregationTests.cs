using FsCheck;
using FsCheck.Fluent;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Prices;

public sealed class AggregationTests
{
    private static readonly HashSet<NodeId> Nobody = [];
    private readonly AggregationPolicy _policy = new();
    private AggregationMemory _memory;
    private ulong _seq;

    [Fact]
    public void With_three_sources_an_outlier_is_rejected_and_the_median_of_the_rest_is_served()
    {
        var (judged, verdicts) = Judge(Held(1, 100, age: 2), Held(2, 101, age: 2), Held(3, 180, age: 5));

        judged.Value.Price.ShouldBe(100);
        judged.Value.Providers.ShouldBe([OneNode.Id(1), OneNode.Id(2)]);
        judged.Value.Confidence.ShouldBe(1);
        verdicts.ShouldBe([ReadingVerdict.Agrees, ReadingVerdict.Agrees, ReadingVerdict.Outlier]);
    }

    [Fact]
    public void Of_three_sources_and_more_the_value_is_the_same_whatever_a_node_remembers() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(1, 300).ListOf(5).ToArbitrary(), Gen.Choose(1, 300).ToArbitrary(), (prices, remembered) =>
        {
            HeldPrice[] readings = [.. prices.Select((price, n) => Held(n + 1, price, age: price % 50))];
            _memory = default;
            var fresh = Judge(readings).Judged.Value;
            _memory = default;
            Judge(Held(1, remembered, age: 60));
            Judge(Held(1, remembered, age: 60), Held(2, 300 - remembered + 1, age: 55));
            var later = Judge(readings).Judged.Value;
            return fresh.Price == later.Price && fresh.Reading == later.Reading && fresh.IsInconsistent == later.IsInconsistent;
        }));

    [Theory]
    [InlineData(101.00, 3)]
    [InlineData(101.01, 2)]
    public void Sources_that_agree_to_the_cent_do_not_outlaw_one_within_a_percent(double third, int agreeing) =>
        Judge(Held(1, 100, age: 1), Held(2, 100, age: 1), Held(3, (decimal)third, age: 2)).Judged.Value.Providers.Count.ShouldBe(agreeing);

    [Fact]
    public void An_outlier_lies_beyond_three_deviations()
    {
        // Median 100, deviations 0, 2 and 2 of four; the limit is 3 × 1.4826 × 2 = 8.8956.
        Judge(Held(1, 98, 1), Held(2, 100, 1), Held(3, 102, 1), Held(4, 108.89m, 2)).Judged.Value.Providers.Count.ShouldBe(4);
        Judge(Held(1, 98, 1), Held(2, 100, 1), Held(3, 102, 1), Held(4, 108.90m, 2)).Judged.Value.Providers.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(false, 101)]
    [InlineData(true, 101.5)]
    public void An_even_number_serves_the_lower_one_in_the_middle_or_the_mean(bool mean, double served) =>
        Judge(_policy with { MeanOfMiddle = mean }, Held(1, 100, 1), Held(2, 101, 1), Held(3, 102, 1), Held(4, 103, 1)).Judged.Value.Price.ShouldBe((decimal)served);

    [Fact]
    public void A_lone_outlier_that_is_newest_is_not_blamed_but_checked()
    {
        var (judged, verdicts) = Judge(Held(1, 100, age: 20), Held(2, 100, age: 25), Held(3, 150, age: 1));
        judged.Value.Price.ShouldBe(100);
        judged.WantsCrossCheck.ShouldBeTrue();
        verdicts[2].ShouldBe(ReadingVerdict.None);

        // Another one refreshed since, and does not confirm it.
        (judged, verdicts) = Judge(Held(1, 100, age: 0), Held(2, 100, age: 25), Held(3, 150, age: 1));
        judged.WantsCrossCheck.ShouldBeFalse();
        verdicts[2].ShouldBe(ReadingVerdict.Outlier);
    }

    [Fact]
    public void When_a_majority_follows_the_early_outlier_its_price_is_served()
    {
        Judge(Held(1, 100, age: 20), Held(2, 100, age: 25), Held(3, 150, age: 1));
        Judge(Held(1, 150, age: 0), Held(2, 100, age: 25), Held(3, 150, age: 1)).Judged.Value.Price.ShouldBe(150);
    }

    [Fact]
    public void Of_two_sources_that_agree_the_newer_is_served()
    {
        var judged = Judge(Held(1, 100, age: 3), Held(2, 105, age: 2)).Judged;
        (judged.Value.Price, judged.Value.IsInconsistent).ShouldBe((105, false));
        Judge(Held(1, 100, age: 2), Held(2, 104, age: 2)).Judged.Value.Reading.Provider.ShouldBe(OneNode.Id(1), "equally new: the smaller id");
    }

    [Fact]
    public void Of_two_that_disagree_the_one_nearer_to_the_last_agreement_is_served()
    {
        Judge(Held(1, 100, age: 3), Held(2, 101, age: 2));
        var judged = Judge(Held(1, 102, age: 1), Held(2, 120, age: 0)).Judged;
        (judged.Value.Price, judged.Value.IsInconsistent).ShouldBe((102, true));
        judged.Discrepancy.ShouldNotBeNull().Percent.ShouldBe(17.65, 0.01);

        _memory = default;
        Judge(Held(1, 102, age: 1), Held(2, 120, age: 0)).Judged.Value.Price.ShouldBe(120, "without an agreement the newer one");
    }

    [Theory]
    [InlineData(120.0, 120.0)]
    [InlineData(120.01, 100.0)]
    [InlineData(79.99, 100.0)]
    public void A_lone_source_that_jumps_by_more_than_a_fifth_is_held_back(double jumped, double served)
    {
        Judge(Held(1, 100, age: 30));
        var judged = Judge(Held(1, (decimal)jumped)).Judged;
        judged.Value.Price.ShouldBe((decimal)served);
        judged.Value.IsQuarantined.ShouldBe(jumped != served);
    }

    [Fact]
    public void Two_further_updates_confirm_a_jump()
    {
        Judge(Held(1, 100, age: 40));
        var jump = Held(1, 150, age: 30);
        Judge(jump).Judged.Value.IsQuarantined.ShouldBeTrue();
        Judge(jump).Judged.Memory.Confirmed.ShouldBe(0, "the same reading again confirms nothing");
        Judge(Held(1, 151, age: 20)).Judged.Value.Price.ShouldBe(100);
        var judged = Judge(Held(1, 149, age: 10)).Judged;
        (judged.Value.Price, judged.Value.IsQuarantined).ShouldBe((149, false));
    }

    [Fact]
    public void A_second_source_confirms_a_jump_at_once()
    {
        Judge(Held(1, 100, age: 40));
        Judge(Held(1, 150, age: 30)).Judged.Value.Price.ShouldBe(100);
        Judge(Held(1, 150, age: 30), Held(2, 151, age: 1)).Judged.Value.Price.ShouldBe(151);
    }

    [Fact]
    public void A_source_that_falls_back_ends_the_quarantine()
    {
        Judge(Held(1, 100, age: 40));
        Judge(Held(1, 1_000, age: 30));
        var judged = Judge(Held(1, 101, age: 20)).Judged;
        (judged.Value.Price, judged.Value.IsQuarantined, judged.Memory.Jump).ShouldBe((101, false, null));
    }

    [Theory]
    [InlineData(90, true)]
    [InlineData(90.001, false)]
    public void A_reading_is_live_for_ninety_seconds(double age, bool live) =>
        (OneNode.Noon <= Judge(Held(1, 100, age)).Judged.Value.LiveUntil).ShouldBe(live);

    [Fact]
    public void Longer_intervals_keep_readings_live_for_three_of_them() =>
        Judge(_policy with { Interval = TimeSpan.FromSeconds(60) }, Held(1, 100, 180)).Judged.Value.LiveUntil.ShouldBe(OneNode.Noon);

    [Fact]
    public void A_source_that_is_no_longer_live_does_not_count_beside_one_that_is() =>
        Judge(Held(1, 100, age: 91), Held(2, 101, age: 1)).Judged.Value.Providers.ShouldBe([OneNode.Id(2)]);

    [Fact]
    public void When_nobody_is_live_what_they_agreed_on_last_is_served_and_not_what_the_last_one_said()
    {
        var judged = Judge(Held(1, 100, age: 5_000), Held(2, 100.5m, age: 5_001), Held(3, 999, age: 4_999)).Judged;
        judged.Value.Price.ShouldBe(100);
        judged.Discrepancy.ShouldBeNull("nobody is warned of what is long past");
    }

    [Fact]
    public void An_ejected_provider_counts_where_somebody_else_stands_behind_its_word()
    {
        HashSet<NodeId> ejected = [OneNode.Id(2)];
        var judged = Judge(_policy, ejected, Held(1, 100, age: 5), Held(2, 101, age: 1)).Judged.Value;
        (judged.Price, judged.IsInconsistent).ShouldBe((101, false), "every node serves this, whom it ejected or not");
        _memory = default;
        Judge(_policy, ejected, Held(2, 101, age: 1)).Judged.Value.Price.ShouldBe(101, "there is no other");
    }

    [Fact]
    public void An_ejected_provider_alone_is_not_believed_against_another_and_the_value_says_so()
    {
        HashSet<NodeId> ejected = [OneNode.Id(2)];
        Judge(Held(1, 100, age: 30));
        Judge(Held(1, 115, age: 2), Held(2, 105, age: 1)).Judged.Value.Price.ShouldBe(105, "nearer to what was agreed on");
        _memory = default;
        Judge(Held(1, 100, age: 30));
        var judged = Judge(_policy, ejected, Held(1, 115, age: 2), Held(2, 105, age: 1)).Judged;
        (judged.Value.Price, judged.Value.IsInconsistent).ShouldBe((115, true));
        judged.Discrepancy.ShouldNotBeNull("that they differ is true whoever is believed");
    }

    [Theory]
    [InlineData(AggregationRule.Newest, 130)]
    [InlineData(AggregationRule.Median, 101)]
    [InlineData(AggregationRule.Quorum, 100)]
    [InlineData(AggregationRule.Preferred, 101)]
    public void Each_policy_has_its_own_choice(AggregationRule rule, int served) =>
        Judge(_policy with { Rule = rule, Preferred = [OneNode.Id(9), OneNode.Id(2)] }, Held(1, 100, 3), Held(2, 101, 2), Held(3, 130, 1))
            .Judged.Value.Price.ShouldBe(served);

    [Fact]
    public void Without_a_quorum_the_value_before_stays_and_says_so()
    {
        var policy = _policy with { Rule = AggregationRule.Quorum, Quorum = 3 };
        Judge(policy, Held(1, 100, 30), Held(2, 101, 30), Held(3, 102, 30)).Judged.Value.IsInconsistent.ShouldBeFalse();
        var judged = Judge(policy, Held(1, 110, 1), Held(2, 111, 1), Held(3, 140, 1)).Judged;
        (judged.Value.Price, judged.Value.IsInconsistent).ShouldBe((101, true));
    }

    [Fact]
    public void A_preferred_provider_that_is_not_live_leaves_the_choice_to_the_others() =>
        Judge(_policy with { Rule = AggregationRule.Preferred, Preferred = [OneNode.Id(3)] }, Held(1, 100, 2), Held(2, 101, 1), Held(3, 90, 100))
            .Judged.Value.Price.ShouldBe(101);

    [Theory]
    [InlineData(105.00, 0, false)]
    [InlineData(105.01, 0, true)]
    [InlineData(105.01, 60, true)]
    [InlineData(105.01, 60.001, false)]
    public void A_discrepancy_is_more_than_five_percent_within_a_minute(double other, double apart, bool warned) =>
        (Judge(Held(1, 100, age: apart), Held(2, (decimal)other)).Judged.Discrepancy is not null).ShouldBe(warned);

    [Fact]
    public void A_discrepancy_ends_at_four_fifths_of_its_threshold_and_not_before()
    {
        Judge(Held(1, 100), Held(2, 106)).Judged.Memory.IsDiscrepant.ShouldBeTrue();
        Judge(Held(1, 100), Held(2, 104.01m)).Judged.Memory.IsDiscrepant.ShouldBeTrue();
        Judge(Held(1, 100), Held(2, 104)).Judged.Memory.IsDiscrepant.ShouldBeFalse();
        Judge(Held(1, 100), Held(2, 105)).Judged.Memory.IsDiscrepant.ShouldBeFalse();
    }

    [Fact]
    public void An_asset_may_have_its_own_thresholds()
    {
        var policy = _policy with { PerAsset = [new(new("BT*"), 0.10m, 0.5m)] };
        Judge(policy, Held(1, 100), Held(2, 109)).Judged.Discrepancy.ShouldBeNull();
        _memory = default;
        Judge(policy, Held(1, 100, 30));
        Judge(policy, Held(1, 149)).Judged.Value.IsQuarantined.ShouldBeFalse();
    }

    [Fact]
    public void The_largest_and_the_smallest_prices_overflow_nothing()
    {
        var tiny = 0.0000000000000000000000000001m;
        foreach (var rule in Enum.GetValues<AggregationRule>())
        {
            _memory = default;
            Judge(_policy with { Rule = rule, MeanOfMiddle = true }, Held(1, decimal.MaxValue), Held(2, tiny), Held(3, decimal.MaxValue), Held(4, tiny));
            Judge(_policy with { Rule = rule }, Held(1, tiny));
            Judge(_policy with { Rule = rule }, Held(1, decimal.MaxValue), Held(2, tiny)).Judged.Discrepancy.ShouldNotBeNull().Percent.ShouldBeGreaterThan(1e50);
        }
    }

    private HeldPrice Held(int provider, decimal price, double age = 0) =>
        new(new(OneNode.Btc, price, OneNode.Noon - TimeSpan.FromSeconds(age)), OneNode.Id(provider), new(1, ++_seq), new MessageId(_seq));

    private (AssetJudgement Judged, ReadingVerdict[] Verdicts) Judge(params HeldPrice[] readings) => Judge(_policy, Nobody, readings);

    private (AssetJudgement Judged, ReadingVerdict[] Verdicts) Judge(AggregationPolicy policy, params HeldPrice[] readings) => Judge(policy, Nobody, readings);

    private (AssetJudgement Judged, ReadingVerdict[] Verdicts) Judge(AggregationPolicy policy, HashSet<NodeId> ejected, params HeldPrice[] readings)
    {
        var verdicts = new ReadingVerdict[readings.Length];
        var judged = Aggregation.Judge(readings, policy, policy.Of(OneNode.Btc), ejected, _memory, OneNode.Noon, verdicts);
        _memory = judged.Memory;
        return (judged, verdicts);
    }
}
