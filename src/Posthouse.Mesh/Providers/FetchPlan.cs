using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers;

/// <summary>What a provider should do now.</summary>
internal enum FetchAction
{
    /// <summary>Fetch what is wanted.</summary>
    Fetch,

    /// <summary>Look again at <see cref="FetchDecision.At"/>.</summary>
    Wait,

    /// <summary>Nothing more in this slot.</summary>
    Rest,
}

/// <summary>Why.</summary>
internal enum FetchReason
{
    /// <summary>It is this node's turn.</summary>
    Turn,

    /// <summary>Nobody before it has delivered.</summary>
    TakeOver,

    /// <summary>The try before failed, or left assets out.</summary>
    Retry,

    /// <summary>It failed in an earlier slot, and looks whether its source works again.</summary>
    Probe,

    /// <summary>Its turn has not come.</summary>
    NotYet,

    /// <summary>A fetch is under way.</summary>
    UnderWay,

    /// <summary>Enough providers have delivered, this node perhaps among them.</summary>
    Served,

    /// <summary>All tries of this slot failed.</summary>
    GaveUp,

    /// <summary>It has no rank: it is degraded or has no quota.</summary>
    NoRank,

    /// <summary>The vendor's quota does not allow it.</summary>
    Budget,
}

/// <summary>What to do, why, and when to look again.</summary>
internal readonly record struct FetchDecision(FetchAction Action, FetchReason Reason, DateTimeOffset At);

/// <summary>All that a decision depends on beside the plan's own tries.</summary>
internal readonly record struct FetchSituation
{
    /// <summary>The present slot.</summary>
    public required ulong Slot { get; init; }

    /// <summary>Now, by the wall's clock, for slots are the wall's.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>This node's rank; −1: none.</summary>
    public required int Rank { get; init; }

    /// <summary>How many are to fetch in this slot.</summary>
    public required int Redundancy { get; init; }

    /// <summary>How long a backup waits.</summary>
    public required TimeSpan Grace { get; init; }

    /// <summary>Providers that have told each of this node's assets in this slot: of the asset that fewest have told.</summary>
    public required int Served { get; init; }

    /// <summary>When the budget allows a fetch; null: not before somebody changes the key.</summary>
    public required DateTimeOffset? AllowedAt { get; init; }
}

/// <summary>What a provider tells the others after a try.</summary>
internal enum BeaconWish
{
    /// <summary>Nothing new.</summary>
    None,

    /// <summary>That its source fails: at once, so that the next rank does not wait the full grace.</summary>
    Degraded,

    /// <summary>That its source works again.</summary>
    Active,
}

/// <summary>
/// Decides when and whether this provider fetches. It keeps the tries of the present slot and nothing else; the fetch itself is done by
/// whoever asks.
/// </summary>
/// <remarks>
/// A slot's retries are a schedule here and no job: a price is a rumour, and one that is half a minute late is worth nothing. A
/// provider whose first try failed goes on with its tries until others have delivered, though by then it has no rank.
/// </remarks>
internal sealed class FetchPlan(SlotOptions options)
{
    /// <summary>Slots between two looks at a source that has long failed: eight minutes at the usual interval, which no quota feels.</summary>
    public const ulong ProbeEvery = 16;

    private readonly List<AssetKey> _wanted = [];
    private DateTimeOffset _nextTry;
    private ulong _sickSince;
    private int _failures;
    private bool _isUnderWay;
    private bool _isOver;

    /// <summary>The slot that the tries belong to.</summary>
    public ulong Slot { get; private set; }

    /// <summary>What the next try asks for: at first what nobody has told, then what is still missing of it.</summary>
    public IReadOnlyList<AssetKey> Wanted => _wanted;

    /// <summary>Whether the last try failed altogether.</summary>
    public bool IsDegraded { get; private set; }

    /// <summary>Decides; changes nothing.</summary>
    public FetchDecision Decide(in FetchSituation now)
    {
        var isMine = Slot == now.Slot && (_isOver || _failures > 0);
        var nextSlot = SlotRules.StartOf(now.Slot + 1, options.Interval);
        if (_isUnderWay)
        {
            return new(FetchAction.Wait, FetchReason.UnderWay, nextSlot);
        }

        if (isMine && _isOver)
        {
            return new(FetchAction.Rest, _wanted.Count == 0 ? FetchReason.Served : FetchReason.GaveUp, nextSlot);
        }

        if (!isMine && now.Rank < 0)
        {
            return IsDegraded && IsProbe(now.Slot - _sickSince)
                ? Due(now, SlotRules.StartOf(now.Slot, options.Interval) + (options.Interval / 2), FetchReason.Probe, nextSlot)
                : new(FetchAction.Rest, FetchReason.NoRank, nextSlot);
        }

        // What is missing of an own partial answer may come from another as well.
        if (now.Served >= Math.Max(1, now.Redundancy))
        {
            return new(FetchAction.Rest, FetchReason.Served, nextSlot);
        }

        return isMine ? Due(now, _nextTry, FetchReason.Retry, nextSlot) : FirstTry(now, nextSlot);
    }

    /// <summary>A fetch begins.</summary>
    /// <param name="slot">For which slot.</param>
    /// <param name="assets">The assets of this provider that are missing; used for the slot's first try.</param>
    public void Begin(ulong slot, IReadOnlyList<AssetKey> assets)
    {
        if (slot != Slot || (_failures == 0 && !_isOver))
        {
            (Slot, _failures, _isOver) = (slot, 0, false);
            _wanted.Clear();
            _wanted.AddRange(assets);
        }

        _isUnderWay = true;
    }

    /// <summary>Prices came, of all wanted assets or of some; what came is published either way.</summary>
    /// <param name="got">The assets whose prices came.</param>
    /// <param name="now">When.</param>
    /// <param name="fraction">A random number in [0, 1), for jitter.</param>
    public BeaconWish Answered(IReadOnlySet<AssetKey> got, DateTimeOffset now, double fraction)
    {
        var before = _wanted.Count;
        _wanted.RemoveAll(got.Contains);
        if (_wanted.Count == before && before > 0)
        {
            return Failed(mayRetry: true, now, fraction);
        }

        var wish = IsDegraded ? BeaconWish.Active : BeaconWish.None;
        (IsDegraded, _isUnderWay) = (false, false);
        if (_wanted.Count == 0)
        {
            _isOver = true;
        }
        else
        {
            Again(now, fraction);
        }

        return wish;
    }

    /// <summary>The source works and has nothing of a part that was wanted: no failure, and no reason to ask again in this slot.</summary>
    public void HadNone() => (_isUnderWay, _isOver) = (false, true);

    /// <summary>Nothing came.</summary>
    /// <param name="mayRetry">Whether another try in this slot may help; false for a refused key or a spent quota.</param>
    /// <param name="now">When.</param>
    /// <param name="fraction">A random number in [0, 1), for jitter.</param>
    public BeaconWish Failed(bool mayRetry, DateTimeOffset now, double fraction)
    {
        var wish = IsDegraded ? BeaconWish.None : BeaconWish.Degraded;
        _sickSince = IsDegraded ? _sickSince : Slot;
        (IsDegraded, _isUnderWay) = (true, false);
        if (mayRetry)
        {
            Again(now, fraction);
        }
        else
        {
            _isOver = true;
        }

        return wish;
    }

    private static FetchDecision Due(in FetchSituation now, DateTimeOffset turn, FetchReason reason, DateTimeOffset nextSlot)
    {
        if (now.AllowedAt is not { } allowed || allowed >= nextSlot)
        {
            return new(FetchAction.Rest, FetchReason.Budget, nextSlot);
        }

        return now.Now < turn ? new(FetchAction.Wait, FetchReason.NotYet, turn)
            : now.Now < allowed ? new(FetchAction.Wait, FetchReason.Budget, allowed)
            : new(FetchAction.Fetch, reason, now.Now);
    }

    /// <summary>In which slots after its failure a provider without a rank looks whether its source works again: 1, 2, 4, 8, 16 and every 16th.</summary>
    private static bool IsProbe(ulong since) => (since & (since - 1)) == 0 || since % ProbeEvery == 0;

    private FetchDecision FirstTry(in FetchSituation now, DateTimeOffset nextSlot)
    {
        var start = SlotRules.StartOf(now.Slot, options.Interval);
        var turn = SlotRules.TurnOf(options, now.Slot, now.Rank, now.Redundancy, now.Grace);
        return Due(now, start + turn, now.Rank < now.Redundancy ? FetchReason.Turn : FetchReason.TakeOver, nextSlot);
    }

    private void Again(DateTimeOffset now, double fraction)
    {
        _failures++;
        var wait = _failures <= options.Retries.Count ? options.Retries[_failures - 1] * (0.8 + (0.4 * fraction)) : TimeSpan.MaxValue;
        var half = SlotRules.StartOf(Slot, options.Interval) + (options.Interval / 2);
        _isOver = wait == TimeSpan.MaxValue || now + wait > half;
        _nextTry = _isOver ? now : now + wait;
    }
}
