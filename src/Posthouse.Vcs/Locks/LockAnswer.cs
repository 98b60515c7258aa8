namespace Posthouse.Vcs.Locks;

/// <summary>How an operation on a lock ended. Everything that can be expected is here; nothing of it is thrown.</summary>
public abstract record LockAnswer
{
    private LockAnswer()
    {
    }

    /// <summary>Whether what was asked for holds now.</summary>
    public bool IsSuccess => this is Acquired or AlreadyMine or Released or AlreadyReleased or Renewed or Broken or Guarded;

    /// <summary>This clone has it now.</summary>
    /// <param name="Lock">The lock.</param>
    /// <param name="TookOver">The expired record of another that it was taken from, or null.</param>
    /// <param name="ClockWarning">How far this machine's clock is ahead of the far side's, when that is more than is tolerated: others may misjudge the lease.</param>
    public sealed record Acquired(LockView Lock, LockRecord? TookOver = null, TimeSpan? ClockWarning = null) : LockAnswer;

    /// <summary>This clone had it already.</summary>
    /// <param name="Lock">The lock, with a later end where a longer lease was asked for.</param>
    public sealed record AlreadyMine(LockView Lock) : LockAnswer;

    /// <summary>Another has it.</summary>
    /// <param name="Holder">Their record, and from when on it may be taken over.</param>
    public sealed record Conflict(LockView Holder) : LockAnswer;

    /// <summary>The tenure that was meant is over without its holder's doing: broken, or taken over.</summary>
    /// <param name="Now">What the register holds.</param>
    public sealed record Lost(LockView Now) : LockAnswer;

    /// <summary>It was given back.</summary>
    /// <param name="Lock">The register now.</param>
    public sealed record Released(LockView Lock) : LockAnswer;

    /// <summary>It had been given back before.</summary>
    /// <param name="Lock">The register.</param>
    public sealed record AlreadyReleased(LockView Lock) : LockAnswer;

    /// <summary>The lease has a new end.</summary>
    /// <param name="Lock">The lock.</param>
    /// <param name="WasExpired">Whether the lease was over, though nobody had taken it.</param>
    public sealed record Renewed(LockView Lock, bool WasExpired = false) : LockAnswer;

    /// <summary>It was taken from its holder; it is nobody's now.</summary>
    /// <param name="Lock">The register now.</param>
    public sealed record Broken(LockView Lock) : LockAnswer;

    /// <summary>The lock may guard a push with this renewal.</summary>
    /// <param name="Lock">The lock as it stands.</param>
    /// <param name="Renewal">The record that must go out with the branch, in place of <see cref="LockView.Version"/>.</param>
    public sealed record Guarded(LockView Lock, LockRecord Renewal) : LockAnswer;

    /// <summary>The lease of this clone's lock is over by its own cautious reckoning: it has to be renewed before it guards a push.</summary>
    /// <param name="Lock">The lock.</param>
    public sealed record Lapsed(LockView Lock) : LockAnswer;

    /// <summary>The lock that is there is not the one that was named.</summary>
    /// <param name="Now">What the register holds.</param>
    public sealed record Mismatch(LockView Now) : LockAnswer;

    /// <summary>This clone has no such lock, and none was taken from it; for a break: nobody has it.</summary>
    /// <param name="Now">What the register holds.</param>
    public sealed record NotHeld(LockView Now) : LockAnswer;

    /// <summary>Nothing was changed.</summary>
    /// <param name="Failure">Why.</param>
    public sealed record Failed(RemoteFailure Failure) : LockAnswer;

    /// <summary>Nobody knows whether it was done: run the same operation again.</summary>
    /// <param name="Failure">What happened.</param>
    public sealed record Unknown(RemoteFailure Failure) : LockAnswer;
}
