using System.Globalization;
using Posthouse.Jobs;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Hosting;

/// <summary>Work that a release would leave behind: commits of this clone that touch the resource and that no remote branch has.</summary>
internal static class Unpushed
{
    /// <summary>How many such commits there are.</summary>
    /// <exception cref="VcsException">Git could not tell.</exception>
    public static async Task<int> CountAsync(ProjectSite site, ResourceKey key, CancellationToken cancellationToken)
    {
        // Before a branch's first commit there is no HEAD.
        var head = await site.Git.RunAsync(new GitCall(site.Project.Root, "rev-parse", "--verify", "--quiet", "HEAD"), cancellationToken);
        string[] tips = head.ExitCode == 0 ? ["--branches", "HEAD"] : ["--branches"];
        var answer = await site.Git.RunAsync(
            new GitCall(site.Project.Root, ["rev-list", "--count", .. tips, "--not", "--remotes=" + site.Project.Remote, "--", ResourcePath.Pathspec(key)]), cancellationToken);
        return answer.ExitCode == 0 ? int.Parse(answer.Text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture) : throw new VcsException(GitFailures.Judge(answer));
    }

    /// <summary>Whether a push of this project waits in the queue: a release that is queued after it never overtakes it.</summary>
    public static async Task<bool> IsQueuedAsync(ProjectSite site) => await site.Store.ReadAsync(read => read.Scalar(
        "SELECT count(*) FROM job WHERE name = 'vcs.push' AND destination = $1 AND state IN ($2, $3)",
        site.Project.Destination, (long)JobState.Pending, (long)JobState.Running)) > 0;
}
