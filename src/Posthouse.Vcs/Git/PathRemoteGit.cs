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
    /// <summary>How Git's own log of a remote's branch begins in a clone; its words are English whatever the language.</summary>
    private const string Cloned = "clone: from ";

    /// <inheritdoc/>
    public async Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken)
    {
        var result = await git.RunAsync(call, cancellationToken);
        return result.ExitCode != 0 && call.Talks && await IsAwayAsync(cancellationToken) ? result with { IsFolderAway = true } : result;
    }

    /// <summary>
    /// Whether the clone knows branches of its remote: it was made from it, or fetched from it. Branches that came from another address,
    /// before this one was set, say nothing of it: it may be a slip of the pen.
    /// </summary>
    public static async Task<bool> WasFetchedAsync(IGit git, Project project, CancellationToken cancellationToken)
    {
        var refs = await git.RunAsync(new GitCall(project.Root, "for-each-ref", "--count=1", $"refs/remotes/{project.Remote}"), cancellationToken);
        if (refs.ExitCode != 0 || refs.Output.Length == 0)
            return false;

        var log = await git.RunAsync(new GitCall(project.Root, "log", "--walk-reflogs", "--format=%gs", $"refs/remotes/{project.Remote}/HEAD"), cancellationToken);
        if (log.Text.Split('\n').LastOrDefault(line => line.StartsWith(Cloned, StringComparison.Ordinal)) is not { } made)
            return true; // Where they came from nobody wrote down.
        var set = await git.RunAsync(new GitCall(project.Root, "config", "--get", $"remote.{project.Remote}.url"), cancellationToken);
        string[] now = [Comparable(set.Text), Comparable(project.PushUrl)];
        return now.Contains(Comparable(made[Cloned.Length..])) || (await FetchedFromAsync(project, cancellationToken)).Any(now.Contains);
    }

    /// <summary>The addresses of the last fetch.</summary>
    private static async Task<IEnumerable<string>> FetchedFromAsync(Project project, CancellationToken cancellationToken)
    {
        var path = Path.Combine(project.GitFolder, "FETCH_HEAD");
        return File.Exists(path) ? (await File.ReadAllLinesAsync(path, cancellationToken)).Select(line => Comparable(line[(line.LastIndexOf(" of ", StringComparison.Ordinal) is > 0 and var of ? of + 4 : 0)..])) : [];
    }

    /// <summary>Git writes an address down without its password, and in one place without its end.</summary>
    private static string Comparable(string address)
    {
        var bare = Secrets.Strip(address.Trim()).TrimEnd('/');
        return bare.EndsWith(".git", StringComparison.Ordinal) ? bare[..^4].TrimEnd('/') : bare;
    }

    private async Task<bool> IsAwayAsync(CancellationToken cancellationToken) =>
        RemotePlace.Of(project.PushUrl, project.Root) is { Kind: PlaceKind.Folder, IsThere: false }
        && (await WasFetchedAsync(git, project, cancellationToken) || await hasAnswered());
}
