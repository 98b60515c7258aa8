namespace Posthouse.Vcs.Locks;

/// <summary>
/// One compare-and-swap register for each resource. It decides races and nothing else: who may take what when is
/// <c>LockPolicy</c>'s, once, for every store.
/// </summary>
public interface ILockStore
{
    /// <summary>What this store can do.</summary>
    LockCapabilities Capabilities { get; }

    /// <summary>Reads one register.</summary>
    /// <exception cref="VcsException">It could not be read.</exception>
    ValueTask<LockSnapshot> ReadAsync(ResourceKey key, CancellationToken cancellationToken);

    /// <summary>Reads all registers that were ever written.</summary>
    /// <exception cref="VcsException">They could not be read.</exception>
    IAsyncEnumerable<LockSnapshot> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes a record if the register still has the expected version. Repeated with the same <see cref="LockRecord.OpId"/> it
    /// writes the very same value, and an answer that was lost the first time becomes <see cref="CasOutcome.Won"/>.
    /// </summary>
    ValueTask<CasOutcome> CompareAndSwapAsync(ResourceKey key, VersionToken expected, LockRecord next, CancellationToken cancellationToken);
}

/// <summary>What a store can do. What it cannot do is said to the person, never hidden.</summary>
[Flags]
public enum LockCapabilities
{
    /// <summary>Nothing beyond reading and writing.</summary>
    None = 0,

    /// <summary>The far side decides races.</summary>
    AtomicCas = 1,

    /// <summary>A branch and a lock can be written in one transaction.</summary>
    Fencing = 2,

    /// <summary>Answers carry the far side's time.</summary>
    ServerClock = 4,

    /// <summary>Records expire.</summary>
    Expiry = 8,

    /// <summary>Single paths can be locked, not only the whole project.</summary>
    Paths = 16,

    /// <summary>The far side proves who holds a lock.</summary>
    ServerIdentity = 32,

    /// <summary>A held lock can be renewed.</summary>
    Renewal = 64,
}

/// <summary>A register's version: a commit's name, a file's number. Null where the register was never written.</summary>
/// <param name="Value">The version, opaque.</param>
public readonly record struct VersionToken(string? Value)
{
    /// <summary>The version of a register that was never written.</summary>
    public static VersionToken Absent => default;
}

/// <summary>A register as it was read.</summary>
/// <param name="Key">The resource.</param>
/// <param name="Version">Its version.</param>
/// <param name="Record">What it holds; null when it was never written, or holds what nobody here can read.</param>
/// <param name="ServerTime">The far side's time in that answer, where it told it.</param>
public sealed record LockSnapshot(ResourceKey Key, VersionToken Version, LockRecord? Record, DateTimeOffset? ServerTime = null);

/// <summary>How a compare-and-swap ended.</summary>
public abstract record CasOutcome
{
    private CasOutcome()
    {
    }

    /// <summary>The record is there.</summary>
    /// <param name="Version">The register's version now.</param>
    /// <param name="ServerTime">The far side's time, where it told it.</param>
    /// <param name="Written">What stands there, where it is not the very record that was given: an earlier try of the same operation
    /// wrote it, or the far side named the lock itself.</param>
    public sealed record Won(VersionToken Version, DateTimeOffset? ServerTime = null, LockRecord? Written = null) : CasOutcome;

    /// <summary>Another was first.</summary>
    /// <param name="Now">What the register holds.</param>
    public sealed record Lost(LockSnapshot Now) : CasOutcome;

    /// <summary>Nobody knows: repeat it with the same operation.</summary>
    /// <param name="Failure">What happened.</param>
    public sealed record Unknown(RemoteFailure Failure) : CasOutcome;

    /// <summary>Nothing was written.</summary>
    /// <param name="Failure">Why.</param>
    public sealed record Refused(RemoteFailure Failure) : CasOutcome;
}
