using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Providers;

public sealed class PromotionTests
{
    [Fact]
    public void A_consumer_stands_in_after_two_intervals_without_a_provider()
    {
        var promotion = Of(1);
        promotion.OnSlot(10, true, true, true, Candidates(1)).ShouldBe(PromotionStep.Stay);
        promotion.OnSlot(11, false, false, true, Candidates(1)).ShouldBe(PromotionStep.Stay);
        promotion.OnSlot(12, false, false, true, Candidates(1)).ShouldBe(PromotionStep.Stay);
        promotion.OnSlot(13, false, false, true, Candidates(1)).ShouldBe(PromotionStep.Promote);
        promotion.IsPromoted.ShouldBeTrue();
    }

    [Fact]
    public void It_steps_down_when_a_configured_provider_has_been_live_for_three_intervals()
    {
        var promotion = Of(1);
        ulong slot = 0;
        while (promotion.OnSlot(slot++, false, false, true, Candidates(1)) != PromotionStep.Promote)
        {
        }

        promotion.OnSlot(slot++, true, true, true, Candidates(1)).ShouldBe(PromotionStep.Stay);
        promotion.OnSlot(slot++, false, false, true, Candidates(1)).ShouldBe(PromotionStep.Stay, "gone again");
        for (var n = 0; n < 3; n++)
        {
            promotion.OnSlot(slot++, true, true, true, Candidates(1)).ShouldBe(PromotionStep.Stay);
        }

        promotion.OnSlot(slot, true, true, true, Candidates(1)).ShouldBe(PromotionStep.StepDown);
        promotion.IsPromoted.ShouldBeFalse();
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Nobody_stands_in_against_its_will_or_without_a_source(bool promote, bool hasSource)
    {
        var promotion = new Promotion(new() { Promote = promote }, OneNode.Id(1));
        for (ulong slot = 0; slot < 50; slot++)
        {
            promotion.OnSlot(slot, false, false, hasSource, Candidates(1)).ShouldBe(PromotionStep.Stay);
        }
    }

    [Fact]
    public void Never_do_two_begin_in_one_slot_even_if_they_saw_the_outage_begin_at_different_times()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            Promotion[] nodes = [.. Enumerable.Range(1, 8).Select(Of)];
            var promoted = 0;
            for (ulong slot = 0; slot < 40 && promoted == 0; slot++)
            {
                var at = (ulong)(seed * 1_000) + slot;
                var begun = nodes.Where((node, n) => slot >= (ulong)(n % 3) && node.OnSlot(at, false, false, true, Candidates(1, 2, 3, 4, 5, 6, 7, 8)) == PromotionStep.Promote);
                promoted = begun.Count();
                promoted.ShouldBeLessThanOrEqualTo(1);
            }

            promoted.ShouldBe(1);
        }
    }

    [Fact]
    public void While_another_stands_in_nobody_else_begins()
    {
        var promotion = Of(1);
        for (ulong slot = 0; slot < 20; slot++)
        {
            promotion.OnSlot(slot, false, isStoodIn: true, true, Candidates(1)).ShouldBe(PromotionStep.Stay);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(3, 3)]
    [InlineData(100, 7)]
    [InlineData(1_000_000, 16)]
    public void Uptime_weighs_by_its_logarithm(int hours, int weight) => Promotion.WeightOf(TimeSpan.FromHours(hours)).ShouldBe(weight);

    [Fact]
    public void One_that_only_would_stand_in_is_a_candidate_and_no_provider_until_its_prices_come()
    {
        var node = new OneNode();
        node.Tracker.OnProof(node.Proof(1, ProviderState.Standby) with { Uptime = TimeSpan.FromHours(3) }, node.Now).ShouldBe(LifeSign.Waiting);
        node.Status.ActiveProviders.ShouldBeEmpty();
        node.Told<ProviderDiscovered>().ShouldBeEmpty();
        var waiting = new List<SlotCandidate>();
        node.Tracker.ListWaiting(0, node.Now, waiting);
        waiting.ShouldBe([new SlotCandidate(OneNode.Id(1), 3, false)]);

        node.Price(1, 100);
        node.Told<ProviderDiscovered>().Count.ShouldBe(1);
        for (var n = 0; n < 10; n++)
        {
            node.Pass(5);
            node.Beacon(1, ProviderState.Standby).ShouldBe(LifeSign.Refreshed);
        }

        node.Tracker.Find(OneNode.Id(1))!.IsStandingIn.ShouldBeTrue();
        node.Beacon(1, ProviderState.Leaving);
        node.Beacon(1, ProviderState.Standby).ShouldBe(LifeSign.Waiting);
        node.Status.ActiveProviders.ShouldBeEmpty();
        node.Pass(20);
        waiting.Clear();
        node.Tracker.ListWaiting(0, node.Now, waiting);
        waiting.ShouldBeEmpty();
    }

    private static Promotion Of(int id) => new(new() { Promote = true }, OneNode.Id(id));

    private static List<SlotCandidate> Candidates(params int[] ids) => [.. ids.Select(id => new SlotCandidate(OneNode.Id(id), 4, false))];
}
