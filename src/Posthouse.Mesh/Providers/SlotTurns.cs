using Posthouse.Jobs;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers;

/// <summary>
/// This node's part in the slots: every node watches who serves them; a provider fetches when it is its turn; a consumer that may stands
/// in while nobody provides.
/// </summary>
internal sealed class SlotTurns(GossipSetup setup, NetworkStatusTracker tracker, Voice voice, MeshFacts facts, Moment start)
{
    /// <summary>How fast the measure of how long messages travel forgets a slow one: by half in about 35 messages.</summary>
    private const double TravelKept = 0.98;

    /// <summary>What a fetch is held for until its source says what it cost: one call.</summary>
    private const int ExpectedCost = 1;

    private readonly FetchPlan _plan = new(setup.Slots);
    private readonly SlotLedger _ledger = new();
    private readonly Promotion _promotion = new(setup.Promotion, setup.Key.Public.Id);
    private readonly FetchBudget _budget = new(setup.Budget, start.Wall, setup.Used);
    private readonly HealthScore _health = new();
    private readonly List<SlotCandidate> _candidates = [];
    private readonly List<SlotResult> _results = [];
    private IReadOnlyList<AssetKey> _assets = [];
    private TimeSpan _travel;
    private ulong _assetsHash;
    private BudgetUse _told;

    /// <summary>When there is something to do next, on the steady clock.</summary>
    public TimeSpan NextDue { get; private set; }

    /// <summary>Whether this node provides because it was told to.</summary>
    public bool IsEnabled { get; private set; }

    /// <summary>Whether this node provides, by command or standing in.</summary>
    public bool IsProvider => IsEnabled || _promotion.IsPromoted;

    /// <summary>Whether it stands in for missing providers.</summary>
    public bool IsStandingIn => _promotion.IsPromoted;

    /// <summary>Whether beacons are sent: also by one who only waits to stand in.</summary>
    public bool Beats => IsProvider || (setup.Promotion.Promote && _assets.Count > 0);

    /// <summary>What is used of the vendor's quota, to be kept.</summary>
    public BudgetUse Use => _budget.Use;

    /// <summary>The node has a source for these assets.</summary>
    public void SetSource(IReadOnlyList<AssetKey> assets) => (_assets, _assetsHash) = (assets, Voice.HashOf(assets));

    /// <summary>The source was tried, and answered as it should.</summary>
    public void SourceAccepted() => _budget.Accepted();

    /// <summary>Provides from now on; nothing changes if it does already.</summary>
    public void Enable(Moment now)
    {
        if (IsEnabled)
            return;
        IsEnabled = true;
        tracker.SetProvider(true, now);
        Beat(now);
    }

    /// <summary>Provides no more; nothing changes if it does not.</summary>
    public void Disable(GoodbyeReason reason, Moment now)
    {
        if (!IsEnabled)
            return;
        IsEnabled = false;
        voice.TellGoodbye(reason, now);
        tracker.SetProvider(_promotion.IsPromoted, now);
    }

    /// <summary>Prices of a slot were accepted.</summary>
    public void OnUpdate(PriceUpdate update, Moment now)
    {
        _ledger.OnUpdate(update.Provider, update.Slot, now.Wall);
        var travel = now.Wall - update.IssuedAt;
        _travel = travel > _travel && travel <= MeshProtocol.MaxAhead ? travel : _travel * TravelKept;
    }

    /// <summary>The source answered, or failed.</summary>
    /// <param name="slot">The slot of this <see cref="IGossipPort.Fetch"/>.</param>
    /// <param name="fetch">What came: all that was wanted, a part of it, or nothing.</param>
    /// <param name="now">When.</param>
    public void OnFetched(ulong slot, PriceFetch fetch, Moment now)
    {
        if (fetch.Cost > ExpectedCost)
            _budget.Spend(now.Wall, fetch.Cost - ExpectedCost, isRetry: true);
        if (fetch.Fault is { } fault)
            _budget.Failed(fault, now.Wall);
        var fit = Fit(fetch.Prices, now.Wall, out var got);
        var wish = fit.Count > 0
            ? _plan.Answered(got, now.Wall, setup.Ids.NextFraction())
            : _plan.Failed(mayRetry: fetch.Fault?.IsFinal != true, now.Wall, setup.Ids.NextFraction());
        if (IsProvider)
        {
            tracker.OnOwnFetch(fit.Count, now);
            if (fit.Count > 0)
                _ledger.OnUpdate(tracker.Self, slot, now.Wall);
            voice.TellPrices(slot, fit, now);
        }

        Wish(wish, now);
        NextDue = now.Steady;
    }

    /// <summary>Moves on in the slot.</summary>
    public void Tick(Moment now)
    {
        var slot = SlotRules.SlotOf(now.Wall, setup.Slots.Interval);
        var rank = Rank(slot, now, out var redundancy);
        if (slot != _ledger.Slot)
            Begin(slot, redundancy, now);
        var next = SlotRules.StartOf(slot + 1, setup.Slots.Interval);
        if (IsProvider)
        {
            var decision = _plan.Decide(Situation(slot, rank, redundancy, now));
            if (decision.Action == FetchAction.Fetch)
                Fetch(slot, decision.Reason, now);
            else
                next = decision.At;
            TellBudget(decision, now);
        }

        if (Beats && now.Steady >= voice.BeaconAt)
            Beat(now);
        NextDue = now.Steady + Least(next - now.Wall);
        if (Beats && voice.BeaconAt < NextDue)
            NextDue = voice.BeaconAt;
    }

    /// <summary>The prices that others would take, each asset once.</summary>
    private static List<PriceReading> Fit(IReadOnlyList<PriceReading> readings, DateTimeOffset now, out HashSet<AssetKey> got)
    {
        got = new(readings.Count);
        var fit = new List<PriceReading>(readings.Count);
        foreach (var reading in readings)
        {
            if (Voice.CanTell(reading, now) && got.Add(reading.Key))
                fit.Add(reading);
        }

        return fit;
    }

    private FetchSituation Situation(ulong slot, int rank, int redundancy, Moment now) => new()
    {
        Slot = slot,
        Now = now.Wall,
        Rank = rank,
        Redundancy = redundancy,
        Grace = SlotRules.GraceOf(setup.Slots, _travel),
        Served = _ledger.Served,
        AllowedAt = _budget.AllowedAt(now.Wall, setup.Slots.Interval, ExpectedCost, _plan.IsDegraded),
    };

    /// <summary>A wall clock that is set back must not put the next look off; nor must one that stands still make it now for ever.</summary>
    private TimeSpan Least(TimeSpan wait) =>
        wait < LocalHealth.Heartbeat / 100 ? LocalHealth.Heartbeat / 100 : wait > setup.Slots.Interval ? setup.Slots.Interval : wait;

    private void Fetch(ulong slot, FetchReason reason, Moment now)
    {
        _plan.Begin(slot, _assets);
        _budget.Spend(now.Wall, ExpectedCost, reason == FetchReason.Retry);
        setup.Port.Fetch(slot, _plan.Wanted);
    }

    private int Rank(ulong slot, Moment now, out int redundancy)
    {
        _candidates.Clear();
        SlotCandidate.List(tracker.Known, slot, now.Wall, _candidates);
        if (IsProvider)
            _candidates.Add(new(tracker.Self, SlotCandidate.WeightOf(_budget.Permille(now.Wall), Health(now)), _plan.IsDegraded));
        var able = Rendezvous.Sort(_candidates, Rendezvous.Occasion(slot, 0));
        redundancy = SlotRules.RedundancyOf(setup.Slots, slot, able, tracker.Data.Discrepancies.Count > 0);
        return Rendezvous.RankOf(_candidates, able, tracker.Self);
    }

    private void Begin(ulong slot, int redundancy, Moment now)
    {
        _results.Clear();
        var deadline = SlotRules.StartOf(slot, setup.Slots.Interval) + setup.Slots.Spread + SlotRules.GraceOf(setup.Slots, _travel);
        _ledger.Begin(slot, _candidates, redundancy, deadline, _results);
        foreach (var result in _results)
        {
            if (result.Provider == tracker.Self)
                _health.OnSlot(result.Served, now.Wall);
            else
                tracker.OnSlot(result.Provider, result.Served, now);
        }

        if (!IsEnabled)
            Promote(slot, now);
    }

    private void Promote(ulong slot, Moment now)
    {
        var (configured, others) = (0, 0);
        foreach (var record in tracker.Known)
        {
            configured += record.IsAlive && !record.IsStandingIn ? 1 : 0;
            others += record.IsStandingIn ? 1 : 0;
        }

        var waiting = new List<SlotCandidate> { new(tracker.Self, Promotion.WeightOf(now.Steady - start.Steady), IsDegraded: false) };
        tracker.ListWaiting(now, waiting);
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

    private void Wish(BeaconWish wish, Moment now)
    {
        if (wish != BeaconWish.None && IsProvider)
            Beat(now);
    }

    private void Beat(Moment now)
    {
        var state = !IsEnabled ? ProviderState.Standby : _plan.IsDegraded ? ProviderState.Degraded : ProviderState.Active;
        var allowed = _budget.AllowedAt(now.Wall, setup.Slots.Interval, ExpectedCost, false) ?? DateTimeOffset.MaxValue;
        var next = SlotRules.SlotOf(allowed > now.Wall ? allowed : now.Wall, setup.Slots.Interval);
        voice.TellBeacon(state, next, _assetsHash, _budget.Permille(now.Wall), (int)Health(now), now);
    }

    private void TellBudget(in FetchDecision decision, Moment now)
    {
        if (decision.Reason != FetchReason.Budget || _told == _budget.Use)
            return;
        _told = _budget.Use;
        facts.Tell(new BudgetSpent(_budget.Use.IsKeyRefused ? "the key is refused" : "the quota is used up", _budget.AllowedAt(now.Wall, setup.Slots.Interval, ExpectedCost, false)));
    }

    /// <summary>How well this node served its slots, 0 to 100.</summary>
    public double Health(Moment now) => _health.Score(now.Wall);

    /// <summary>What is left of the vendor's quota, in thousandths.</summary>
    public int Permille(Moment now) => _budget.Permille(now.Wall);
}
