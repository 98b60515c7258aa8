using Microsoft.Extensions.Logging;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Cache;

/// <summary>
/// Writes to a tier behind the back of who accepts prices. Of each provider's price of an asset only the newest waits, so that a tier that
/// comes back after an hour is given what is still newest and nothing else. A price leaves the map when the tier has it: what could not be
/// written stays by itself.
/// </summary>
internal sealed class WriteBehind : IAsyncDisposable
{
    /// <summary>How long the first price waits: what a killed process loses at most, less than the second that is promised.</summary>
    public static readonly TimeSpan FlushAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>So many waiting prices are written at once.</summary>
    public const int FlushAt = 100;

    /// <summary>Prices in one write: one full update, which a shared tier takes within its deadline.</summary>
    public const int MaxBatch = MeshProtocol.MaxPrices;

    /// <summary>Prices that wait at most. What comes beyond is not kept here; once the tier answers it is given everything.</summary>
    public const int MaxWaiting = NewestPrices.MaxPrices;

    /// <summary>How often an idle tier is asked whether it has lost everything, for then nobody else would notice.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    private readonly GuardedTier _tier;
    private readonly NewestPrices _newest;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly Dictionary<(AssetKey Key, NodeId Provider), KeptPrice> _waiting = [];
    private Task _round = Task.CompletedTask;
    private long _oldest;
    private bool _owesAll;
    private bool _isClosed;

    /// <summary>Starts to watch the tier.</summary>
    /// <param name="tier">Where to write.</param>
    /// <param name="newest">Everything, for a tier that has lost it.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="logger">Told of refills and of what was lost at the end.</param>
    public WriteBehind(GuardedTier tier, NewestPrices newest, TimeProvider time, ILogger logger)
    {
        (_tier, _newest, _time, _logger) = (tier, newest, time, logger);
        _timer = time.CreateTimer(_ => StartRound(), null, LookEvery, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Prices that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    /// <summary>For how long the first of them has waited.</summary>
    public TimeSpan Lag
    {
        get
        {
            lock (_lock)
                return _waiting.Count == 0 ? TimeSpan.Zero : _time.GetElapsedTime(_oldest);
        }
    }

    /// <summary>Lets a price wait to be written. Returns at once.</summary>
    public void Offer(KeptPrice price)
    {
        TimeSpan? wait;
        lock (_lock)
        {
            if (_isClosed)
                return;
            wait = Add(price);
        }

        // Outside the lock: a clock of a test fires here.
        if (wait is { } due)
            _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Writes what waits.</summary>
    /// <param name="isLast">Whether there is no later chance.</param>
    /// <returns>Whether all of it was written.</returns>
    public async Task<bool> FlushAsync(bool isLast = false)
    {
        bool isMore;
        do
        {
            var batch = Batch();
            if (await _tier.WriteAsync(batch, isLast) is not { } hasLost)
                return false;
            isMore = Settle(batch, hasLost);
        }
        while (isMore);
        return true;
    }

    /// <summary>Writes what waits, then takes nothing more.</summary>
    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (_lock)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            running = _round;
        }

        await _timer.DisposeAsync();
        await running;
        if (Waiting > 0 && !await FlushAsync(isLast: true))
            _logger.PricesNotWritten(Waiting, _tier.Name);
    }

    /// <summary>Adds a price under the lock. Gives the time of the next round where that changed.</summary>
    private TimeSpan? Add(KeptPrice price)
    {
        var place = (price.Key, price.Provider);
        if (_waiting.TryGetValue(place, out var waiting))
        {
            if (price.Version.CompareTo(waiting.Version) > 0)
                _waiting[place] = price;
            return null;
        }

        if (_waiting.Count >= MaxWaiting)
        {
            _owesAll = true;
            return null;
        }

        _waiting.Add(place, price);
        if (_waiting.Count == 1)
            _oldest = _time.GetTimestamp();
        return _waiting.Count switch
        {
            1 => FlushAfter,
            FlushAt => TimeSpan.Zero,
            _ => null,
        };
    }

    private void StartRound()
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            // A round that runs looks again when it ends.
            if (_isClosed || !_round.IsCompleted)
                return;
            _round = end.Task;
        }

        _ = RunRoundAsync(end);
    }

    private async Task RunRoundAsync(TaskCompletionSource end)
    {
        await FlushAsync();
        lock (_lock)
        {
            end.SetResult();
            if (!_isClosed)
                _timer.Change(_waiting.Count > 0 ? FlushAfter : LookEvery, Timeout.InfiniteTimeSpan);
        }
    }

    private List<KeptPrice> Batch()
    {
        lock (_lock)
            return [.. _waiting.Values.Take(MaxBatch)];
    }

    /// <summary>Takes out what the tier has now, unless something newer has come meanwhile. True where more waits.</summary>
    private bool Settle(List<KeptPrice> batch, bool hasLost)
    {
        lock (_lock)
        {
            foreach (var price in batch)
            {
                if (_waiting.TryGetValue((price.Key, price.Provider), out var waiting) && ReferenceEquals(waiting, price))
                    _waiting.Remove((price.Key, price.Provider));
            }

            _oldest = _time.GetTimestamp();
            _owesAll |= hasLost;
            // Not before, so that it fits: everything is at most what may wait.
            if (_owesAll && _waiting.Count == 0)
                Refill();
            return _waiting.Count > 0;
        }
    }

    private void Refill()
    {
        _owesAll = false;
        var all = _newest.ToList();
        foreach (var price in all)
            Add(price);
        if (all.Count > 0)
            _logger.TierRefilled(_tier.Name, all.Count);
    }
}
