namespace Posthouse.Vcs.Locks;

/// <summary>How leases and clocks are treated. All who share a project should have the same.</summary>
public sealed record LockOptions
{
    /// <summary>The longest lease: a year. Longer is no lease but a lock for ever.</summary>
    public static TimeSpan MaxLease { get; } = TimeSpan.FromDays(366);

    /// <summary>The shortest lease: one second, the unit in which it is written.</summary>
    public static TimeSpan MinLease { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The lease where none is asked for. Default 4 h: half a working day.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How far two machines' clocks may differ before a lease is misjudged. Others wait so much longer after its end, and its
    /// holder stops counting on it so much earlier, yet at most a quarter of the lease. Default 5 min: what a machine without time
    /// service drifts in months.</summary>
    public TimeSpan ClockSkewTolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For how long an expired record must be seen unchanged here before it is taken over. Default 60 s; where its holder
    /// declared a heartbeat, one and a half of its intervals if that is longer.</summary>
    public TimeSpan TakeoverGrace { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The program and version that are written into records.</summary>
    public string Client { get; init; } = "posthouse";
}
