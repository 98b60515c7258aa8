namespace Posthouse.Postgres;

/// <summary>
/// The wall clock of the database server, as seen from here: this machine's own, set right by what the server told at the
/// beginning of each transaction. Machines that share a store agree on leases and times however wrong their own clocks are.
/// </summary>
internal sealed class ServerTime(TimeProvider own) : TimeProvider
{
    private long _offsetTicks;

    /// <inheritdoc/>
    public override long TimestampFrequency => own.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => own.LocalTimeZone;

    /// <summary>The server has just said what time it is there.</summary>
    public void Set(DateTimeOffset server) => Volatile.Write(ref _offsetTicks, (server - own.GetUtcNow()).Ticks);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => own.GetUtcNow().AddTicks(Volatile.Read(ref _offsetTicks));

    /// <inheritdoc/>
    public override long GetTimestamp() => own.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => own.CreateTimer(callback, state, dueTime, period);
}
