namespace Posthouse.Vcs.Locks;

/// <summary>
/// What time means to a lock. No two machines' clocks agree, so a lease that looks over must also have been seen unchanged for a
/// while before another takes it; and its holder stops counting on it before others may. A wrong judgement costs a lock, never
/// published work: the push is fenced by the record itself.
/// </summary>
internal static class LeaseClock
{
    // A holder of a short lease could never use it if the whole tolerance came off.
    private const int EarlyShare = 4;

    private const double HeartbeatsMissed = 1.5; // One may be late; half an interval more is no accident.

    /// <summary>How a register stands for <paramref name="me"/>.</summary>
    /// <param name="snapshot">The register as it was read.</param>
    /// <param name="now">This machine's time then.</param>
    /// <param name="seenFor">For how long it has been seen in this version here.</param>
    /// <param name="me">Who looks.</param>
    /// <param name="options">The lease rules.</param>
    /// <param name="can">What the store can do.</param>
    public static LockView View(LockSnapshot snapshot, DateTimeOffset now, TimeSpan seenFor, LockOwner me, LockOptions options, LockCapabilities can)
    {
        var view = new LockView(snapshot.Key, snapshot.Version, snapshot.Record, Standing(snapshot)) { ClockOffset = now - snapshot.ServerTime };
        if (snapshot.Record is not { } record)
            return view;
        view = view with { IsMine = me.IsSame(record.Owner) };
        if (record.State != LockState.Held || !can.HasFlag(LockCapabilities.Expiry))
            return view;

        var remaining = record.ExpiresAt - (snapshot.ServerTime ?? now);
        view = view with { Remaining = remaining, Standing = remaining < TimeSpan.Zero ? LockStanding.Expired : LockStanding.Held };
        if (view.IsMine)
            return view with { SafeFor = SafeFor(record, now, snapshot.ServerTime, options) };

        var untilOver = remaining + options.ClockSkewTolerance;
        var untilSure = snapshot.ServerTime is not null && record.HeartbeatSeconds is null ? TimeSpan.Zero : Grace(record, options) - seenFor;
        return view with
        {
            MayTakeOver = untilOver < TimeSpan.Zero && untilSure <= TimeSpan.Zero,
            TakeoverFrom = Later(now, untilOver > untilSure ? untilOver : untilSure),
        };
    }

    /// <summary>A record's lease, within what is sensible whoever wrote it.</summary>
    public static TimeSpan LeaseOf(LockRecord record) => TimeSpan.FromSeconds(Math.Min(record.TtlSeconds, (long)LockOptions.MaxLease.TotalSeconds));

    /// <summary>For how long an expired record must not change before it is taken over.</summary>
    public static TimeSpan Grace(LockRecord record, LockOptions options)
    {
        if (record.HeartbeatSeconds is not { } seconds)
            return options.TakeoverGrace;
        // No interval is longer than the lease that it is to renew, whatever a record claims.
        var missed = Math.Min(seconds, LeaseOf(record).TotalSeconds) * HeartbeatsMissed;
        return TimeSpan.FromSeconds(Math.Max(missed, options.TakeoverGrace.TotalSeconds));
    }

    private static TimeSpan SafeFor(LockRecord record, DateTimeOffset now, DateTimeOffset? serverTime, LockOptions options)
    {
        var share = LeaseOf(record) / EarlyShare;
        var early = options.ClockSkewTolerance < share ? options.ClockSkewTolerance : share;
        var latest = serverTime > now ? serverTime.Value : now;
        return record.ExpiresAt - latest - early;
    }

    private static LockStanding Standing(LockSnapshot snapshot) => snapshot.Record?.State switch
    {
        null => snapshot.Version == VersionToken.Absent ? LockStanding.Free : LockStanding.Unreadable,
        LockState.Held => LockStanding.Held,
        LockState.Released => LockStanding.Released,
        _ => LockStanding.Broken,
    };

    private static DateTimeOffset Later(DateTimeOffset now, TimeSpan by) => DateTimeOffset.MaxValue - now > by ? now + by : DateTimeOffset.MaxValue;
}
