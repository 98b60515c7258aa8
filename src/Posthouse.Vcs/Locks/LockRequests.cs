namespace Posthouse.Vcs.Locks;

/// <summary>What is to be locked, and for how long.</summary>
/// <param name="Key">The resource.</param>
/// <param name="Lease">The lease, counted from the moment the record is written. From <see cref="LockOptions.MinLease"/> to <see cref="LockOptions.MaxLease"/>.</param>
public sealed record AcquireRequest(ResourceKey Key, TimeSpan Lease)
{
    /// <summary>The branch and commit that the holder starts from, or null.</summary>
    public LockBase? Base { get; init; }

    /// <summary>How often the lock will be renewed by itself, or null. From one second.</summary>
    public TimeSpan? Heartbeat { get; init; }

    /// <summary>Why, for others to read, or null. At most <see cref="LockProtocol.MaxNoteLength"/> characters.</summary>
    public string? Message { get; init; }
}

/// <summary>Which lease is to be moved, and to when.</summary>
/// <param name="Key">The resource.</param>
/// <param name="Lease">The lease from now on; null: the lease that the lock has, which never brings its end nearer.</param>
/// <param name="Adds">Whether <paramref name="Lease"/> is added to the lease's end instead.</param>
/// <param name="LockId">The tenure that is meant; null: the one that this clone holds.</param>
public sealed record RenewRequest(ResourceKey Key, TimeSpan? Lease, bool Adds = false, string? LockId = null)
{
    /// <summary>The end that the lease gets at least, in place of <see cref="Lease"/>: the same however often it is asked for. Null: none is meant.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>What is to be given back.</summary>
/// <param name="Key">The resource.</param>
/// <param name="LockId">The tenure that is meant; null: the one that this clone holds.</param>
public sealed record ReleaseRequest(ResourceKey Key, string? LockId = null);

/// <summary>Which lock is to be taken from its holder.</summary>
/// <param name="Key">The resource.</param>
/// <param name="LockId">The tenure that was seen; a newer one is never broken.</param>
/// <param name="Reason">Why, for its holder to read, or null. At most <see cref="LockProtocol.MaxNoteLength"/> characters.</param>
public sealed record BreakRequest(ResourceKey Key, string LockId, string? Reason = null);
