using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Providers;

public sealed class FetchPlanTests
{
    private static readonly SlotOptions Options = new();
    private static readonly ulong Slot = SlotRules.SlotOf(OneNode.Noon, Options.Interval);
    private static readonly AssetKey[] Assets = [OneNode.Btc, new("ETH", "multi"), new("SOL", "multi")];
    private readonly FetchPlan _plan = new(Options);

    [Fact]
    public void Slots_are_whole_intervals_since_1970()
    {
        SlotRules.SlotOf(DateTimeOffset.UnixEpoch.AddSeconds(29.999), Options.Interval).ShouldBe(0UL);
        SlotRules.SlotOf(DateTimeOffset.UnixEpoch.AddSeconds(30), Options.Interval).ShouldBe(1UL);
        SlotRules.StartOf(Slot, Options.Interval).ShouldBe(OneNode.Noon);
    }

    [Theory]
    [InlineData(0.1, 1.5)]
    [InlineData(0.5, 1.5)]
    [InlineData(0.6, 1.8)]
    [InlineData(4, 7.5)]
    public void The_grace_is_three_times_the_propagation_within_its_bounds(double propagation, double grace) =>
        SlotRules.GraceOf(Options, TimeSpan.FromSeconds(propagation)).TotalSeconds.ShouldBe(grace, 1e-9);

    [Theory]
    [InlineData(30, 10, 7.5)]
    [InlineData(10, 2, 2)]
    [InlineData(10, 10, 2.5)]
    [InlineData(1, 1.5, 0.5)]
    public void Of_a_long_grace_so_much_is_taken_that_backups_find_their_turns_in_the_slot(double interval, double least, double grace) =>
        SlotRules.GraceOf(new() { Interval = TimeSpan.FromSeconds(interval), MinGrace = TimeSpan.FromSeconds(least) }, TimeSpan.FromSeconds(0.1))
            .TotalSeconds.ShouldBe(grace, 1e-9);

    [Theory]
    [InlineData(1, 5, false, 1)]
    [InlineData(20, 5, false, 3)]
    [InlineData(20, 2, false, 2)]
    [InlineData(1, 5, true, 3)]
    [InlineData(1, 0, false, 0)]
    public void Every_twentieth_slot_and_every_doubt_asks_three(int slot, int able, bool inDoubt, int redundancy) =>
        SlotRules.RedundancyOf(Options, (ulong)slot, able, inDoubt).ShouldBe(redundancy);

    [Fact]
    public void The_first_ranks_fetch_within_the_spread_and_each_further_one_a_grace_later()
    {
        for (var rank = 0; rank < 6; rank++)
        {
            var turn = SlotRules.TurnOf(Options, Slot, rank, redundancy: 2, Options.MinGrace);
            var waits = Options.MinGrace * Math.Max(0, rank - 1);
            turn.ShouldBeInRange(waits, waits + Options.Spread);
        }
    }

    [Fact]
    public void It_fetches_when_its_turn_has_come_and_not_before()
    {
        var waits = Decide(0, rank: 1);
        (waits.Action, waits.Reason).ShouldBe((FetchAction.Wait, FetchReason.NotYet));
        Decide((waits.At - OneNode.Noon).TotalSeconds - 0.001, rank: 1).Action.ShouldBe(FetchAction.Wait);
        var then = Decide((waits.At - OneNode.Noon).TotalSeconds, rank: 1);
        (then.Action, then.Reason).ShouldBe((FetchAction.Fetch, FetchReason.TakeOver));
    }

    [Fact]
    [Trait("Requirement", "11.2")]
    public void It_rests_when_another_has_delivered() =>
        (Decide(5, rank: 1, served: 1).Action, Decide(5, rank: 1, served: 1).Reason).ShouldBe((FetchAction.Rest, FetchReason.Served));

    [Fact]
    [Trait("Requirement", "2.3")]
    [Trait("Requirement", "11.5")]
    public void A_failed_fetch_is_tried_again_after_half_a_second_one_and_two_and_then_given_up()
    {
        var at = 0.3;
        foreach (var wait in (double[])[0.5, 1, 2])
        {
            Begin(at);
            _plan.Failed(mayRetry: true, At(at), 0.5);
            Decide(at + wait - 0.001).Reason.ShouldBe(FetchReason.NotYet);
            at += wait + 0.001;
            (Decide(at).Action, Decide(at).Reason).ShouldBe((FetchAction.Fetch, FetchReason.Retry));
        }

        Begin(at);
        _plan.Failed(mayRetry: true, At(at), 0.5);
        (Decide(at + 10).Action, Decide(at + 10).Reason).ShouldBe((FetchAction.Rest, FetchReason.GaveUp));
    }

    [Theory]
    [InlineData(0, 0.4)]
    [InlineData(0.999999, 0.6)]
    public void Waits_are_spread_by_a_fifth(double fraction, double wait)
    {
        Begin(0.3);
        _plan.Failed(mayRetry: true, At(0.3), fraction);
        (Decide(0.3).At - At(0.3)).TotalSeconds.ShouldBe(wait, 1e-4);
    }

    [Fact]
    public void No_try_begins_in_the_second_half_of_a_slot()
    {
        Begin(14.6);
        _plan.Failed(mayRetry: true, At(14.6), 0.5);
        Decide(14.7).Reason.ShouldBe(FetchReason.GaveUp);
    }

    [Fact]
    public void A_failure_is_told_at_once_and_only_once_and_so_is_its_end()
    {
        Begin(0.3);
        _plan.Failed(mayRetry: true, At(0.3), 0.5).ShouldBe(BeaconWish.Degraded);
        Begin(0.8);
        _plan.Failed(mayRetry: true, At(0.8), 0.5).ShouldBe(BeaconWish.None);
        Begin(1.8);
        _plan.Answered(Assets.ToHashSet(), At(2), 0.5).ShouldBe(BeaconWish.Active);
        _plan.IsDegraded.ShouldBeFalse();
    }

    [Fact]
    public void A_refused_key_is_not_tried_again()
    {
        Begin(0.3);
        _plan.Failed(mayRetry: false, At(0.3), 0.5);
        Decide(1).Reason.ShouldBe(FetchReason.GaveUp);
    }

    [Fact]
    public void What_is_missing_of_an_answer_is_asked_for_alone()
    {
        Begin(0.3);
        _plan.Answered(new HashSet<AssetKey> { Assets[0], Assets[2] }, At(0.5), 0.5).ShouldBe(BeaconWish.None);
        _plan.Wanted.ShouldBe([Assets[1]]);
        Decide(1, served: 1).Reason.ShouldBe(FetchReason.Served, "another has told the rest");
        var again = Decide(1);
        (again.Action, again.Reason).ShouldBe((FetchAction.Fetch, FetchReason.Retry));
        Begin(1);
        _plan.Wanted.ShouldBe([Assets[1]]);
        _plan.Answered(new HashSet<AssetKey> { Assets[1] }, At(1.2), 0.5);
        Decide(2, served: 1).ShouldBe(new(FetchAction.Rest, FetchReason.Served, At(30)));
    }

    [Fact]
    public void An_answer_without_any_wanted_price_is_a_failure()
    {
        Begin(0.3);
        _plan.Answered(new HashSet<AssetKey>(), At(0.5), 0.5).ShouldBe(BeaconWish.Degraded);
    }

    [Fact]
    public void The_next_slot_begins_with_all_assets_again()
    {
        Begin(0.3);
        _plan.Answered(new HashSet<AssetKey> { Assets[0] }, At(0.5), 0.5);
        _plan.Begin(Slot + 1, Assets);
        _plan.Wanted.ShouldBe(Assets);
    }

    [Fact]
    public void There_is_one_fetch_at_a_time_even_across_slots()
    {
        Begin(0.3);
        Decide(31).Reason.ShouldBe(FetchReason.UnderWay);
    }

    [Fact]
    public void A_budget_delays_a_fetch_or_forbids_the_slot()
    {
        Decide(5, allowedAt: At(8)).ShouldBe(new(FetchAction.Wait, FetchReason.Budget, At(8)));
        Decide(5, allowedAt: At(30)).ShouldBe(new(FetchAction.Rest, FetchReason.Budget, At(30)));
        Decide(5, isForbidden: true).Reason.ShouldBe(FetchReason.Budget);
    }

    [Fact]
    public void Without_a_rank_there_is_nothing_to_do() => Decide(5, rank: -1).Reason.ShouldBe(FetchReason.NoRank);

    private static DateTimeOffset At(double seconds) => OneNode.Noon.AddSeconds(seconds);

    private void Begin(double at) => _plan.Begin(SlotRules.SlotOf(At(at), Options.Interval), Assets);

    private FetchDecision Decide(double at, int rank = 0, int served = 0, DateTimeOffset? allowedAt = null, bool isForbidden = false) => _plan.Decide(new()
    {
        Slot = SlotRules.SlotOf(At(at), Options.Interval),
        Now = At(at),
        Rank = rank,
        Redundancy = 1,
        Grace = Options.MinGrace,
        Served = served,
        AllowedAt = isForbidden ? null : allowedAt ?? At(at),
    });
}
