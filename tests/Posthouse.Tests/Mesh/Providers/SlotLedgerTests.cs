using Posthouse.Mesh.Providers;

namespace Posthouse.Tests.Mesh.Providers;

public sealed class SlotLedgerTests
{
    private static readonly DateTimeOffset Deadline = OneNode.Noon.AddSeconds(1.5);
    private static readonly List<SlotCandidate> Sorted = [new(OneNode.Id(1), 64, false), new(OneNode.Id(2), 64, false), new(OneNode.Id(3), 64, false)];
    private readonly SlotLedger _ledger = new();
    private readonly List<SlotResult> _results = [];

    [Theory]
    [InlineData(1.5, true)]
    [InlineData(1.501, false)]
    public void A_slot_is_served_in_time_before_a_backups_turn(double after, bool inTime)
    {
        _ledger.Begin(7, Sorted, 1, Deadline, _results);
        _ledger.OnUpdate(OneNode.Id(1), 7, OneNode.Noon.AddSeconds(after));
        _ledger.Served.ShouldBe(1);
        _ledger.Begin(8, Sorted, 1, Deadline, _results);
        _results.ShouldBe([new SlotResult(OneNode.Id(1), inTime)]);
        _ledger.Served.ShouldBe(0);
    }

    [Fact]
    public void Only_those_whose_slot_it_was_are_judged()
    {
        _ledger.Begin(7, Sorted, 2, Deadline, _results);
        _ledger.OnUpdate(OneNode.Id(2), 7, OneNode.Noon);
        _ledger.OnUpdate(OneNode.Id(2), 7, OneNode.Noon);
        _ledger.OnUpdate(OneNode.Id(3), 7, OneNode.Noon);
        _ledger.Served.ShouldBe(2);
        _ledger.Begin(8, Sorted, 1, Deadline, _results);
        _results.ShouldBe([new SlotResult(OneNode.Id(1), false), new SlotResult(OneNode.Id(2), true)]);
    }

    [Fact]
    public void Prices_of_another_slot_say_nothing_about_this_one()
    {
        _ledger.Begin(7, Sorted, 1, Deadline, _results);
        _ledger.OnUpdate(OneNode.Id(1), 6, OneNode.Noon);
        _ledger.Served.ShouldBe(0);
    }

    [Fact]
    public void Slots_that_this_node_slept_through_are_held_against_nobody()
    {
        _ledger.Begin(7, Sorted, 1, Deadline, _results);
        _ledger.Begin(9, Sorted, 1, Deadline, _results);
        _results.ShouldBeEmpty();
    }

    [Fact]
    public void A_provider_whose_quota_makes_it_skip_slots_has_no_rank_in_them()
    {
        var node = new OneNode();
        node.Tracker.OnProof(node.Proof(1) with { NextSlot = 12 }, node.Now);
        var found = new List<SlotCandidate>();
        SlotCandidate.List(node.Tracker.Known, 11, node.Now.Wall, found);
        found.ShouldBeEmpty();
        SlotCandidate.List(node.Tracker.Known, 12, node.Now.Wall, found);
        found.ShouldBe([new SlotCandidate(OneNode.Id(1), 64, false)]);
    }
}
