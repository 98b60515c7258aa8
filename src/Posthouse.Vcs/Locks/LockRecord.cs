namespace Posthouse.Vcs.Locks;

/// <summary>What a stored record says about a lock.</summary>
public enum LockState
{
    /// <summary>Somebody has it, perhaps past its expiry: expiry only permits a takeover.</summary>
    Held = 1,

    /// <summary>Its holder gave it back.</summary>
    Released = 2,

    /// <summary>Somebody took it from its holder.</summary>
    Broken = 3,
}

/// <summary>Who claims to have written a record. The remote proves none of it; names are for people, ids decide.</summary>
/// <param name="Name">The Git identity's name.</param>
/// <param name="Email">The Git identity's address.</param>
/// <param name="User">The system's user.</param>
/// <param name="Host">The machine's name.</param>
/// <param name="MachineId">Random, of this machine's store.</param>
/// <param name="CloneId">Random, of this clone.</param>
public sealed record LockOwner(string Name, string Email, string User, string Host, string MachineId, string CloneId)
{
    /// <summary>How the owner is shown: <c>john@laptop</c>.</summary>
    public string Shown => $"{User}@{Host}";

    /// <summary>The same with the name of the Git identity, which tells two people of one machine apart.</summary>
    internal string Named => Name.Length > 0 ? $"{Shown} ({Name})" : Shown;

    /// <summary>Whether two records are of one clone on one machine. Names are never compared.</summary>
    public bool IsSame(LockOwner? other) => other is not null && MachineId == other.MachineId && CloneId == other.CloneId;
}

/// <summary>The branch and commit that the holder had when it locked.</summary>
/// <param name="Branch">The branch's short name.</param>
/// <param name="Commit">Its commit, in full.</param>
public sealed record LockBase(string Branch, string Commit);

/// <summary>The tenure before this one.</summary>
/// <param name="LockId">Its id.</param>
/// <param name="Owner">Whose it was.</param>
public sealed record LockPredecessor(string LockId, LockOwner Owner);

/// <summary>
/// One value of a lock's register. Times are UTC by the writer's clock. Each write has a nonce of its own in <see cref="OpId"/>,
/// so that no two writers ever make the same bytes.
/// </summary>
public sealed record LockRecord
{
    /// <summary>The version of this shape.</summary>
    public const int Version = 1;

    /// <summary>The resource's path, as its first writer spelled it.</summary>
    public required string Path { get; init; }

    /// <summary>What the record says.</summary>
    public required LockState State { get; init; }

    /// <summary>The tenure's id: the same from acquire to release.</summary>
    public required string LockId { get; init; }

    /// <summary>Rises by one with each tenure and each break, and never restarts: the fencing token.</summary>
    public required long Epoch { get; init; }

    /// <summary>Rises by one with each record.</summary>
    public required long Seq { get; init; }

    /// <summary>The operation that wrote this record; the same when it is repeated after a lost answer.</summary>
    public required string OpId { get; init; }

    /// <summary>The holder; after release or break the last one.</summary>
    public required LockOwner Owner { get; init; }

    /// <summary>When the tenure began.</summary>
    public required DateTimeOffset AcquiredAt { get; init; }

    /// <summary>When it was renewed last.</summary>
    public required DateTimeOffset RenewedAt { get; init; }

    /// <summary>The lease, in whole seconds, from 1.</summary>
    public required long TtlSeconds { get; init; }

    /// <summary>When the lease ends.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What the holder started from, or null.</summary>
    public LockBase? Base { get; init; }

    /// <summary>How often a heartbeat renews it, in seconds, or null where none was declared.</summary>
    public long? HeartbeatSeconds { get; init; }

    /// <summary>Why it was taken, in the holder's words, or null.</summary>
    public string? Message { get; init; }

    /// <summary>The tenure before, or null.</summary>
    public LockPredecessor? Previous { get; init; }

    /// <summary>Who broke it, or null.</summary>
    public LockOwner? By { get; init; }

    /// <summary>Why it was broken, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>The program and version that wrote the record.</summary>
    public required string Client { get; init; }
}
