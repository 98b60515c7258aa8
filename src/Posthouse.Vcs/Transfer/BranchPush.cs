using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Transfer;

/// <summary>
/// Moves one branch of the remote, with the locks that guard it in the same transaction. What happened is told by the exit code and
/// the porcelain lines, and where those are silent by reading the refs: Git's prose says "Everything up-to-date" after a cut.
/// </summary>
/// <remarks>
/// The person's own pre-push hook runs, and their settings for tags and signatures hold: it is their data. The hook is told of the
/// branch alone. Git tells it of every ref that a push moves, so where locks go along it is asked first, by a push of the branch that
/// sends nothing; Git itself then knows where the hook is and how it is run.
/// </remarks>
internal sealed class BranchPush(IGit git, Project project, RemoteRefs refs)
{
    /// <summary>Sends the branch and its guards.</summary>
    /// <exception cref="VcsException">The fallback's reading of the refs failed.</exception>
    public async Task<PushOutcome> RunAsync(PushRequest request, IReadOnlyList<PushGuard> guards, CancellationToken cancellationToken)
    {
        var isAsked = guards.Count > 0 && await HasPrePushHookAsync(cancellationToken);
        if (isAsked && await SendAsync(request, [], ["--dry-run"], cancellationToken) is { ExitCode: not 0 } refused)
            return await OutcomeAsync(request, guards, refused, isFenced: true, cancellationToken);
        string[] agreed = isAsked ? ["--no-verify"] : [];
        var result = await SendAsync(request, guards, guards.Count > 0 ? ["--atomic", .. agreed] : agreed, cancellationToken);
        if (guards.Count > 0 && result.ExitCode != 0 && PushJudgement.LacksAtomic(result))
            return await CheckThenPushAsync(request, guards, agreed, cancellationToken);
        return await OutcomeAsync(request, guards, result, isFenced: guards.Count > 0, cancellationToken);
    }

    /// <summary>
    /// For a far side without transactions: the locks are renewed first, which proves that they are held, then the branch goes. In
    /// between a lock can be lost, so the answer says that the push was not fenced.
    /// </summary>
    private async Task<PushOutcome> CheckThenPushAsync(PushRequest request, IReadOnlyList<PushGuard> guards, string[] agreed, CancellationToken cancellationToken)
    {
        var call = new GitCall(project.Root,
            ["push", "--porcelain", .. RemoteRefs.Quietly, .. guards.Select(Lease), "--", project.Remote, .. guards.Select(Refspec)])
        {
            Talks = true,
        };
        var result = await git.RunAsync(call, cancellationToken);
        if (result.ExitCode != 0)
        {
            var now = await refs.ListAsync([.. guards.Select(guard => guard.Ref)], cancellationToken);
            if (PushJudgement.LostLock(guards, now) is { } lost)
                return new PushOutcome.Failed(lost);
            if (guards.Any(guard => now.GetValueOrDefault(guard.Ref) != guard.Renewal))
                return new PushOutcome.Failed(PushJudgement.NotApplied(result, PushPorcelain.Parse(result.Text), guards[0].Ref));
        }

        result = await SendAsync(request, [], agreed, cancellationToken);
        return await OutcomeAsync(request, [], result, isFenced: false, cancellationToken);
    }

    private Task<GitResult> SendAsync(PushRequest request, IReadOnlyList<PushGuard> guards, string[] flags, CancellationToken cancellationToken)
    {
        List<string> words = ["push", "--porcelain", "--progress", "--recurse-submodules=no", .. flags];
        if (request.ForceWithLease is { } replaced)
            words.Add($"--force-with-lease={request.Ref}:{replaced}");
        words.AddRange(guards.Select(Lease));
        words.AddRange(["--", project.Remote, $"{request.Commit}:{request.Ref}"]);
        words.AddRange(guards.Select(Refspec));

        // No limit in time: a large branch over a thin line takes hours. One that stalls is ended, and so is one that falls silent.
        return git.RunAsync(new GitCall(project.Root, words) { Talks = true, Timeout = null }, cancellationToken);
    }

    private async Task<PushOutcome> OutcomeAsync(
        PushRequest request, IReadOnlyList<PushGuard> guards, GitResult result, bool isFenced, CancellationToken cancellationToken)
    {
        var said = PushPorcelain.Parse(result.Text);
        var line = said.FirstOrDefault(one => one.Ref == request.Ref);
        if (result.ExitCode == 0 && line is { IsDone: true })
            return line.Flag == '=' ? new PushOutcome.UpToDate() : new PushOutcome.Pushed(await BeforeAsync(line, request), null, isFenced) { IsReplaced = line.Flag == '+' };
        if (result.ExitCode == 1 && line is null && PushJudgement.IsHooksRefusal(result) && await HasPrePushHookAsync(cancellationToken))
            return new PushOutcome.Failed(PushJudgement.RefusedByHook(result));

        IReadOnlyDictionary<string, string> now;
        try
        {
            now = await refs.ListAsync([request.Ref, .. guards.Select(guard => guard.Ref)], cancellationToken);
        }
        catch (VcsException)
        {
            // It cannot be looked up either; the same push, repeated, does no harm and finds out.
            return new PushOutcome.Failed(GitFailures.Judge(result, said, writes: true));
        }

        // A renewal is this push's own record: where one is, the whole transaction arrived, whatever came on top of it since.
        if (guards.Count > 0 ? guards.Any(guard => now.GetValueOrDefault(guard.Ref) == guard.Renewal) : now.GetValueOrDefault(request.Ref) == request.Commit)
            return new PushOutcome.Pushed(null, null, isFenced);
        return new PushOutcome.Failed(PushJudgement.LostLock(guards, now) ?? PushJudgement.NotApplied(result, said, request.Ref));
    }

    private async Task<string?> BeforeAsync(PushedRef line, PushRequest request)
    {
        var dots = line.Summary.IndexOf("..", StringComparison.Ordinal);
        if (line.Flag == '*' || dots < 0)
            return null;
        var call = new GitCall(project.Root, "rev-parse", "--verify", "--quiet", "--end-of-options", line.Summary[..dots] + "^{commit}");
        var result = await git.RunAsync(call, CancellationToken.None);
        return result.ExitCode == 0 ? result.Text.Trim() : request.ForceWithLease;
    }

    private async Task<bool> HasPrePushHookAsync(CancellationToken cancellationToken)
    {
        var result = await git.RunAsync(new GitCall(project.Root, "rev-parse", "--git-path", "hooks/pre-push"), cancellationToken);
        return result.ExitCode == 0 && File.Exists(Path.GetFullPath(result.Text.TrimEnd('\n'), project.Root));
    }

    private static string Lease(PushGuard guard) => $"--force-with-lease={guard.Ref}:{guard.Expected}";

    private static string Refspec(PushGuard guard) => $"{guard.Renewal}:{guard.Ref}";
}
