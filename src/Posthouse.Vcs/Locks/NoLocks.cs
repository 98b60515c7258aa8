namespace Posthouse.Vcs.Locks;

/// <summary>The store of a project whose locks are turned off: it can do nothing and says so.</summary>
internal sealed class NoLocks : ILockStore
{
    /// <summary>What every verb about locks is told.</summary>
    public static RemoteFailure Failure { get; } = new(FailureCategory.ClientBug, "Locks are turned off here: Locks:Backend is none.")
    {
        Code = VcsErrors.LocksOff,
        Hint = "'posthouse config set Locks:Backend auto' turns them on.",
    };

    /// <inheritdoc/>
    public LockCapabilities Capabilities => LockCapabilities.None;

    /// <inheritdoc/>
    public ValueTask<LockSnapshot> ReadAsync(ResourceKey key, CancellationToken cancellationToken) => throw new VcsException(Failure);

    /// <inheritdoc/>
    public IAsyncEnumerable<LockSnapshot> ListAsync(CancellationToken cancellationToken) => throw new VcsException(Failure);

    /// <inheritdoc/>
    public ValueTask<CasOutcome> CompareAndSwapAsync(ResourceKey key, VersionToken expected, LockRecord next, CancellationToken cancellationToken) =>
        new(new CasOutcome.Refused(Failure));
}
