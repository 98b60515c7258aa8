using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers;

/// <content>Whose turn it is, in this node's group of assets and in the others, and whether this node stands in.</content>
internal sealed partial class SlotTurns
{
    /// <summary>Ranks the providers of a group.</summary>
    /// <returns>How many can serve.</returns>
    private int Sort(ulong slot, ulong group, Moment now, out int redundancy)
    {
        _candidates.Clear();
        SlotCandidate.List(tracker.Known, slot, group, now, _candidates);
        if (IsProvider && group == _group)
            _candidates.Add(new(tracker.Self, SlotCandidate.WeightOf(_budget.Permille(now.Wall), Health(now)), _plan.IsDegraded));
        var able = Rendezvous.Sort(_candidates, Rendezvous.Occasion(slot, group));
        redundancy = SlotRules.RedundancyOf(setup.Slots, slot, able, tracker.Data.Discrepancies.Count > 0);
        return able;
    }

    private void Begin(ulong slot, Moment now)
    {
        _results.Clear();
        var deadline = SlotRules.StartOf(slot, setup.Slots.Interval) + setup.Slots.Spread + SlotRules.GraceOf(setup.Slots, _travel);
        _ledger.Begin(slot, deadline, _results);
        _cover.NextSlot();
        foreach (var result in _results)
        {
            if (result.Provider != tracker.Self)
                tracker.OnSlot(result, now);
            else if (result.WasDue)
                _health.OnSlot(result.Served, now.Wall);
        }

        ExpectAll(slot, now);
        if (!IsEnabled && MayStandIn)
            Promote(slot, now);
    }

    /// <summary>Notes who is to serve the slot in each group. Of whom the group is not known nothing is expected.</summary>
    private void ExpectAll(ulong slot, Moment now)
    {
        _groups.Clear();
        if (IsProvider)
            _groups.Add(_group);
        foreach (var record in tracker.Known)
        {
            if (record.IsAlive && record.Group is { } group)
                _groups.Add(group);
        }

        foreach (var group in _groups)
        {
            Sort(slot, group, now, out var redundancy);
            for (var rank = 0; rank < redundancy; rank++)
            {
                if (_candidates[rank].Id == tracker.Self || tracker.Find(_candidates[rank].Id)?.Group is not null)
                    _ledger.Expect(_candidates[rank].Id);
            }
        }
    }

    private void Promote(ulong slot, Moment now)
    {
        var configured = _others.Provide(tracker.Known, _group, slot, now.Steady, standIns: false);
        var others = _others.Provide(tracker.Known, _group, slot, now.Steady, standIns: true);
        var waiting = new List<SlotCandidate> { new(tracker.Self, Promotion.WeightOf(now.Steady - start.Steady), IsDegraded: false) };
        tracker.ListWaiting(_group, now, waiting);
        var step = _promotion.OnSlot(slot, configured, others, _assets.Count > 0, waiting);
        if (step == PromotionStep.Stay)
            return;
        tracker.SetProvider(step == PromotionStep.Promote, now);
        facts.Tell(step == PromotionStep.Promote ? new PromotedSelf() : new SteppedDown());
        if (step == PromotionStep.StepDown)
            voice.TellGoodbye(GoodbyeReason.StoodIn, now);
        else
            Beat(now);
    }
}
