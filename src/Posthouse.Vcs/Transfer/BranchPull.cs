using System.Globalization;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Transfer;

/// <summary>
/// Fetches a branch and moves the local one: forwards, or with local commits put on top where no file was changed on both sides.
/// It never merges, for two versions of a binary file cannot be, and never touches work that is only here: what would be
/// overwritten is named, with the next step, and nothing is changed.
/// </summary>
internal sealed class BranchPull(IGit git, Project project)
{
    private readonly WorkTree _tree = new(git, project);

    /// <summary>Fetches and moves.</summary>
    /// <exception cref="VcsException">The local store could not be read.</exception>
    public async Task<PullOutcome> RunAsync(PullRequest request, CancellationToken cancellationToken)
    {
        var (local, tracking) = ("refs/heads/" + request.Branch, $"refs/remotes/{project.Remote}/{request.Branch}");
        var call = new GitCall(project.Root, "fetch", "--progress", "--no-tags", "--no-recurse-submodules", "--", project.Remote, $"+{local}:{tracking}")
        {
            Talks = true,
            Timeout = null,
            OnProgress = request.OnProgress,
        };
        var fetched = await git.RunAsync(call, cancellationToken);
        if (fetched.ExitCode != 0)
            return new PullOutcome.Failed(IsLacking(fetched) ? await LackingAsync(request.Branch, cancellationToken) : GitFailures.Judge(fetched));
        var to = await CommitAsync(tracking, cancellationToken) ?? throw new VcsException(new RemoteFailure(FailureCategory.Local, $"{tracking} is not there after it was fetched."));
        var from = await CommitAsync(local, cancellationToken);
        if (from == to || (from is not null && await IsAncestorAsync(to, from, cancellationToken)))
            return new PullOutcome.UpToDate();
        var head = await git.RunAsync(new GitCall(project.Root, "symbolic-ref", "--quiet", "HEAD"), cancellationToken);
        var isHere = head.ExitCode == 0 && head.Text.TrimEnd('\n') == local;
        var isForward = from is null || await IsAncestorAsync(from, to, cancellationToken);
        return (isForward, isHere) switch
        {
            (true, true) => await ForwardAsync(from, to, cancellationToken),
            (true, false) => await MoveElsewhereAsync(local, from, to, cancellationToken),
            (false, true) when request.Mode == PullMode.Rebase => await RebaseAsync(from!, to, cancellationToken),
            (false, _) => new PullOutcome.Failed(Apart(request, isHere)),
        };
    }

    private static bool IsLacking(GitResult fetched) => fetched.Errors.Split('\n').Any(line => line.StartsWith("fatal: couldn't find remote ref ", StringComparison.Ordinal));

    /// <summary>The remote has no such branch: often it has one of another name, because two versions of Git name the first one differently.</summary>
    private async Task<RemoteFailure> LackingAsync(string branch, CancellationToken cancellationToken)
    {
        const string all = "refs/heads/";
        var refs = await new RemoteRefs(git, project).ListAsync([all + "*"], cancellationToken);
        List<string> there = [.. refs.Keys.Where(name => !name.StartsWith(LockProtocol.FallbackRefPrefix, StringComparison.Ordinal)).Select(name => name[all.Length..]).Order(StringComparer.Ordinal)];
        var shown = string.Join(", ", there.Take(10)) + (there.Count > 10 ? ", …" : "");
        return new RemoteFailure(FailureCategory.ClientBug, there.Count == 0 ? "The remote has no branch yet." : $"The remote has no branch '{branch}'. It has: {shown}.")
        {
            Hint = there.Count == 0 ? "'posthouse push' sends the first." : $"Take the one you mean: 'posthouse pull --branch {there[0]}', then 'git switch {there[0]}'.",
        };
    }

    /// <summary>Moves the branch that is checked out; Git itself looks once more that nothing is overwritten.</summary>
    private async Task<PullOutcome> ForwardAsync(string? from, string to, CancellationToken cancellationToken)
    {
        var incoming = await _tree.BetweenAsync(from, to, cancellationToken);
        if (await ObstacleAsync(incoming, mustBeClean: from is null, cancellationToken) is { } obstacle)
            return new PullOutcome.Failed(obstacle);
        var moved = await git.RunAsync(
            new GitCall(project.Root, "merge", "--ff-only", "--no-overwrite-ignore", "--no-autostash", "--no-stat", "--quiet", to) { Timeout = null }, cancellationToken);
        return await CommitAsync("HEAD", CancellationToken.None) == to ? new PullOutcome.Pulled(from, to, 0) : new PullOutcome.Failed(await WhyNotAsync(moved));
    }

    /// <summary>Moves a branch that is not checked out; no file changes.</summary>
    private async Task<PullOutcome> MoveElsewhereAsync(string local, string? from, string to, CancellationToken cancellationToken)
    {
        var trees = await git.RunAsync(new GitCall(project.Root, "worktree", "list", "--porcelain"), cancellationToken);
        if (trees.Text.Split('\n').Contains("branch " + local))
        {
            return new PullOutcome.Failed(WorkTree.Refused(
                "The branch is checked out in another work tree of this project; nothing was changed.", "Run 'posthouse pull' there; 'git worktree list' names it."));
        }

        var zero = new string('0', to.Length);
        var moved = await git.RunAsync(new GitCall(project.Root, "update-ref", "-m", "posthouse pull", local, to, from ?? zero), cancellationToken);
        return moved.ExitCode == 0 ? new PullOutcome.Pulled(from, to, 0) : new PullOutcome.Failed(GitFailures.Judge(moved));
    }

    private async Task<PullOutcome> RebaseAsync(string from, string to, CancellationToken cancellationToken)
    {
        var bases = await git.RunAsync(new GitCall(project.Root, "merge-base", "--all", from, to), cancellationToken);
        if (bases.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries) is not [var common])
            return new PullOutcome.Failed(Diverged("The two branches have no single common commit; nothing was changed.", "Put them together by hand with Git."));
        var merges = await git.RunAsync(new GitCall(project.Root, "rev-list", "--count", "--merges", $"{to}..{from}"), cancellationToken);
        if (merges.Text.Trim() != "0")
            return new PullOutcome.Failed(Diverged("There are merges among your commits, which cannot be put on top; nothing was changed.", "Put them together by hand with Git."));
        var mine = await _tree.BetweenAsync(common, from, cancellationToken);
        var theirs = await _tree.BetweenAsync(common, to, cancellationToken);
        if (mine.Keys.Where(theirs.ContainsKey).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } both)
        {
            return new PullOutcome.Failed(Diverged(
                "These files were changed here and on the remote, and are never merged; nothing was changed:\n" + string.Join('\n', both.Take(10).Select(path => "  " + path)),
                $"Keep your commits on another branch ('git branch mine'), then take the remote's ('git reset --keep {to[..12]}') and copy over what you need."));
        }

        if (await ObstacleAsync(theirs, mustBeClean: true, cancellationToken) is { } obstacle)
            return new PullOutcome.Failed(obstacle);
        return await RebaseOntoAsync(from, to, cancellationToken);
    }

    private async Task<PullOutcome> RebaseOntoAsync(string from, string to, CancellationToken cancellationToken)
    {
        var count = await git.RunAsync(new GitCall(project.Root, "rev-list", "--count", $"{to}..{from}"), cancellationToken);

        // From here on it is not interrupted: half a rebase is worse than a late answer. If the process dies, Git knows the state and
        // the next pull names the way back.
        var moved = await git.RunAsync(
            new GitCall(project.Root, "-c", "rebase.updateRefs=false", "rebase", "--quiet", "--no-autostash", "--no-autosquash", "--no-stat", to) { Timeout = null }, CancellationToken.None);
        var head = await CommitAsync("HEAD", CancellationToken.None);
        if (moved.ExitCode == 0 && head is not null && head != from)
            return new PullOutcome.Pulled(from, head, int.Parse(count.Text.AsSpan().Trim(), CultureInfo.InvariantCulture));
        await git.RunAsync(new GitCall(project.Root, "rebase", "--abort") { Timeout = null }, CancellationToken.None);
        return new PullOutcome.Failed(await WhyNotAsync(moved));
    }

    private async Task<RemoteFailure?> ObstacleAsync(IReadOnlyDictionary<string, bool> incoming, bool mustBeClean, CancellationToken cancellationToken)
    {
        if (await _tree.BusyAsync(cancellationToken) is { } busy)
            return busy;
        var changed = await _tree.ChangedAsync(cancellationToken);
        if (changed.Where(path => mustBeClean || incoming.ContainsKey(path)).ToList() is { Count: > 0 } dirty)
            return WorkTree.Refused("These files have changes that a pull would overwrite; nothing was changed:", "Commit them ('git commit'), or put them aside ('git stash'), then pull again.", dirty);
        return _tree.InTheWay(incoming) is { Count: > 0 } strangers
            ? WorkTree.Refused("These files are here, unknown to Git, where the remote has files of its own; nothing was changed:", "Move or rename them, then pull again.", strangers)
            : null;
    }

    /// <summary>Git refused although nothing had been found in the way: something came in between.</summary>
    private async Task<RemoteFailure> WhyNotAsync(GitResult moved)
    {
        if (await _tree.BusyAsync(CancellationToken.None) is { } busy)
            return busy;
        var judged = GitFailures.Judge(moved);
        return judged.Category == FailureCategory.Unknown ? WorkTree.Refused("Git would not move the branch: " + judged.Message, "'git status' shows what is in the way.") : judged;
    }

    private async Task<string?> CommitAsync(string name, CancellationToken cancellationToken)
    {
        var result = await git.RunAsync(new GitCall(project.Root, "rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"), cancellationToken);
        return result.ExitCode == 0 ? result.Text.Trim() : null;
    }

    private async Task<bool> IsAncestorAsync(string older, string younger, CancellationToken cancellationToken) =>
        (await git.RunAsync(new GitCall(project.Root, "merge-base", "--is-ancestor", older, younger), cancellationToken)).ExitCode == 0;

    private static RemoteFailure Apart(PullRequest request, bool isHere) => Diverged(
        "Both sides have commits that the other lacks; nothing was changed.",
        isHere ? "'posthouse pull --rebase' puts yours on top, where no file was changed on both sides." : $"Switch to it first ('git switch {request.Branch}'), then 'posthouse pull --rebase'.");

    private static RemoteFailure Diverged(string message, string hint) => new(FailureCategory.Diverged, message) { Hint = hint };
}
