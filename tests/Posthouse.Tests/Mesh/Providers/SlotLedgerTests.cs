using Posthouse.Mesh.Providers;

namespace Posthouse.Tests.Mesh.Providers;

public sealed class SlotLedgerTests
{
    private static readonly DateTimeOffset Deadline = OneNode.Noon.AddSeconds(1.5);
    private readonly SlotLedger _ledger = new();
    private readonly List<SlotResult> _results = [];

    [Theory]
    [InlineData(1.5, true)]
    [InlineData(1.501, false)]
    public void A_slot_is_served_in_time_before_a_backups_turn(double after, bool inTime)
    {
        Begin(7, 1);
        _ledger.OnUpdate(OneNode.Id(1), 7, OneNode.Noon.AddSeconds(after));
        Begin(8, 1);
        _results.ShouldBe([new SlotResult(OneNode.Id(1), inTime, WasDue: true)]);
    }

    [Fact]
    public void Only_those_whose_slot_it_was_are_held_to_it()
    {
        Begin(7, 1, 2);
        _ledger.OnUpdate(OneNode.Id(2), 7, OneNode.Noon);
        _ledger.OnUpdate(OneNode.Id(2), 7, OneNode.Noon);
        _ledger.OnUpdate(OneNode.Id(3), 7, OneNode.Noon);
        Begin(8, 1);
        _results.ShouldBe([new(OneNode.Id(1), false, true), new(OneNode.Id(2), true, true), new(OneNode.Id(3), true, WasDue: false)]);
    }

    [Fact]
    public void Prices_of_another_slot_say_nothing_about_this_one()
    {
        Begin(7, 1);
        _ledger.OnUpdate(OneNode.Id(1), 6, OneNode.Noon);
        Begin(8, 1);
        _results.ShouldBe([new SlotResult(OneNode.Id(1), Served: false, WasDue: true)]);
    }

    [Fact]
    public void Slots_that_this_node_slept_through_are_held_against_nobody()
    {
        Begin(7, 1);
        Begin(9, 1);
        _results.ShouldBeEmpty();
    }

    [Fact]
    public void A_provider_whose_quota_makes_it_skip_slots_has_no_rank_in_them()
    {
        var node = new OneNode();
        node.Tracker.OnProof(node.Proof(1) with { NextSlot = 12 }, node.Now);
        var found = new List<SlotCandidate>();
        SlotCandidate.List(node.Tracker.Known, 11, 0, node.Now, found);
        found.ShouldBeEmpty();
        SlotCandidate.List(node.Tracker.Known, 12, 0, node.Now, found);
        found.ShouldBe([new SlotCandidate(OneNode.Id(1), 64, false)]);
    }

    [Fact]
    public void A_provider_has_a_rank_among_those_that_read_the_same_and_in_every_group_for_ten_seconds_until_it_has_said_what_it_reads()
    {
        var node = new OneNode();
        node.Tracker.OnProof(node.Proof(1) with { Group = 5 }, node.Now);
        node.Price(2, 100);
        var found = new List<SlotCandidate>();
        SlotCandidate.List(node.Tracker.Known, 11, 5, node.Now, found);
        found.Select(candidate => candidate.Id).ShouldBe([OneNode.Id(1), OneNode.Id(2)], ignoreOrder: true);
        found.Clear();
        SlotCandidate.List(node.Tracker.Known, 11, 6, node.Now, found);
        found.Select(candidate => candidate.Id).ShouldBe([OneNode.Id(2)]);
        node.Pass(10);
        found.Clear();
        SlotCandidate.List(node.Tracker.Known, 12, 6, node.Now, found);
        found.ShouldBeEmpty("it never says");
    }

    private void Begin(ulong slot, params int[] due)
    {
        _ledger.Begin(slot, Deadline, _results);
        foreach (var number in due)
            _ledger.Expect(OneNode.Id(number));
    }
}
