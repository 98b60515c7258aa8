namespace Posthouse.Vcs.Heartbeat;

/// <summary>A lock that is to be kept alive.</summary>
/// <param name="CloneId">The clone that holds it.</param>
/// <param name="Resource">The resource's path.</param>
/// <param name="LockId">The tenure.</param>
/// <param name="Since">Since when it is kept.</param>
internal sealed record KeptLock(string CloneId, string Resource, string LockId, DateTimeOffset Since)
{
    /// <summary>The process for whose life it is kept, or null.</summary>
    public WatchedProcess? Process { get; init; }

    /// <summary>How often it is renewed; null: as configured.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>The longest that it is kept; null: as configured.</summary>
    public TimeSpan? MaxHold { get; init; }
}

/// <summary>How keeping a lock goes on.</summary>
/// <param name="Lock">The lock.</param>
/// <param name="DueAt">When it is renewed next.</param>
internal sealed record KeptState(KeptLock Lock, DateTimeOffset DueAt)
{
    /// <summary>When it was renewed last, as far as known.</summary>
    public DateTimeOffset? RenewedAt { get; init; }

    /// <summary>When its lease ends, as far as known.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>How many hundredths of the lease were said to be over without a renewal; 0, 50, 80 or 100.</summary>
    public int Warned { get; init; }

    /// <summary>Renewals that failed in a row.</summary>
    public int Failures { get; init; }

    /// <summary>Why the last one failed, or null.</summary>
    public string? LastError { get; init; }

    /// <summary>Why it is kept no longer; null while it is.</summary>
    public HeartbeatEnd? End { get; init; }
}

/// <summary>Why a lock is kept no longer.</summary>
internal enum HeartbeatEnd
{
    /// <summary>Its holder gave it back, or has another one now.</summary>
    Released = 1,

    /// <summary>Somebody broke it or took it over.</summary>
    Lost = 2,

    /// <summary>The process for which it was kept has ended.</summary>
    ProcessEnded = 3,

    /// <summary>It was kept for as long as is allowed.</summary>
    MaxHold = 4,

    /// <summary>Somebody said so.</summary>
    Stopped = 5,
}

/// <summary>Something that a person may want to hear.</summary>
/// <param name="Kind">What.</param>
/// <param name="Lock">Which lock.</param>
/// <param name="At">When.</param>
/// <param name="Text">One line.</param>
internal sealed record HeartbeatEvent(HeartbeatEventKind Kind, KeptLock Lock, DateTimeOffset At, string Text);

/// <summary>The kinds of events.</summary>
internal enum HeartbeatEventKind
{
    /// <summary>It was renewed.</summary>
    Renewed = 1,

    /// <summary>A renewal failed; said once for each run of failures.</summary>
    Failed = 2,

    /// <summary>Half of the lease, four fifths, or all of it is over without a renewal.</summary>
    Warning = 3,

    /// <summary>It is kept no longer.</summary>
    Ended = 4,

    /// <summary>The machine slept; whatever it held may be another's now.</summary>
    Resumed = 5,
}
