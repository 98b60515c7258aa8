using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Providers;

/// <summary>Providers that hear each other after 200 ms and fetch in 300 ms, driven by their plans alone, in steps of 50 ms.</summary>
internal sealed class SlotMesh(int providers, SlotOptions? options = null)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Fetching = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Travel = TimeSpan.FromMilliseconds(200);

    private readonly SlotOptions _options = options ?? new();
    private readonly List<(DateTimeOffset At, int By, ulong Slot, bool IsBeacon, bool IsDegraded)> _onTheWay = [];
    private readonly List<(DateTimeOffset At, int By)> _fetching = [];
    private readonly FetchPlan[] _plans = [.. Enumerable.Range(0, providers).Select(_ => new FetchPlan(options ?? new()))];
    private readonly HashSet<int> _saidDegraded = [];
    private readonly Dictionary<ulong, List<int>> _served = [];

    /// <summary>Providers whose process is gone.</summary>
    public HashSet<int> Crashed { get; } = [];

    /// <summary>Providers whose source fails.</summary>
    public HashSet<int> Failing { get; } = [];

    /// <summary>Fetches by slot: who began them and when.</summary>
    public Dictionary<ulong, List<(int By, TimeSpan After)>> Fetches { get; } = [];

    public DateTimeOffset Now { get; private set; } = OneNode.Noon;

    public ulong Slot => SlotRules.SlotOf(Now, _options.Interval);

    /// <summary>Who has which rank now, as everybody sees it.</summary>
    public List<SlotCandidate> Ranks(out int able)
    {
        List<SlotCandidate> candidates = [.. Enumerable.Range(0, providers).Select(n => new SlotCandidate(OneNode.Id(n), 64, _saidDegraded.Contains(n)))];
        able = Rendezvous.Sort(candidates, Rendezvous.Occasion(Slot, 0));
        return candidates;
    }

    public int FirstOf(int rank) => Enumerable.Range(0, providers).Single(n => OneNode.Id(n) == Ranks(out _)[rank].Id);

    public void Run(TimeSpan time)
    {
        for (var end = Now + time; Now < end; Now += Step)
        {
            Arrive();
            Complete();
            var sorted = Ranks(out var able);
            for (var n = 0; n < providers; n++)
            {
                if (!Crashed.Contains(n))
                {
                    Consider(n, sorted, able);
                }
            }
        }
    }

    private void Arrive()
    {
        foreach (var (_, by, slot, isBeacon, isDegraded) in _onTheWay.Where(message => message.At <= Now))
        {
            if (!isBeacon)
            {
                Of(_served, slot).Add(by);
            }
            else if (isDegraded)
            {
                _saidDegraded.Add(by);
            }
            else
            {
                _saidDegraded.Remove(by);
            }
        }

        _onTheWay.RemoveAll(message => message.At <= Now);
    }

    private void Complete()
    {
        foreach (var (_, by) in _fetching.Where(fetch => fetch.At <= Now).ToList())
        {
            _fetching.RemoveAll(fetch => fetch.By == by);
            if (Crashed.Contains(by))
            {
                continue;
            }

            var wish = Failing.Contains(by)
                ? _plans[by].Failed(mayRetry: true, Now, 0.5)
                : _plans[by].Answered(new HashSet<AssetKey> { OneNode.Btc }, Now, 0.5);
            if (!Failing.Contains(by))
            {
                _onTheWay.Add((Now + Travel, by, _plans[by].Slot, false, false));
            }

            if (wish != BeaconWish.None)
            {
                _onTheWay.Add((Now + Travel, by, 0, true, wish == BeaconWish.Degraded));
            }
        }
    }

    private void Consider(int n, List<SlotCandidate> sorted, int able)
    {
        var decision = _plans[n].Decide(new()
        {
            Slot = Slot,
            Now = Now,
            Rank = Rendezvous.RankOf(sorted, able, OneNode.Id(n)),
            Redundancy = SlotRules.RedundancyOf(_options, Slot, able, inDoubt: false),
            Grace = SlotRules.GraceOf(_options, Travel),
            Served = Of(_served, Slot).Distinct().Count(),
            AllowedAt = Now,
        });
        if (decision.Action == FetchAction.Fetch)
        {
            Of(Fetches, Slot).Add((n, Now - SlotRules.StartOf(Slot, _options.Interval)));
            _plans[n].Begin(Slot, [OneNode.Btc]);
            _fetching.Add((Now + Fetching, n));
        }
    }

    private static List<T> Of<T>(Dictionary<ulong, List<T>> all, ulong slot) => all.TryGetValue(slot, out var some) ? some : all[slot] = [];
}
