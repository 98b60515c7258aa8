using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>What a watcher is to be told next.</summary>
internal sealed record WatcherNews
{
    /// <summary>The newest publication that is in it, or that was told before.</summary>
    public required long Number { get; init; }

    /// <summary>Prices, the newest of each asset.</summary>
    public IReadOnlyList<Aggregate> Prices { get; init; } = [];

    /// <summary>The publication, where the prices are exactly its own; null: they are of several.</summary>
    public Publication? Whole { get; init; }

    /// <summary>When the newest of the prices was accepted, on the steady clock of the engine's loop; null: this watcher wanted to wait.</summary>
    public TimeSpan? At { get; init; }

    /// <summary>Publications since the last that was told which are merged into this one, or had nothing for this watcher.</summary>
    public long Skipped { get; init; }

    /// <summary>The network's status; null: it has not changed.</summary>
    public NetworkStatus? Status { get; init; }

    /// <summary>Warnings, oldest first.</summary>
    public IReadOnlyList<MeshWarning> Warnings { get; init; } = [];
}

/// <summary>
/// What one watcher has not been told yet: of each asset the newest price, the newest status, some warnings. No queue grows with the time
/// that a watcher does not read: it skips what was overtaken, and hears how much that was.
/// </summary>
internal sealed class Watcher(IReadOnlyList<AssetPattern>? assets, TimeSpan minInterval, TimeProvider time) : IDisposable
{
    /// <summary>Warnings that wait at most; the oldest goes, for what lasts is told again by the status.</summary>
    public const int MaxWarnings = 64;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _something = new(0, 1);
    private readonly Dictionary<AssetKey, Aggregate> _pending = [];
    private readonly Queue<MeshWarning> _warnings = new();
    private IReadOnlyList<AssetPattern>? _assets = assets;
    private TimeSpan _minInterval = minInterval;
    private Publication? _only;
    private TimeSpan? _at;
    private NetworkStatus? _status;
    private long? _number;
    private long _told;
    private long? _toldAt;

    /// <summary>Which assets it wants to hear of, and how often at most. Those that it wants and has not heard of come with the next news.</summary>
    /// <param name="wanted">The assets; null: all.</param>
    /// <param name="interval">The least time between two messages.</param>
    /// <param name="values">What is served now.</param>
    public void Subscribe(IReadOnlyList<AssetPattern>? wanted, TimeSpan interval, IEnumerable<Aggregate> values)
    {
        lock (_lock)
        {
            // Who has just said what it wants waits for nothing.
            (_assets, _minInterval, _only, _toldAt) = (wanted, interval, null, null);
            foreach (var key in _pending.Keys.Where(key => !Wants(key)).ToArray())
                _pending.Remove(key);
            foreach (var value in values)
            {
                if (Wants(value.Reading.Key))
                    _pending[value.Reading.Key] = value;
            }
        }

        Wake();
    }

    /// <summary>Takes what the watcher missed before it came.</summary>
    /// <param name="missed">That.</param>
    /// <param name="number">The number of the last publication that is in it.</param>
    public void Begin(IReadOnlyList<Aggregate> missed, long number)
    {
        lock (_lock)
        {
            _told = number;
            foreach (var value in missed)
            {
                if (Wants(value.Reading.Key))
                    _pending[value.Reading.Key] = value;
            }
        }
    }

    /// <summary>Takes prices.</summary>
    public void Offer(Publication publication)
    {
        lock (_lock)
        {
            _only = _number is null && _pending.Count == 0 && _assets is null ? publication : null;
            foreach (var value in publication.Changed)
            {
                if (Wants(value.Reading.Key))
                    _pending[value.Reading.Key] = value;
            }

            (_number, _at) = (publication.Number, publication.At);
            if (_pending.Count == 0)
                return;
        }

        Wake();
    }

    /// <summary>Takes the network's status.</summary>
    public void Offer(NetworkStatus status)
    {
        lock (_lock)
            _status = status;
        Wake();
    }

    /// <summary>Takes a warning.</summary>
    public void Offer(MeshWarning warning)
    {
        lock (_lock)
        {
            if (_warnings.Count == MaxWarnings)
                _warnings.Dequeue();
            _warnings.Enqueue(warning);
        }

        Wake();
    }

    /// <summary>Takes what waits now, which may be nothing.</summary>
    public WatcherNews Take()
    {
        lock (_lock)
        {
            var news = new WatcherNews { Number = _told, Status = _status, Warnings = [.. _warnings] };
            _warnings.Clear();
            _status = null;
            if (_pending.Count == 0 || PricesWait() > TimeSpan.Zero)
                return news;
            // What was published without anything for this watcher explains a gap in its numbers, too.
            var number = _number ?? _told;
            news = news with { Number = number, Prices = [.. _pending.Values], Whole = _only, At = _minInterval > TimeSpan.Zero ? null : _at, Skipped = Math.Max(0, number - _told - 1) };
            _pending.Clear();
            (_only, _at, _number, _told, _toldAt) = (null, null, null, number, time.GetTimestamp());
            return news;
        }
    }

    /// <summary>Waits until there is something to tell; prices wait until the watcher wants to hear of them again, all else does not.</summary>
    /// <param name="most">How long at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether there is something.</returns>
    public async Task<bool> WaitAsync(TimeSpan most, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            if (IsDue() is not { } due)
                return true;
            var left = most - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
                return false;
            using var limit = new CancellationTokenSource(due < left ? due : left, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                await _something.WaitAsync(both.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // It is time for the prices that wait, or for nothing at all.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _something.Dispose();

    /// <summary>Null: there is something to tell now; else when there may be by time alone.</summary>
    private TimeSpan? IsDue()
    {
        lock (_lock)
        {
            var wait = _pending.Count == 0 ? TimeSpan.MaxValue : PricesWait();
            return _status is not null || _warnings.Count > 0 || wait <= TimeSpan.Zero ? null : wait;
        }
    }

    private TimeSpan PricesWait() => _toldAt is { } at ? _minInterval - time.GetElapsedTime(at) : TimeSpan.Zero;

    private bool Wants(AssetKey key) => _assets is null || _assets.Any(pattern => pattern.Matches(key));

    private void Wake()
    {
        lock (_lock)
        {
            if (_something.CurrentCount == 0)
                _something.Release();
        }
    }
}
