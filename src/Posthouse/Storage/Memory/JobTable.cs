using System.Diagnostics.CodeAnalysis;
using Posthouse.Jobs;

namespace Posthouse.Storage.Memory;

/// <summary>
/// All rows, with an order for each question that is asked often, as the indexes of a database. Every change goes through
/// <see cref="Put"/> and <see cref="Remove"/>, which note the row before, so that a transaction can be undone.
/// </summary>
internal sealed class JobTable
{
    private readonly SortedDictionary<long, JobRow> _rows = [];
    private readonly Dictionary<JobId, long> _ids = [];
    private readonly Shelf<string, (long Rank, long Seq)> _open = new(StringComparer.Ordinal);
    private readonly Shelf<string, long> _lanes = new(StringComparer.Ordinal);
    private readonly Shelf<(string Name, string Key), long> _keys = new();
    private readonly Shelf<long, long> _behind = new();
    private readonly List<(JobRow? Before, JobRow? After)> _changes = [];
    private long _lastSeq;
    private long _keptSeq;

    /// <summary>Pending rows at gate Time, by their time.</summary>
    public SortedSet<(long At, long Seq)> Due { get; } = [];

    /// <summary>Pending rows that may expire.</summary>
    public SortedSet<(long At, long Seq)> Expiring { get; } = [];

    /// <summary>Running rows, by the end of their lease.</summary>
    public SortedSet<(long At, long Seq)> Leases { get; } = [];

    /// <summary>Done and closed rows, by when they ended.</summary>
    public SortedSet<(long At, long Seq)> Ended { get; } = [];

    public long OpenCount { get; private set; }

    public long OpenBytes { get; private set; }

    public long OpenFileBytes { get; private set; }

    /// <summary>All rows in the order of admission.</summary>
    public IEnumerable<JobRow> All => _rows.Values;

    /// <summary>Destinations with rows at gate Open, in ordinal order.</summary>
    public IEnumerable<string> OpenDestinations => _open.Keys.Order(StringComparer.Ordinal);

    public JobRow this[long seq] => _rows[seq];

    public JobRow? Find(long seq) => _rows.GetValueOrDefault(seq);

    public bool TryFind(JobId id, [NotNullWhen(true)] out JobRow? row)
    {
        row = _ids.TryGetValue(id, out var seq) ? _rows[seq] : null;
        return row is not null;
    }

    /// <summary>The row at gate Open that is next for a destination.</summary>
    public JobRow? NextOpen(string destination) => _open[destination] is { Count: > 0 } rows ? _rows[rows.Min.Seq] : null;

    /// <summary>Pending and running rows of one name with this deduplication key, newest first.</summary>
    public List<JobRow> WithKey(string name, string key) => [.. _keys[(name, key)].Reverse().Select(seq => _rows[seq])];

    /// <summary>Open rows of a lane, newest first.</summary>
    public IEnumerable<JobRow> InLane(string lane) => _lanes[lane].Reverse().Select(seq => _rows[seq]);

    /// <summary>Rows that wait for this one, oldest first.</summary>
    public List<JobRow> Behind(long seq) => [.. _behind[seq].Select(s => _rows[s])];

    public long NextSeq() => ++_lastSeq;

    public void Put(JobRow row)
    {
        var before = _rows.GetValueOrDefault(row.Seq);
        _changes.Add((before, row));
        Exchange(before, row);
    }

    public void Remove(JobRow row)
    {
        _changes.Add((row, null));
        Exchange(row, null);
    }

    public void Keep()
    {
        _changes.Clear();
        _keptSeq = _lastSeq;
    }

    public void Undo()
    {
        for (var i = _changes.Count - 1; i >= 0; i--)
        {
            Exchange(_changes[i].After, _changes[i].Before);
        }

        _changes.Clear();
        _lastSeq = _keptSeq;
    }

    private void Exchange(JobRow? before, JobRow? after)
    {
        if (before is not null)
        {
            Index(before, -1);
            _rows.Remove(before.Seq);
            _ids.Remove(before.Id);
        }

        if (after is not null)
        {
            _rows.Add(after.Seq, after);
            _ids.Add(after.Id, after.Seq);
            Index(after, +1);
        }
    }

    /// <summary>Enters a row wherever it is looked for (+1), or takes it out (-1).</summary>
    private void Index(JobRow row, int sign)
    {
        var draft = row.Draft;
        var isPending = row.State is JobState.Pending;
        var isRunning = row.State is JobState.Running;
        _open.Set(draft.Destination, (-(long)draft.Priority, row.Seq), sign, when: isPending && row.Gate is Gate.Open);
        _lanes.Set(draft.Lane ?? "", row.Seq, sign, when: draft.Lane is not null && row.IsOpen);
        _keys.Set((draft.Name, draft.DeduplicationKey ?? ""), row.Seq, sign, when: draft.DeduplicationKey is not null && (isPending || isRunning));
        Set(Due, row.RunAt, row.Seq, sign, when: isPending && row.Gate is Gate.Time);
        Set(Expiring, row.ExpiresAt ?? 0, row.Seq, sign, when: isPending && row.ExpiresAt is not null);
        Set(Leases, row.LeaseUntil, row.Seq, sign, when: isRunning);
        Set(Ended, row.EndedAt ?? 0, row.Seq, sign, when: !row.IsOpen);
        foreach (var predecessor in row.WaitsFor)
        {
            _behind.Set(predecessor, row.Seq, sign, when: true);
        }

        if (row.IsOpen)
        {
            OpenCount += sign;
            OpenBytes += sign * (long)draft.Bytes;
            OpenFileBytes += sign * row.FileBytes;
        }
    }

    private static void Set(SortedSet<(long At, long Seq)> index, long at, long seq, int sign, bool when)
    {
        if (when && sign > 0)
        {
            index.Add((at, seq));
        }
        else if (when)
        {
            index.Remove((at, seq));
        }
    }

    /// <summary>Sorted places under a key; keys without places take no room.</summary>
    private sealed class Shelf<TKey, TPlace>(IEqualityComparer<TKey>? comparer = null)
        where TKey : notnull
    {
        private static readonly SortedSet<TPlace> s_none = [];
        private readonly Dictionary<TKey, SortedSet<TPlace>> _places = new(comparer);

        public IEnumerable<TKey> Keys => _places.Keys;

        public SortedSet<TPlace> this[TKey key] => _places.GetValueOrDefault(key, s_none);

        public void Set(TKey key, TPlace place, int sign, bool when)
        {
            if (!when)
            {
                return;
            }

            if (sign > 0)
            {
                (_places.TryGetValue(key, out var places) ? places : _places[key] = []).Add(place);
            }
            else if (this[key] is var standing && standing.Remove(place) && standing.Count == 0)
            {
                _places.Remove(key);
            }
        }
    }
}
