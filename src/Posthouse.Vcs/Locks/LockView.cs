namespace Posthouse.Vcs.Locks;

/// <summary>How a register stands for who looks at it now.</summary>
public enum LockStanding
{
    /// <summary>It was never locked.</summary>
    Free = 0,

    /// <summary>Somebody has it.</summary>
    Held = 1,

    /// <summary>Its holder gave it back.</summary>
    Released = 2,

    /// <summary>Somebody took it from its holder.</summary>
    Broken = 3,

    /// <summary>Somebody has it, and its lease is over: others may take it from <see cref="LockView.TakeoverFrom"/> on.</summary>
    Expired = 4,

    /// <summary>It holds what this version of the program cannot read, and so does not touch.</summary>
    Unreadable = 5,
}

/// <summary>A register as one clone sees it at one moment.</summary>
/// <param name="Key">The resource.</param>
/// <param name="Version">The register's version.</param>
/// <param name="Record">What it holds, or null.</param>
/// <param name="Standing">How it stands.</param>
public sealed record LockView(ResourceKey Key, VersionToken Version, LockRecord? Record, LockStanding Standing)
{
    /// <summary>Whether the record's owner is this clone.</summary>
    public bool IsMine { get; init; }

    /// <summary>What is left of the lease, negative when it is over; null where nobody has it or the store knows no leases.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>For how long this clone, as holder, may still count on it: <see cref="Remaining"/> less the tolerance for clocks, by the
    /// clock that is further ahead. Null for a lock of another.</summary>
    public TimeSpan? SafeFor { get; init; }

    /// <summary>From when on another may take it over, by this machine's clock and if the record does not change until then; null where nobody may.</summary>
    public DateTimeOffset? TakeoverFrom { get; init; }

    /// <summary>Whether another may take it over now: both of the clocks that must agree say so.</summary>
    public bool MayTakeOver { get; init; }

    /// <summary>This machine's clock less the far side's, where that told its time.</summary>
    public TimeSpan? ClockOffset { get; init; }

    /// <summary>Whether another has it, and nobody else may take it now.</summary>
    internal bool IsTaken => IsHeld && !IsMine && !MayTakeOver;

    /// <summary>Whether somebody has it, expired or not.</summary>
    public bool IsHeld => Standing is LockStanding.Held or LockStanding.Expired;
}
