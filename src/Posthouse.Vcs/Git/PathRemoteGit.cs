using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Git;

/// <summary>
/// Git of a clone whose remote is a folder, such as a share or a disk that is not always there. Where a folder that worked before
/// is gone, Git says that it is no repository; that is no error in the address then, and the result says so.
/// </summary>
/// <param name="git">Git.</param>
/// <param name="project">The clone.</param>
/// <param name="hasAnswered">Whether the remote is known to have answered before.</param>
internal sealed class PathRemoteGit(IGit git, Project project, Func<Task<bool>> hasAnswered) : IGit
{
    /// <inheritdoc/>
    public async Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken)
    {
        var result = await git.RunAsync(call, cancellationToken);
        return result.ExitCode != 0 && call.Talks && await IsAwayAsync(cancellationToken) ? result with { IsFolderAway = true } : result;
    }

    /// <summary>Whether the clone knows branches of its remote: it was made from it, or fetched from it.</summary>
    public static async Task<bool> WasFetchedAsync(IGit git, Project project, CancellationToken cancellationToken)
    {
        var refs = await git.RunAsync(new GitCall(project.Root, "for-each-ref", "--count=1", $"refs/remotes/{project.Remote}"), cancellationToken);
        return refs.ExitCode == 0 && refs.Output.Length > 0;
    }

    private async Task<bool> IsAwayAsync(CancellationToken cancellationToken) =>
        RemotePlace.Of(project.PushUrl, project.Root) is { Kind: PlaceKind.Folder, IsThere: false }
        && (await WasFetchedAsync(git, project, cancellationToken) || await hasAnswered());
}
