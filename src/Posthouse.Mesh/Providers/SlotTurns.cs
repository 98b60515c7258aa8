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
internal sealed partial class SlotTurns(GossipSetup setup, NetworkStatusTracker tracker, Voice voice, MeshFacts facts, Moment start)
{
    /// <summary>How fast the measure of how long messages travel forgets a slow one: by half in about 35 messages.</summary>
    private const double TravelKept = 0.98;

    /// <summary>What a fetch is held for until its source says what it cost: one call.</summary>
    private const int ExpectedCost = 1;

    private readonly FetchPlan _plan = new(setup.Slots);
    private readonly SlotLedger _ledger = new();
    private readonly SlotCover _cover = new();
    private readonly OtherGroups _others = new(setup.Promotion);
    private readonly HashSet<ulong> _groups = [];
    private readonly Promotion _promotion = new(setup.Promotion, setup.Key.Public.Id);
    private readonly FetchBudget _budget = new(setup.Budget, start.Wall, setup.Used);
    private readonly HealthScore _health = new();
    private readonly List<SlotCandidate> _candidates = [];
    private readonly List<SlotResult> _results = [];
    private IReadOnlyList<AssetKey> _assets = [];
    private TimeSpan _travel;
    private ulong _group;
    private BudgetUse _told;
    private bool _isRetired;

    /// <summary>This node's rank in the present slot, among the providers of its assets; -1: none.</summary>
    public int Rank { get; private set; } = -1;

    /// <summary>Fetches for a slot that another provider did not serve.</summary>
    public long TakeOvers { get; private set; }

    /// <summary>When there is something to do next, on the steady clock.</summary>
    public TimeSpan NextDue { get; private set; }

    /// <summary>Whether this node provides because it was told to.</summary>
    public bool IsEnabled { get; private set; }

    /// <summary>Whether this node provides, by command or standing in.</summary>
    public bool IsProvider => IsEnabled || _promotion.IsPromoted;

    /// <summary>Whether it stands in for missing providers.</summary>
    public bool IsStandingIn => _promotion.IsPromoted;

    /// <summary>Whether beacons are sent: also by one who only waits to stand in.</summary>
    public bool Beats => IsProvider || (MayStandIn && _assets.Count > 0);

    private bool MayStandIn => setup.Promotion.Promote && !_isRetired;

    /// <summary>What is used of the vendor's quota, to be kept.</summary>
    public BudgetUse Use => _budget.Use;

    /// <summary>
    /// The node has a source for these assets. Whoever reads the same is of its group, and shares its slots. Nothing changes if it had them
    /// before: what was told in this slot is not asked for again.
    /// </summary>
    public void SetSource(IReadOnlyList<AssetKey> assets)
    {
        var group = Voice.HashOf(assets);
        if (group == _group)
            return;
        (_assets, _group) = (assets, group);
        _cover.Begin(assets);
        _others.Begin(assets);
    }

    /// <summary>The source was tried, and answered as it should.</summary>
    public void SourceAccepted() => _budget.Accepted();

    /// <summary>Provides from now on; nothing changes if it does already, or has retired.</summary>
    public void Enable(Moment now)
    {
        if (IsEnabled || _isRetired)
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

    /// <summary>Provides no more, by command or standing in, whatever happens: what is signed from now on nobody believes, or nobody is there to sign.</summary>
    public void Retire(Moment now)
    {
        _isRetired = true;
        if (!IsProvider)
            return;
        IsEnabled = false;
        _promotion.End();
        voice.TellGoodbye(GoodbyeReason.Stopping, now);
        tracker.SetProvider(false, now);
    }

    /// <summary>Prices of a slot were accepted.</summary>
    public void OnUpdate(PriceUpdate update, Moment now)
    {
        _ledger.OnUpdate(update.Provider, update.Slot, now.Wall);
        if (tracker.Find(update.Provider)?.Group is { } group && group != _group)
            NoteOther(group, update.Prices);
        else if (update.Slot == _ledger.Slot && _assets.Count > 0)
            _cover.OnPrices(update.Provider, update.Prices);
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
        // Asked only for what others left out, a source that works may have none of it; vendors that are asked asset by asset refuse it.
        var lacksTheRest = fetch.Fault is null or { Kind: SourceFaultKind.Refused or SourceFaultKind.WrongShape } && _plan.Wanted.Count < _assets.Count && !got.Overlaps(_plan.Wanted);
        if (fit.Count > 0 || lacksTheRest)
            _cover.OnAnswer(_plan.Wanted, got);
        var wish = BeaconWish.None;
        if (lacksTheRest)
            _plan.HadNone();
        else if (fit.Count > 0)
            wish = _plan.Answered(got, now.Wall, setup.Ids.NextFraction());
        else
            wish = _plan.Failed(mayRetry: fetch.Fault?.IsFinal != true, now.Wall, setup.Ids.NextFraction());
        if (IsProvider && !(lacksTheRest && fit.Count == 0))
            Tell(slot, fit, now);
        Wish(wish, now);
        NextDue = now.Steady;
    }

    /// <summary>Publishes prices that came outside of any turn, such as a stream's.</summary>
    /// <returns>To how many peers.</returns>
    public int Publish(IReadOnlyList<PriceReading> readings, Moment now)
    {
        var slot = SlotRules.SlotOf(now.Wall, setup.Slots.Interval);
        return IsProvider ? Tell(slot, readings, now) : voice.TellPrices(slot, readings, now);
    }

    /// <summary>Moves on in the slot.</summary>
    public void Tick(Moment now)
    {
        var slot = SlotRules.SlotOf(now.Wall, setup.Slots.Interval);
        if (slot != _ledger.Slot)
            Begin(slot, now);
        var able = Sort(slot, _group, now, out var redundancy);
        Rank = Rendezvous.RankOf(_candidates, able, tracker.Self);
        var next = SlotRules.StartOf(slot + 1, setup.Slots.Interval);
        if (IsProvider)
        {
            var decision = _plan.Decide(Situation(slot, redundancy, now));
            if (decision.Action == FetchAction.Fetch)
                Fetch(slot, decision.Reason, redundancy, now);
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

    private FetchSituation Situation(ulong slot, int redundancy, Moment now) => new()
    {
        Slot = slot,
        Now = now.Wall,
        Rank = Rank,
        Redundancy = redundancy,
        Grace = SlotRules.GraceOf(setup.Slots, _travel),
        Served = _cover.Served,
        AllowedAt = _budget.AllowedAt(now.Wall, setup.Slots.Interval, ExpectedCost, _plan.IsDegraded),
    };

    /// <summary>A wall clock that is set back must not put the next look off; nor must one that stands still make it now for ever.</summary>
    private TimeSpan Least(TimeSpan wait) =>
        wait < LocalHealth.Heartbeat / 100 ? LocalHealth.Heartbeat / 100 : wait > setup.Slots.Interval ? setup.Slots.Interval : wait;

    private int Tell(ulong slot, IReadOnlyList<PriceReading> readings, Moment now)
    {
        tracker.OnOwnFetch(readings.Count, now);
        if (readings.Count > 0)
            _ledger.OnUpdate(tracker.Self, slot, now.Wall);
        if (slot == _ledger.Slot)
            _cover.OnPrices(tracker.Self, readings);
        return voice.TellPrices(slot, readings, now);
    }

    /// <summary>What others read matters only to who would stand in for them.</summary>
    private void NoteOther(ulong group, IReadOnlyList<PriceReading> prices)
    {
        if (MayStandIn)
            _others.OnPrices(group, prices, _ledger.Slot);
    }

    private void Fetch(ulong slot, FetchReason reason, int redundancy, Moment now)
    {
        _plan.Begin(slot, reason == FetchReason.Probe ? _assets : _cover.Missing(Math.Max(1, redundancy)));
        _budget.Spend(now.Wall, ExpectedCost, reason == FetchReason.Retry);
        TakeOvers += reason == FetchReason.TakeOver ? 1 : 0;
        setup.Port.Fetch(slot, _plan.Wanted);
    }

    private void Wish(BeaconWish wish, Moment now)
    {
        if (wish != BeaconWish.None && IsProvider)
            Beat(now);
    }

    private void Beat(Moment now)
    {
        var state = !IsEnabled ? ProviderState.Standby : IsDegraded ? ProviderState.Degraded : ProviderState.Active;
        var allowed = _budget.AllowedAt(now.Wall, setup.Slots.Interval, ExpectedCost, false) ?? DateTimeOffset.MaxValue;
        var next = SlotRules.SlotOf(allowed > now.Wall ? allowed : now.Wall, setup.Slots.Interval);
        voice.TellBeacon(state, next, _group, _budget.Permille(now.Wall), (int)Health(now), now);
    }

    private void TellBudget(in FetchDecision decision, Moment now)
    {
        if (decision.Reason != FetchReason.Budget || _told == _budget.Use)
            return;
        _told = _budget.Use;
        facts.Tell(new BudgetSpent(_budget.Use.IsKeyRefused ? "the key is refused" : "the quota is used up", _budget.AllowedAt(now.Wall, setup.Slots.Interval, ExpectedCost, false)));
    }

    /// <summary>Whether its source fails, as its beacons tell the others.</summary>
    public bool IsDegraded => IsEnabled && _plan.IsDegraded;

    /// <summary>How well this node served its slots, 0 to 100.</summary>
    public double Health(Moment now) => _health.Score(now.Wall);

    /// <summary>What is left of the vendor's quota, in thousandths.</summary>
    public int Permille(Moment now) => _budget.Permille(now.Wall);
}
