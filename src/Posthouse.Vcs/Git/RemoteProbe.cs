using Posthouse.Jobs;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Git;

/// <summary>What a remote was found to be able to do.</summary>
/// <param name="Address">Its address, as it may be shown.</param>
/// <param name="LockPrefix">Where it lets locks be kept; null where nowhere.</param>
/// <param name="Refusal">Why not at the better place, or nowhere; null where it is the better place.</param>
/// <param name="DecidesRaces">Whether of two writers at the same time exactly one won.</param>
/// <param name="IsAtomic">Whether it takes a branch and a lock in one transaction.</param>
/// <param name="HasLfsLocks">Whether it serves the locks of Git LFS; null where git-lfs is not installed here.</param>
/// <param name="ServerTime">Its clock, where it tells it.</param>
/// <param name="LeftBehind">Refs of the probe that it did not let go.</param>
internal sealed record ProbedRemote(
    string Address, string? LockPrefix, RemoteFailure? Refusal, bool DecidesRaces, bool IsAtomic, bool? HasLfsLocks, DateTimeOffset? ServerTime, IReadOnlyList<string> LeftBehind);

/// <summary>
/// Finds out what a remote can do by doing it: with refs of its own under a random name, which it takes away again. Capabilities that
/// a host announces are not believed, for rules and hooks stand behind them.
/// </summary>
internal sealed class RemoteProbe(IGit git, Project project, IIds ids)
{
    /// <summary>Digits of the probe's name: two probes at one time never meet.</summary>
    private const int NameDigits = 16;

    /// <summary>Tries everything.</summary>
    /// <exception cref="VcsException">The remote cannot be reached, or does not let this person write at all.</exception>
    public async Task<ProbedRemote> RunAsync(CancellationToken cancellationToken)
    {
        var greeting = await git.RunAsync(new GitCall(project.Root, "ls-remote", "--refs", "--", project.PushUrl, LockProtocol.RefPrefix + "*") { Talks = true }, cancellationToken);
        if (greeting.ExitCode != 0)
            throw new VcsException(GitFailures.Judge(greeting));
        var name = $"probe-{ids.NextUInt64().ToString("x" + NameDigits, System.Globalization.CultureInfo.InvariantCulture)}";
        var lfs = await HasLfsLocksAsync(cancellationToken);
        var first = await CommitAsync(name + " 1", null, cancellationToken);
        RemoteFailure? refusal = null;
        foreach (var prefix in (string[])[LockProtocol.RefPrefix, LockProtocol.FallbackRefPrefix])
        {
            // 16 digits, not 40: nobody takes it for a register.
            var probe = prefix + name;
            var created = await PushAsync([$"--force-with-lease={probe}:"], [$"{first}:{probe}"], cancellationToken);
            if (!created.IsDone(probe))
            {
                refusal = created.Failure!;
                if (refusal.Category is not (FailureCategory.Forbidden or FailureCategory.Contention or FailureCategory.ClientBug))
                    throw new VcsException(refusal);
                continue;
            }

            var races = await RaceAsync(probe, first, cancellationToken);
            var atomic = await IsAtomicAsync(probe, cancellationToken);
            var left = await CleanUpAsync([probe, probe + "-second"], cancellationToken);
            return new ProbedRemote(RemoteAddress.Shown(project.PushUrl), prefix, refusal, races, atomic, lfs, greeting.ServerTime, left);
        }

        return new ProbedRemote(RemoteAddress.Shown(project.PushUrl), null, refusal, false, false, lfs, greeting.ServerTime, []);
    }

    /// <summary>Two pushes at the same time, each of which expects the same commit there.</summary>
    private async Task<bool> RaceAsync(string probe, string first, CancellationToken cancellationToken)
    {
        var racers = new[] { await CommitAsync("2", first, cancellationToken), await CommitAsync("3", first, cancellationToken) };
        var ends = await Task.WhenAll(racers.Select(racer => PushAsync([$"--force-with-lease={probe}:{first}"], [$"{racer}:{probe}"], cancellationToken)));
        return ends.Count(end => end.IsDone(probe)) == 1;
    }

    private async Task<bool> IsAtomicAsync(string probe, CancellationToken cancellationToken)
    {
        var one = await CommitAsync("4", null, cancellationToken);
        var end = await PushAsync(["--atomic", "--force"], [$"{one}:{probe}-second"], cancellationToken);
        return end.IsDone(probe + "-second");
    }

    /// <summary>Takes the probe's refs away, one by one: where deleting is forbidden the person has to know which stayed.</summary>
    private async Task<IReadOnlyList<string>> CleanUpAsync(string[] names, CancellationToken cancellationToken)
    {
        var left = new List<string>();
        foreach (var name in names)
        {
            var there = await git.RunAsync(new GitCall(project.Root, "ls-remote", "--refs", "--", project.PushUrl, name) { Talks = true }, cancellationToken);
            if (there.Output.Length > 0 && !(await PushAsync([], [":" + name], cancellationToken)).IsDone(name))
                left.Add(name);
        }

        return left;
    }

    private async Task<bool?> HasLfsLocksAsync(CancellationToken cancellationToken)
    {
        if ((await git.RunAsync(new GitCall(project.Root, "lfs", "version"), cancellationToken)).ExitCode != 0)
            return null;
        return (await git.RunAsync(new GitCall(project.Root, "lfs", "locks", "--json", "--limit=1", "--remote=" + project.Remote) { Talks = true }, cancellationToken)).ExitCode == 0;
    }

    private async Task<string> CommitAsync(string message, string? parent, CancellationToken cancellationToken)
    {
        var tree = await LocalAsync(new GitCall(project.Root, "mktree"), cancellationToken);
        var subject = $"posthouse remote check: {message} {LockProtocol.SkipCi}";
        return await LocalAsync(new GitCall(project.Root, ["commit-tree", "--no-gpg-sign", "-m", subject, .. parent is null ? (string[])[] : ["-p", parent], tree]), cancellationToken);
    }

    private async Task<string> LocalAsync(GitCall call, CancellationToken cancellationToken)
    {
        var result = await git.RunAsync(call, cancellationToken);
        return result.ExitCode == 0 ? result.Text.Trim() : throw new VcsException(GitFailures.Judge(result));
    }

    private async Task<PushEnd> PushAsync(string[] flags, string[] refspecs, CancellationToken cancellationToken)
    {
        var call = new GitCall(project.Root,
            ["-c", "push.pushOption=", "push", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no", .. flags, "--", project.PushUrl, .. refspecs])
        {
            Talks = true,
        };
        var result = await git.RunAsync(call, cancellationToken);
        var refs = PushPorcelain.Parse(result.Text);
        return new PushEnd(refs, result.ExitCode == 0 ? null : GitFailures.Judge(result, refs, writes: true));
    }

    private sealed record PushEnd(IReadOnlyList<PushedRef> Refs, RemoteFailure? Failure)
    {
        public bool IsDone(string name) => Refs.Any(one => one.Ref == name && one.IsDone);
    }
}
