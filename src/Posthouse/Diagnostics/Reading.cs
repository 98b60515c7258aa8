namespace Posthouse.Diagnostics;

/// <summary>
/// Something that costs a look at the store and that several ask for. It is read when somebody asks, at most once a
/// second, and for a hundredth of the time: what takes 100 ms with a million open jobs is read each ten seconds, and what takes very long each thirty.
/// </summary>
/// <param name="read">Reads it.</param>
/// <param name="time">Measures how long that took, and how old it is.</param>
internal sealed class Reading<T>(Func<Task<T>> read, TimeProvider time)
    where T : class
{
    /// <summary>How long a reading is good at least, and one that failed at all: who comes together shares it.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>A reading is kept for so many times as long as it took.</summary>
    public const int Share = 100;

    /// <summary>No reading is kept for longer: one that was slow once must not be told as if it were so still.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>How long a collector that cannot await waits for it; then it goes without.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Look? _last;

    /// <summary>The reading of a moment ago, or a new one; fails as that did.</summary>
    public Task<T> GetAsync()
    {
        lock (_lock)
        {
            return (_last is { } last && !last.IsOver ? last : _last = new Look(read, time)).Value;
        }
    }

    /// <summary>The next question reads anew: something was just changed, and whoever changed it wants to see that.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _last = null;
        }
    }

    /// <summary>The reading, for an instrument that is observed; null: it could not be made in time, or the store is away or closed. Nothing is told rather than something that is not so.</summary>
    public T? Observe()
    {
        try
        {
            return GetAsync() is var reading && reading.Wait(Patience) ? reading.Result : null;
        }
        catch (AggregateException e) when (e.InnerException is PosthouseException or OperationCanceledException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>One reading, and how long it is good.</summary>
    private sealed class Look
    {
        private readonly TimeProvider _time;
        private long _ended;
        private TimeSpan _keep = Fresh;

        public Look(Func<Task<T>> read, TimeProvider time)
        {
            _time = time;
            Value = ReadAsync(read);
        }

        public Task<T> Value { get; }

        public bool IsOver => Value.IsCompleted && _time.GetElapsedTime(_ended) >= _keep;

        private async Task<T> ReadAsync(Func<Task<T>> read)
        {
            var began = _time.GetTimestamp();
            try
            {
                var value = await read().ConfigureAwait(false);
                _keep = TimeSpan.FromTicks(Math.Clamp((_time.GetElapsedTime(began) * Share).Ticks, Fresh.Ticks, Longest.Ticks));
                return value;
            }
            finally
            {
                _ended = _time.GetTimestamp();
            }
        }
    }
}
