using Posthouse.Jobs;

namespace Posthouse.AspNetCore.Dashboard.Locks;

/// <summary>
/// What this machine's clones hold or wait for. The room of locks is not known here; whoever composes the program fills this in, and where
/// nobody does, the page says how locks come to be.
/// </summary>
internal interface ILockView
{
    /// <summary>Another number whenever there may be something new. Costs next to nothing to ask.</summary>
    long Version { get; }

    /// <summary>What is known now.</summary>
    /// <exception cref="PosthouseException">The store of it cannot be read.</exception>
    KnownLocks Look();
}

/// <summary>What is known of this machine's locks.</summary>
/// <param name="Held">Locks that are held here, or were and were lost; those that end first come first.</param>
/// <param name="Waiting">Operations on locks that wait, in the order in which they were asked for.</param>
internal sealed record KnownLocks(IReadOnlyList<HeldLock> Held, IReadOnlyList<WaitingOperation> Waiting);

/// <summary>A lock of a clone of this machine.</summary>
/// <param name="Project">What people call the project.</param>
/// <param name="Folder">The clone.</param>
/// <param name="Resource">What is locked.</param>
/// <param name="IsLost">Whether another took or broke it.</param>
/// <param name="Holder">Who has it now, as it was last seen.</param>
/// <param name="Until">When the lease ends; null: not known.</param>
/// <param name="SeenAt">When the remote was last asked.</param>
internal sealed record HeldLock(string Project, string Folder, string Resource, bool IsLost, string? Holder, DateTimeOffset? Until, DateTimeOffset SeenAt);

/// <summary>An operation that waits for a network, a lock or a decision.</summary>
/// <param name="Project">What people call the project.</param>
/// <param name="Folder">The clone.</param>
/// <param name="Id">Its job, in the person's own store.</param>
/// <param name="Title">What is wanted.</param>
/// <param name="State">How far it is.</param>
/// <param name="Holder">Who has the lock that it waits for; null: nobody, or not known.</param>
internal sealed record WaitingOperation(string Project, string Folder, JobId Id, string Title, JobState State, string? Holder);
