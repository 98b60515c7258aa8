using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Providers;

public sealed class RendezvousTests
{
    [Fact]
    public void Every_node_finds_the_same_order_whatever_the_order_it_knows_them_in()
    {
        for (ulong slot = 0; slot < 100; slot++)
        {
            var one = Candidates(1, 2, 3, 4, 5);
            var other = Candidates(5, 3, 1, 2, 4);
            Rendezvous.Sort(one, Rendezvous.Occasion(slot, 0));
            Rendezvous.Sort(other, Rendezvous.Occasion(slot, 0));
            one.ShouldBe(other);
        }
    }

    [Fact]
    public void Slots_are_shared_out_as_the_weights_say()
    {
        var first = new Dictionary<NodeId, int>();
        for (ulong slot = 0; slot < 20_000; slot++)
        {
            List<SlotCandidate> candidates = [new(OneNode.Id(1), 64, false), new(OneNode.Id(2), 32, false), new(OneNode.Id(3), 4, false)];
            Rendezvous.Sort(candidates, Rendezvous.Occasion(slot, 0));
            first[candidates[0].Id] = first.GetValueOrDefault(candidates[0].Id) + 1;
        }

        first[OneNode.Id(1)].ShouldBeInRange(12_500, 13_100);
        first[OneNode.Id(2)].ShouldBeInRange(6_100, 6_700);
        first[OneNode.Id(3)].ShouldBeInRange(650, 950);
    }

    [Fact]
    public void One_that_leaves_moves_nobody_but_itself()
    {
        for (ulong slot = 0; slot < 200; slot++)
        {
            var all = Candidates(1, 2, 3, 4);
            var rest = Candidates(1, 2, 4);
            Rendezvous.Sort(all, Rendezvous.Occasion(slot, 0));
            Rendezvous.Sort(rest, Rendezvous.Occasion(slot, 0));
            all.Where(candidate => candidate.Id != OneNode.Id(3)).ShouldBe(rest);
        }
    }

    [Fact]
    public void Those_without_quota_or_degraded_have_no_rank()
    {
        List<SlotCandidate> candidates = [new(OneNode.Id(1), 0, false), new(OneNode.Id(2), 8, true), new(OneNode.Id(3), 1, false)];
        var able = Rendezvous.Sort(candidates, 7);
        able.ShouldBe(1);
        Rendezvous.RankOf(candidates, able, OneNode.Id(3)).ShouldBe(0);
        Rendezvous.RankOf(candidates, able, OneNode.Id(1)).ShouldBe(-1);
        Rendezvous.RankOf(candidates, able, OneNode.Id(2)).ShouldBe(-1);
    }

    [Fact]
    public void Groups_of_assets_are_shared_out_apart() =>
        Enumerable.Range(0, 100).Count(slot => First((ulong)slot, 0) == First((ulong)slot, 1)).ShouldBeInRange(10, 40);

    [Theory]
    [InlineData(1_000, 100, 64)]
    [InlineData(1_000, 74.9, 48)]
    [InlineData(1_000, 49.9, 32)]
    [InlineData(1_000, 24.9, 16)]
    [InlineData(1_000, 0, 16)]
    [InlineData(1, 100, 4)]
    [InlineData(0, 100, 0)]
    public void A_weight_follows_from_budget_and_health_in_few_steps(int budget, double health, int weight) =>
        SlotCandidate.WeightOf(budget, health).ShouldBe(weight);

    private static NodeId First(ulong slot, uint group)
    {
        var candidates = Candidates(1, 2, 3, 4);
        Rendezvous.Sort(candidates, Rendezvous.Occasion(slot, group));
        return candidates[0].Id;
    }

    private static List<SlotCandidate> Candidates(params int[] ids) => [.. ids.Select(id => new SlotCandidate(OneNode.Id(id), 16, false))];
}
