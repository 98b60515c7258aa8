using Posthouse.Vcs.Comments;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Sync;

/// <summary>Everything an operation of one clone works with.</summary>
/// <param name="Project">The clone.</param>
/// <param name="Me">As whom it writes.</param>
/// <param name="Git">The machine's Git.</param>
/// <param name="Locks">Where the clone's remote keeps locks.</param>
/// <param name="Policy">Who may take what when.</param>
/// <param name="Remote">Where branches go to and come from.</param>
/// <param name="Comments">The clone's comments.</param>
internal sealed record Workplace(Project Project, LockOwner Me, IGit Git, ILockStore Locks, LockPolicy Policy, IVcsRemote Remote, CommentBook Comments)
{
    /// <summary>Builds the record that goes out with a branch in place of a version; null where the remote cannot tie a branch to a lock.</summary>
    public Func<ResourceKey, VersionToken, LockRecord, CancellationToken, Task<PushGuard>>? Fence { get; init; }
}

/// <summary>Opens the workplace of a clone.</summary>
internal interface IWorkplaces
{
    /// <summary>The workplace around a folder.</summary>
    /// <param name="folder">Any folder of the work tree.</param>
    /// <param name="remoteName">The remote's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="PosthouseException">NOT_A_PROJECT, NO_REMOTE, REMOTE_UNSUPPORTED or GIT_MISSING.</exception>
    Task<Workplace> HereAsync(string folder, string remoteName, CancellationToken cancellationToken);

    /// <summary>The workplace of a clone that an operation names by its id alone.</summary>
    /// <exception cref="PosthouseException">NOT_A_PROJECT: the clone is not where it was last seen; or as above.</exception>
    Task<Workplace> OfCloneAsync(string cloneId, CancellationToken cancellationToken);
}
