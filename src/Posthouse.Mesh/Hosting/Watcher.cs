using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>What a watcher is to be told next.</summary>
internal sealed record WatcherNews
{
    /// <summary>The newest publication that is in it; null: no prices.</summary>
    public long? Number { get; init; }

    /// <summary>Prices, the newest of each asset.</summary>
    public IReadOnlyList<Aggregate> Prices { get; init; } = [];

    /// <summary>The publication, where the prices are exactly its own; null: they are of several.</summary>
    public Publication? Whole { get; init; }

    /// <summary>Publications that were merged into this one because the watcher is slow.</summary>
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
    private NetworkStatus? _status;
    private long? _number;
    private long _first;
    private long _toldAt = time.GetTimestamp();

    /// <summary>Which assets it wants to hear of, and how often at most. Those that it wants and has not heard of come with the next news.</summary>
    /// <param name="wanted">The assets; null: all.</param>
    /// <param name="interval">The least time between two messages.</param>
    /// <param name="values">What is served now.</param>
    public void Subscribe(IReadOnlyList<AssetPattern>? wanted, TimeSpan interval, IEnumerable<Aggregate> values)
    {
        lock (_lock)
        {
            (_assets, _minInterval, _only) = (wanted, interval, null);
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
    public void Begin(IReadOnlyList<Aggregate> missed, long known)
    {
        lock (_lock)
        {
            _first = known;
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
            if (_number is null)
                _first = publication.Number;
            foreach (var value in publication.Changed)
            {
                if (Wants(value.Reading.Key))
                    _pending[value.Reading.Key] = value;
            }

            _number = publication.Number;
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
            var news = new WatcherNews
            {
                Number = _number,
                Prices = [.. _pending.Values],
                Whole = _only,
                Skipped = _number is { } last ? last - _first : 0,
                Status = _status,
                Warnings = [.. _warnings],
            };
            _pending.Clear();
            _warnings.Clear();
            (_only, _status, _number, _toldAt) = (null, null, null, time.GetTimestamp());
            return news;
        }
    }

    /// <summary>Waits until there is something to tell, and as long as the watcher wants to be left alone.</summary>
    /// <param name="most">How long at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether there is something.</returns>
    public async Task<bool> WaitAsync(TimeSpan most, CancellationToken cancellationToken)
    {
        var due = _minInterval - time.GetElapsedTime(Interlocked.Read(ref _toldAt));
        if (due > TimeSpan.Zero)
            await Task.Delay(due, time, cancellationToken);
        using var limit = new CancellationTokenSource(most, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _something.WaitAsync(both.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _something.Dispose();

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
