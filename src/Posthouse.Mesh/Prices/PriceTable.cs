using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>
/// The engine's side of the book: takes readings, judges each asset that changed, by a message or by time, and publishes what is served.
/// Owned by the engine's thread, the snapshot aside.
/// </summary>
internal sealed class PriceTable(PriceBookOptions options, MeshFacts facts)
{
    private readonly Dictionary<AssetKey, AssetEntry> _entries = [];
    private readonly ProviderEjection _ejection = new();
    private readonly List<Aggregate> _published = [];
    private readonly List<AssetKey> _changed = [];
    private readonly List<AssetKey> _gone = [];
    private readonly List<NodeId> _back = [];
    private readonly List<Tally> _tallies = [];
    private readonly long[] _outcomes = new long[(int)MergeOutcome.Expired + 1];
    private volatile PriceSnapshot _snapshot = PriceSnapshot.Empty;
    private DateTimeOffset _reviewAt = DateTimeOffset.MaxValue;
    private int _stale;
    private int _staleTold;

    /// <summary>The readings.</summary>
    public PriceMap Map { get; } = new();

    /// <summary>What is served, for anybody.</summary>
    public PriceSnapshot Snapshot => _snapshot;

    /// <summary>Assets that readers see differently since the last message or tick. Valid until the next one.</summary>
    public IReadOnlyList<AssetKey> Changed => _changed;

    /// <summary>What the last message or tick said of providers.</summary>
    public IReadOnlyList<Tally> Tallies => _tallies;

    /// <summary>Providers whose readings do not count for now.</summary>
    public IReadOnlySet<NodeId> Ejected => _ejection.Ejected;

    /// <summary>Readings by what became of them.</summary>
    public long CountOf(MergeOutcome outcome) => _outcomes[(int)outcome];

    /// <summary>Joins a verified message into the map and judges what it changes.</summary>
    /// <param name="update">The message.</param>
    /// <param name="messageId">Its id.</param>
    /// <param name="origin">How it came.</param>
    /// <param name="signed">The message as it came.</param>
    /// <param name="providers">How many providers there are, for the share that may be ejected.</param>
    /// <param name="now">When.</param>
    /// <returns>How many readings are newer than what was held.</returns>
    public int Accept(PriceUpdate update, MessageId messageId, PriceOrigin origin, ReadOnlyMemory<byte> signed, int providers, Moment now)
    {
        Begin();
        var newer = 0;
        foreach (var reading in update.Prices)
        {
            var outcome = reading.ObservedAt < options.Expiry.Of(reading.Key).DropsBefore(now.Wall)
                ? MergeOutcome.Expired
                : Map.Merge(new(reading, update.Provider, update.Stamp, messageId) { Origin = origin, Signed = signed });
            _outcomes[(int)outcome]++;
            if (outcome == MergeOutcome.Newer)
            {
                newer++;
                Judge(EntryOf(reading.Key), now.Wall);
            }
        }

        Finish(providers, now);
        return newer;
    }

    /// <summary>The recent past of an asset.</summary>
    public PriceHistory HistoryOf(AssetKey key) => EntryOf(key).History;

    /// <summary>Judges what time alone changed: readings that are no longer live, prices that grew stale, ejections that ended.</summary>
    public void Tick(int providers, Moment now)
    {
        Begin();
        _ejection.Readmit(now.Steady, _back);
        foreach (var provider in _back)
        {
            facts.Tell(new ProviderReadmitted(provider));
            _reviewAt = DateTimeOffset.MinValue;
        }

        if (now.Wall >= _reviewAt)
        {
            var all = _reviewAt == DateTimeOffset.MinValue;
            _reviewAt = DateTimeOffset.MaxValue;
            foreach (var entry in _entries.Values)
            {
                Review(entry, all, now.Wall);
            }
        }

        _back.Clear();
        Finish(providers, now);
    }

    /// <summary>Assets whose sources disagree.</summary>
    public void ListDiscrepancies(List<AssetEntry> found)
    {
        foreach (var entry in _entries.Values)
        {
            if (entry.Discrepancy is not null)
            {
                found.Add(entry);
            }
        }
    }

    private void Begin()
    {
        _changed.Clear();
        _tallies.Clear();
        _published.Clear();
    }

    private AssetEntry EntryOf(AssetKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            _entries.Add(key, entry = new(key, options.Aggregation.Of(key), options.Expiry.Of(key)));
        }

        return entry;
    }

    private void Review(AssetEntry entry, bool all, DateTimeOffset now)
    {
        if (!all && now < entry.ReviewAt)
        {
            _reviewAt = entry.ReviewAt < _reviewAt ? entry.ReviewAt : _reviewAt;
        }
        else if (Drop(entry, now))
        {
            _gone.Add(entry.Key);
        }
        else
        {
            Judge(entry, now);
        }
    }

    /// <summary>Drops what is older than the asset's prices are kept; true where nothing is left of it.</summary>
    private bool Drop(AssetEntry entry, DateTimeOffset now)
    {
        if (entry.Expiry.DropsBefore(now) is not { } before || !Map.DropBefore(entry.Key, before))
        {
            return false;
        }

        facts.Tell(new PricesExpired(entry.Key, before));
        return Map.ReadingsOf(entry.Key).IsEmpty;
    }

    private void Judge(AssetEntry entry, DateTimeOffset now)
    {
        var readings = Map.ReadingsOf(entry.Key);
        Span<ReadingVerdict> verdicts = stackalloc ReadingVerdict[readings.Length];
        var judgement = Aggregation.Judge(readings, options.Aggregation, entry.Thresholds, _ejection.Ejected, entry.Memory, now, verdicts);
        Count(readings, verdicts);
        TellChanges(entry, judgement);
        var value = judgement.Value with { HideAt = HideAt(entry, judgement.Value), StaleAfter = options.StaleAfter, History = entry.History };
        if (value.DiffersFrom(entry.Value))
        {
            _changed.Add(entry.Key);
            if (!value.IsQuarantined)
            {
                entry.History.Add(new(value.Reading.ObservedAt, value.Price));
            }
        }

        (entry.Value, entry.Memory, entry.Discrepancy) = (value, judgement.Memory, judgement.Discrepancy);
        entry.WantsCrossCheck = judgement.WantsCrossCheck;
        _published.Add(value);
        Schedule(entry, readings, now);
    }

    private void TellChanges(AssetEntry entry, in AssetJudgement judgement)
    {
        if (judgement.Discrepancy is { } pair && !entry.Memory.IsDiscrepant)
        {
            facts.Tell(new PriceDiscrepancy(entry.Key, pair));
        }
        else if (entry.Memory.IsDiscrepant && !judgement.Memory.IsDiscrepant)
        {
            facts.Tell(new DiscrepancyEnded(entry.Key));
        }

        if (judgement.Memory.Jump is { } jump && entry.Memory.Jump is null)
        {
            facts.Tell(new PriceQuarantined(entry.Key, judgement.Value.Price, jump.Price));
        }

        if (judgement.WantsCrossCheck && !entry.WantsCrossCheck)
        {
            facts.Tell(new CrossCheckWanted(entry.Key));
        }
    }

    private void Count(ReadOnlySpan<HeldPrice> readings, ReadOnlySpan<ReadingVerdict> verdicts)
    {
        for (var at = 0; at < readings.Length; at++)
        {
            if (verdicts[at] == ReadingVerdict.None || readings[at].IsJudged)
            {
                continue;
            }

            readings[at].IsJudged = true;
            var provider = readings[at].Provider;
            var place = _tallies.FindIndex(tally => tally.Provider == provider);
            if (place < 0)
            {
                place = _tallies.Count;
                _tallies.Add(new(provider, 0, 0));
            }

            var tally = _tallies[place];
            _tallies[place] = verdicts[at] == ReadingVerdict.Agrees ? tally with { Agrees = tally.Agrees + 1 } : tally with { Outliers = tally.Outliers + 1 };
        }
    }

    /// <summary>Notes when time alone may next change what is served; the instant after the last at which all is as it is.</summary>
    private void Schedule(AssetEntry entry, ReadOnlySpan<HeldPrice> readings, DateTimeOffset now)
    {
        var next = DateTimeOffset.MaxValue;
        foreach (var reading in readings)
        {
            next = Sooner(next, reading.ObservedAt + options.Aggregation.LiveFor + TimeSpan.FromTicks(1), now);
            if (entry.Expiry.Kind == ExpiryKind.Retention)
            {
                next = Sooner(next, reading.ObservedAt + entry.Expiry.BoundedAge + TimeSpan.FromTicks(1), now);
            }
        }

        var staleAt = entry.Value!.Reading.ObservedAt + options.StaleAfter;
        var isStale = now >= staleAt;
        _stale += (isStale ? 1 : 0) - (entry.IsStale ? 1 : 0);
        entry.IsStale = isStale;
        entry.ReviewAt = Sooner(next, staleAt, now);
        _reviewAt = entry.ReviewAt < _reviewAt ? entry.ReviewAt : _reviewAt;
    }

    private static DateTimeOffset Sooner(DateTimeOffset next, DateTimeOffset at, DateTimeOffset now) => at > now && at < next ? at : next;

    private static DateTimeOffset HideAt(AssetEntry entry, Aggregate value) => entry.Expiry.Kind == ExpiryKind.MaxAge
        ? value.Reading.ObservedAt + entry.Expiry.BoundedAge
        : DateTimeOffset.MaxValue;

    private void Finish(int providers, Moment now)
    {
        foreach (var tally in _tallies)
        {
            if (_ejection.Observe(tally.Provider, tally.Agrees, tally.Outliers, providers, now.Steady) is { } lasts)
            {
                facts.Tell(new ProviderEjected(tally.Provider, lasts));
                _reviewAt = DateTimeOffset.MinValue; // all that counted its readings is judged anew at the next tick
            }
        }

        if (_published.Count > 0)
        {
            _snapshot = _snapshot.With(_published);
        }

        Forget();
        if (_stale > _staleTold)
        {
            facts.Tell(new DataWentStale(_stale, now.Wall - _snapshot.Values.Min(value => value.Reading.ObservedAt)));
        }

        _staleTold = _stale;
    }

    private void Forget()
    {
        if (_gone.Count == 0)
        {
            return;
        }

        foreach (var key in _gone)
        {
            _stale -= _entries[key].IsStale ? 1 : 0;
            _entries.Remove(key);
            _changed.Add(key);
        }

        _snapshot = _snapshot.Without(_gone);
        _gone.Clear();
    }
}
