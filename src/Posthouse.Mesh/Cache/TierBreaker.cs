namespace Posthouse.Mesh.Cache;

/// <summary>Whether a tier is asked.</summary>
internal enum TierState
{
    /// <summary>It answers.</summary>
    Closed,

    /// <summary>It is left alone for a while.</summary>
    Open,

    /// <summary>One call tries it.</summary>
    HalfOpen,
}

/// <summary>
/// Leaves a failing tier alone: <see cref="MaxFailures"/> failures within <see cref="Window"/> open it for <see cref="OpenTime"/>, then one
/// call tries; its end decides. Any thread.
/// </summary>
/// <param name="time">The steady clock.</param>
internal sealed class TierBreaker(TimeProvider time)
{
    /// <summary>Failures that open it: one may be chance, and three deadlines together are what a reader would notice.</summary>
    public const int MaxFailures = 3;

    /// <summary>The time within which they count together.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>How long it stays open: a store that starts again takes about so long.</summary>
    public static readonly TimeSpan OpenTime = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Queue<long> _failures = new(MaxFailures);
    private TierState _state;
    private long _opened;

    /// <summary>The state as of the last call.</summary>
    public TierState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    /// <summary>Whether the tier may be asked now. Who is told so must report how it ended, by one of the three below.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_state == TierState.Open && time.GetElapsedTime(_opened) >= OpenTime)
            {
                _state = TierState.HalfOpen;
                return true;
            }

            return _state == TierState.Closed;
        }
    }

    /// <summary>The tier answered. True where that closed it.</summary>
    public bool Succeeded()
    {
        lock (_lock)
        {
            // A late answer to a call from before it opened says nothing about now.
            if (_state == TierState.Open)
                return false;
            _failures.Clear();
            (var was, _state) = (_state, TierState.Closed);
            return was == TierState.HalfOpen;
        }
    }

    /// <summary>The tier failed, or did not answer in time. True where that opened it, not where it stays open.</summary>
    public bool Failed()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_state != TierState.Closed)
            {
                (_state, _opened) = (TierState.Open, now);
                return false;
            }

            while (_failures.TryPeek(out var first) && time.GetElapsedTime(first, now) >= Window)
                _failures.Dequeue();
            _failures.Enqueue(now);
            if (_failures.Count < MaxFailures)
                return false;
            _failures.Clear();
            (_state, _opened) = (TierState.Open, now);
            return true;
        }
    }

    /// <summary>The caller went away before the tier's end was known.</summary>
    public void Abandoned()
    {
        lock (_lock)
        {
            // The next caller may try at once: the open time is over.
            if (_state == TierState.HalfOpen)
                (_state, _opened) = (TierState.Open, time.GetTimestamp() - (long)(OpenTime.TotalSeconds * time.TimestampFrequency));
        }
    }
}
