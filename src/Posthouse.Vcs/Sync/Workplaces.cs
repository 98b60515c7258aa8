using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Comments;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Sync;

/// <summary>What a clone's remote is spoken to with. Another backend puts its own in the place of this.</summary>
/// <param name="Locks">The lock store.</param>
/// <param name="Remote">Where branches go.</param>
internal sealed record RemoteTools(ILockStore Locks, IVcsRemote Remote)
{
    /// <summary>See <see cref="Workplace.Fence"/>.</summary>
    public Func<ResourceKey, VersionToken, LockRecord, CancellationToken, Task<PushGuard>>? Fence { get; init; }
}

/// <summary>Makes what a project's remote is spoken to with.</summary>
/// <param name="project">The clone.</param>
/// <param name="me">As whom it writes.</param>
/// <param name="git">Git.</param>
/// <param name="cancellationToken">Ends it.</param>
internal delegate Task<RemoteTools> OpenTools(Project project, LockOwner me, IGit git, CancellationToken cancellationToken);

/// <summary>Opens workplaces by asking Git, and keeps them for as long as the process lives.</summary>
/// <param name="git">Git.</param>
/// <param name="store">The person's store.</param>
/// <param name="book">Where clones are.</param>
/// <param name="pocket">The folder of the person's store, which has the machine's id.</param>
/// <param name="tools">Makes what a project's remote is spoken to with.</param>
/// <param name="options">The lease rules.</param>
/// <param name="time">The clock.</param>
/// <param name="ids">Randomness.</param>
internal sealed class Workplaces(
    IGit git, IStore store, ProjectBook book, string pocket, OpenTools tools, LockOptions options, TimeProvider time, IIds ids) : IWorkplaces
{
    private readonly Dictionary<string, Workplace> _open = new(StringComparer.Ordinal);

    public async Task<Workplace> HereAsync(string folder, string remoteName, CancellationToken cancellationToken)
    {
        var project = await ProjectFinder.FindAsync(git, folder, remoteName, cancellationToken);
        return await KeepAsync(project, cancellationToken);
    }

    public async Task<Workplace> OfCloneAsync(string cloneId, CancellationToken cancellationToken)
    {
        lock (_open)
        {
            if (_open.TryGetValue(cloneId, out var open)) { return open; }
        }

        var known = await book.FindAsync(cloneId) ?? throw Missing(cloneId, null);
        if (!Directory.Exists(known.Root)) { throw Missing(cloneId, known); }

        var project = await ProjectFinder.FindAsync(git, known.Root, known.Remote, cancellationToken);
        // Another clone may stand in that folder now; its branches are none of this operation's.
        return project.CloneId == cloneId ? await KeepAsync(project, cancellationToken) : throw Missing(cloneId, known);
    }

    private async Task<Workplace> KeepAsync(Project project, CancellationToken cancellationToken)
    {
        var me = await Owner.OfAsync(git, project.Root, project.CloneId, MachineId.Of(pocket, ids), cancellationToken);
        lock (_open)
        {
            if (_open.TryGetValue(project.CloneId, out var open) && open.Project == project) { return open; }
        }

        IGit here = RemotePlace.Of(project.PushUrl, project.Root) is { Kind: PlaceKind.Folder } ? new PathRemoteGit(git, project, () => HasAnsweredAsync(project)) : git;
        var with = await tools(project, me, here, cancellationToken);
        var policy = new LockPolicy(with.Locks, new Sightings(store, project.CloneId, time, Durable.BootId()), me, options, time);
        lock (_open)
        {
            return _open[project.CloneId] = new Workplace(project, me, here, with.Locks, policy, with.Remote, new CommentBook(here, project, time, ids)) { Fence = with.Fence };
        }
    }

    private async Task<bool> HasAnsweredAsync(Project project) =>
        (await store.ReadAsync(read => RemoteHealth.Read(read, RemoteHealth.Shown(project.PushUrl)))).WorkedAt is not null;

    private static VcsException Missing(string cloneId, KnownProject? known) => new(new RemoteFailure(FailureCategory.Local, known is null
        ? $"No project here has the id {cloneId} (project_missing)."
        : $"{known.Name} is not at {known.Root} any more (project_missing).")
    {
        Code = VcsErrors.NotAProject,
        Hint = "If it was moved, run a verb such as 'posthouse queue sync' in its new folder; then retry this operation.",
    });
}
