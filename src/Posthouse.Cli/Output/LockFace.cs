using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Output;

/// <summary>A lock at one moment, with what is said about it: the one reading that the box, the table, the conflict text and the JSON share.</summary>
/// <param name="View">The register as this clone sees it.</param>
/// <param name="Now">The moment it is shown.</param>
internal sealed record LockFace(LockView View, DateTimeOffset Now)
{
    /// <summary>A heartbeat may come late once without anybody wondering.</summary>
    private const double MissedBeats = 2.5;

    /// <summary>When it was read, where what is shown was remembered; null: just now.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>The resource's path as its holder spelled it.</summary>
    public string Path => View.Record?.Path ?? View.Key.Path;

    /// <summary>What the register holds, or null.</summary>
    public LockRecord? Record => View.Record;

    /// <summary>Whether somebody has it and let a promised heartbeat pass.</summary>
    public bool IsStale => View.Standing == LockStanding.Held && View.Record is { HeartbeatSeconds: { } beat } held
        && (FarNow - held.RenewedAt).TotalSeconds > beat * MissedBeats; // As numbers: a record may promise any.

    /// <summary>The moment by the clock that the record's times are nearest to: the far side's where it told it.</summary>
    public DateTimeOffset FarNow => View.ClockOffset is { } offset ? Now - offset : Now;

    /// <summary>The word of JSON. What was never locked counts as released, what nobody here can read as held.</summary>
    public string Word => View.Standing switch
    {
        LockStanding.Held or LockStanding.Unreadable => "held",
        LockStanding.Expired => "expired",
        LockStanding.Broken => "broken",
        _ => "released",
    };
}
