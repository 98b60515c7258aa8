using System.Text.Json;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// A repository that was made before its first push has a HEAD of its own, and Git's name for first branches differs from version to
/// version: where HEAD names a branch that never comes, every clone is empty. It can only be set where the repository is.
/// </summary>
internal static class DanglingHead
{
    /// <summary>What is to be said after a push, if anything. Only a branch that was new is worth the question.</summary>
    /// <param name="site">Where it was pushed from.</param>
    /// <param name="branch">The branch.</param>
    /// <param name="result">What the push found.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public static async Task<string[]> WarningsAsync(ProjectSite site, string branch, OperationResult result, CancellationToken cancellationToken)
    {
        if (result.Detail is null || !WasNew(result.Detail)) { return []; }

        var asked = await site.Git.RunAsync(new GitCall(site.Project.Root, "ls-remote", "--", site.Project.PushUrl, "HEAD") { Talks = true }, cancellationToken);
        if (asked.ExitCode != 0 || asked.Text.Trim().Length > 0) { return []; }

        var place = RemotePlace.Of(site.Project.PushUrl, site.Project.Root);
        var there = place is { Kind: PlaceKind.Folder } ? $"'git -C \"{place.Host}\" symbolic-ref HEAD refs/heads/{branch}' mends it" : $"'git symbolic-ref HEAD refs/heads/{branch}', said in it, mends it";
        return [$"The remote repository's own HEAD names a branch that is not there, so whoever clones it now gets an empty folder: {there}. In a clone that is empty already say 'git switch {branch}'."];
    }

    private static bool WasNew(string detail)
    {
        using var document = JsonDocument.Parse(detail);
        return document.RootElement.TryGetProperty("before", out var before) && before.ValueKind == JsonValueKind.Null;
    }
}
