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
        var commits = await AskAsync(new GitCall(site.Project.Root, ["rev-list", .. tips, "--not", "--remotes=" + site.Project.Remote]));
        if (commits.Output.Length == 0) { return 0; }

        // Git knows a file by the bytes of its name, a lock by what they spell: so all changed names are judged here. A commit's own stands before them.
        var changes = await AskAsync(new GitCall(site.Project.Root, "diff-tree", "--stdin", "--root", "-c", "-r", "-z", "--name-only", "--no-renames") { Input = commits.Output });
        var ids = commits.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        var (count, isCounted) = (0, false);
        foreach (var word in changes.Text.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            if (ids.Contains(word)) { isCounted = false; }
            else if (!isCounted && key.Covers(word)) { (count, isCounted) = (count + 1, true); }
        }

        return count;

        async Task<GitResult> AskAsync(GitCall call) => await site.Git.RunAsync(call, cancellationToken) is var answer && answer.ExitCode == 0 ? answer : throw new VcsException(GitFailures.Judge(answer));
    }

    /// <summary>Whether a push of this project waits in the queue: a release that is queued after it never overtakes it.</summary>
    public static async Task<bool> IsQueuedAsync(ProjectSite site) => await site.Store.ReadAsync(read => read.Scalar(
        "SELECT count(*) FROM job WHERE name = 'vcs.push' AND destination = $1 AND state IN ($2, $3)",
        site.Project.Destination, (long)JobState.Pending, (long)JobState.Running)) > 0;
}
