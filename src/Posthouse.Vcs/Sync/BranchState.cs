using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Sync;

/// <summary>What the clone's branches are at this moment.</summary>
internal sealed class BranchState(IGit git, Project project)
{
    /// <summary>The branch of the work tree, or null where none is checked out.</summary>
    public async Task<string?> CurrentAsync(CancellationToken cancellationToken) =>
        await OneLineAsync(cancellationToken, "symbolic-ref", "--short", "--quiet", "HEAD");

    /// <summary>A branch's commit, or null where there is no such branch yet.</summary>
    public async Task<string?> TipAsync(string branch, CancellationToken cancellationToken) =>
        await OneLineAsync(cancellationToken, "rev-parse", "--verify", "--quiet", "--end-of-options", $"refs/heads/{branch}^{{commit}}");

    /// <summary>What a lock's holder starts from: the named branch or the present one; null without a commit.</summary>
    public async Task<LockBase?> BaseAsync(string? branch, CancellationToken cancellationToken) =>
        (branch ?? await CurrentAsync(cancellationToken)) is { } name && await TipAsync(name, cancellationToken) is { } tip ? new LockBase(name, tip) : null;

    /// <summary>Whether one commit is another or comes before it; false also where either is not here.</summary>
    public async Task<bool> IsWithinAsync(string commit, string tip, CancellationToken cancellationToken) =>
        commit == tip || (await git.RunAsync(new GitCall(project.Root, "merge-base", "--is-ancestor", commit, tip), cancellationToken)).ExitCode == 0;

    /// <summary>
    /// Why what is here is not the newest, or null: the remote's branch of that name has commits that are not here; where it has none,
    /// or no branch is checked out, its default branch has. What cannot be compared is not taken for new.
    /// </summary>
    /// <param name="branch">The branch that is worked on; null: what is checked out.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="VcsException">The remote could not be asked.</exception>
    public async Task<RemoteFailure?> StalenessAsync(string? branch, CancellationToken cancellationToken)
    {
        var (name, refs) = (branch ?? await CurrentAsync(cancellationToken), new RemoteRefs(git, project));
        var mine = name is null ? await OneLineAsync(cancellationToken, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") : await TipAsync(name, cancellationToken);
        if (name is not null && await refs.FindAsync("refs/heads/" + name, cancellationToken) is { } theirs)
        {
            return await HasAsync(theirs) ? null : Behind(name, $"Say 'posthouse pull{(branch is null ? "" : " --branch " + branch)}' first");
        }

        var all = await refs.DefaultAsync(cancellationToken);
        if (all.Commit is { } newest)
        {
            return await HasAsync(newest) ? null : Behind(all.Name ?? "default branch", $"Take its commits in first ('git fetch', then 'git rebase {newest[..12]}')");
        }

        return !all.HasBranches ? null : new RemoteFailure(FailureCategory.Diverged,
            $"Nobody can tell whether this is the newest: the remote {(name is null ? "" : $"has no branch '{name}' and ")}names no default branch to compare it with.")
        {
            Hint = "Name the branch you work on with --branch NAME, or lock all the same with --allow-stale.",
        };

        async Task<bool> HasAsync(string commit) => mine is not null && await IsWithinAsync(commit, mine, cancellationToken);
    }

    /// <summary>Whether the remote's branch has a commit, perhaps below what came later.</summary>
    /// <exception cref="VcsException">The remote could not be asked.</exception>
    public Task<bool> IsThereAsync(string branch, string commit, CancellationToken cancellationToken) =>
        new RemoteRefs(git, project).HasAsync("refs/heads/" + branch, commit, cancellationToken);

    /// <summary>Paths that a push would change on the remote: of each commit that it has not, what differs from all of its parents.</summary>
    /// <param name="branch">The branch.</param>
    /// <param name="tip">What is pushed.</param>
    /// <param name="replaced">The commit in whose place it goes, where it need not follow it; else null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="VcsException">The remote could not be asked, or Git could not tell.</exception>
    public async Task<IReadOnlyList<string>> ChangedAsync(string branch, string tip, string? replaced, CancellationToken cancellationToken)
    {
        string[] names = ["-r", "-z", "--name-only", "--no-renames"];
        if (replaced is not null) { return await PathsAsync(new GitCall(project.Root, ["diff-tree", .. names, replaced, tip])); }

        var theirs = await new RemoteRefs(git, project).FindAsync("refs/heads/" + branch, cancellationToken);
        string[] has = theirs is null ? [] : [theirs];
        var commits = await SureAsync(new GitCall(project.Root, ["rev-list", "--ignore-missing", tip, "--not", "--remotes=" + project.Remote, .. has]));
        return await PathsAsync(new GitCall(project.Root, ["diff-tree", "--stdin", "--root", "--no-commit-id", "-c", .. names]) { Input = commits.Output });

        async Task<IReadOnlyList<string>> PathsAsync(GitCall call) => [.. (await SureAsync(call)).Text.Split('\0', StringSplitOptions.RemoveEmptyEntries).Distinct()];

        async Task<GitResult> SureAsync(GitCall call) => await git.RunAsync(call, cancellationToken) is { ExitCode: 0 } done
            ? done
            : throw new VcsException(new RemoteFailure(FailureCategory.Local, "Git could not tell what this push changes, so nobody knows whether others have it locked."));
    }

    private static RemoteFailure Behind(string branch, string first) => new(
        FailureCategory.Diverged, $"The remote's {branch} is ahead of what is here; a lock on old content would not protect the new one.")
    { Hint = first + ", or lock all the same with --allow-stale." };

    private async Task<string?> OneLineAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var result = await git.RunAsync(new GitCall(project.Root, arguments), cancellationToken);
        return result.ExitCode == 0 && result.Text.Trim() is { Length: > 0 } line ? line : null;
    }
}
