using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;

namespace Posthouse.Mesh.Hosting;

/// <summary>Prices that changed at one moment, told to every watcher.</summary>
/// <param name="Number">Its number; the next publication's is one more.</param>
/// <param name="Changed">What changed.</param>
internal sealed record Publication(long Number, IReadOnlyList<Aggregate> Changed)
{
    /// <summary>For how long watchers share what was written for the first of them: most are told at once, and a page's clock is not set finer.</summary>
    private static readonly TimeSpan _shared = TimeSpan.FromMilliseconds(100);

    private PublicationJson? _json;

    /// <summary>When it was accepted, on the steady clock of the engine's loop.</summary>
    public TimeSpan At { get; init; }

    /// <summary>Its JSON, made by the first who needs it and shared by all who are told with him; ages in it are those of its own time.</summary>
    /// <param name="now">The wall's time.</param>
    /// <param name="write">Makes it.</param>
    public PublicationJson Json(DateTimeOffset now, Func<IReadOnlyList<Aggregate>, byte[]> write)
    {
        var made = _json;
        if (made is null || (now - made.At).Duration() > _shared)
            _json = made = new(now, write(Changed));
        return made;
    }
}

/// <summary>A publication as it is sent.</summary>
/// <param name="At">The time from which its ages were counted.</param>
/// <param name="Data">Its prices.</param>
internal sealed record PublicationJson(DateTimeOffset At, byte[] Data);

/// <summary>
/// Tells watchers what changes. On the engine's loop it compares what is served now with what was told last, so it costs nothing where
/// nothing changed and needs no word from the engine; watchers take from their own queues on their own threads.
/// </summary>
internal sealed class PriceFeed(DateTimeOffset start)
{
    /// <summary>How much newer a price of the same value must be to be told: watchers count ages by themselves, and theirs must not drift far.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);

    /// <summary>The least time between two messages on the network's status.</summary>
    public static readonly TimeSpan StatusEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly List<Watcher> _watchers = [];
    private readonly Dictionary<Wire.AssetKey, (Aggregate Value, long Number)> _told = [];
    private readonly List<Aggregate> _changed = [];
    private PriceSnapshot _seen = PriceSnapshot.Empty;
    private NetworkStatus? _status;
    private TimeSpan _statusAt;

    // Numbers of a later start of the node are higher, so that a watcher which comes back is told everything.
    private long _number = start.ToUnixTimeMilliseconds();

    /// <summary>Watchers now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _watchers.Count;
        }
    }

    /// <summary>Begins to tell a watcher. What it missed before is in its queue at once.</summary>
    /// <param name="watcher">The watcher.</param>
    /// <param name="since">The number of the last publication that it has; null: it has nothing.</param>
    /// <returns>The number up to which it is told.</returns>
    public long Join(Watcher watcher, long? since)
    {
        lock (_lock)
        {
            var known = since is { } last && last <= _number ? last : 0;
            watcher.Begin([.. _told.Values.Where(told => told.Number > known).Select(told => told.Value)], _number);
            _watchers.Add(watcher);
            return _number;
        }
    }

    /// <summary>Tells a watcher nothing more.</summary>
    public void Leave(Watcher watcher)
    {
        lock (_lock)
            _watchers.Remove(watcher);
    }

    /// <summary>Looks at what is served now. On the engine's loop.</summary>
    /// <returns>The prices that were told.</returns>
    public IReadOnlyList<Aggregate> Look(PriceSnapshot snapshot, Func<NetworkStatus> status, bool statusChanged, Moment now)
    {
        var told = ReferenceEquals(snapshot, _seen) ? [] : Publish(snapshot, now);
        if (statusChanged)
            _status = status();
        if (_status is { } news && now.Steady >= _statusAt)
        {
            (_status, _statusAt) = (null, now.Steady + StatusEvery);
            Tell(watcher => watcher.Offer(news));
        }

        return told;
    }

    /// <summary>Tells of something that people should know. On the engine's loop.</summary>
    public void Warn(MeshWarning warning) => Tell(watcher => watcher.Offer(warning));

    private IReadOnlyList<Aggregate> Publish(PriceSnapshot snapshot, Moment now)
    {
        _seen = snapshot;
        lock (_lock)
        {
            _changed.Clear();
            foreach (var value in snapshot.Values)
            {
                if (!_told.TryGetValue(value.Reading.Key, out var told) || IsNews(value, told.Value))
                    _changed.Add(value);
            }

            if (_changed.Count == 0)
                return [];
            var publication = new Publication(++_number, [.. _changed]) { At = now.Steady };
            foreach (var value in publication.Changed)
                _told[value.Reading.Key] = (value, publication.Number);
            foreach (var watcher in _watchers)
                watcher.Offer(publication);
            return publication.Changed;
        }
    }

    private static bool IsNews(Aggregate value, Aggregate told) => !ReferenceEquals(value, told)
        && (value.Price != told.Price || value.IsInconsistent != told.IsInconsistent || value.IsQuarantined != told.IsQuarantined
            || value.Reading.ObservedAt - told.Reading.ObservedAt > Renewal);

    private void Tell(Action<Watcher> tell)
    {
        lock (_lock)
        {
            foreach (var watcher in _watchers)
                tell(watcher);
        }
    }
}
