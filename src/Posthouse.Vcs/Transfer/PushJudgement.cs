using Posthouse.Vcs.Git;

namespace Posthouse.Vcs.Transfer;

/// <summary>What a push that did not happen means. No I/O: the caller has read the refs.</summary>
internal static class PushJudgement
{
    /// <summary>Reasons that Git gives when the remote's branch has what is not here.</summary>
    private static readonly string[] _apart = ["non-fast-forward", "fetch first", "needs force", "stale info"];

    /// <summary>Reasons that a far side gives when somebody else moved, or moves, the same ref at this moment.</summary>
    private static readonly string[] _raced = ["failed to update ref", "atomic push failed", "atomic transaction failed", "incorrect old value provided", "cannot lock ref", "reference already exists"];

    /// <summary>Whether the far side has no transactions over several refs.</summary>
    public static bool LacksAtomic(GitResult result) => HasLine(result, "fatal: the receiving end does not support --atomic push");

    /// <summary>Whether it may have been the person's own hook that refused: Git itself had nothing to complain of but that it failed.</summary>
    public static bool IsHooksRefusal(GitResult result) =>
        !result.TimedOut && result.StatusCode is null && HasLine(result, "error: failed to push some refs to ") && !HasLine(result, "fatal: ") && !HasLine(result, "error: RPC failed");

    /// <summary>The refusal of the person's own hook, with its last words.</summary>
    public static RemoteFailure RefusedByHook(GitResult result)
    {
        var words = result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !line.StartsWith("error: failed to push some refs", StringComparison.Ordinal)).TakeLast(3);
        return new RemoteFailure(FailureCategory.Local, Secrets.Strip($"Your pre-push hook refused the push: {string.Join(" / ", words)}".TrimEnd(' ', ':')))
        {
            Hint = "Mend what it complains of; it is the file hooks/pre-push in Git's folder.",
        };
    }

    /// <summary>A guard that is neither where it was expected nor where this push would have put it, or null.</summary>
    public static RemoteFailure? LostLock(IReadOnlyList<PushGuard> guards, IReadOnlyDictionary<string, string> now)
    {
        var lost = guards.FirstOrDefault(guard => now.GetValueOrDefault(guard.Ref) is var at && at != guard.Expected && at != guard.Renewal);
        return lost is null ? null : new RemoteFailure(FailureCategory.LockConflict, "A lock that guards this push was changed by another; nothing was pushed.")
        {
            Code = VcsErrors.LockLost,
            Hint = "'posthouse lock status' shows who holds it now; your commits are safe here.",
        };
    }

    /// <summary>The remote's branch has what this push does not follow.</summary>
    public static RemoteFailure Apart() => new(FailureCategory.Diverged, "The remote's branch has commits that are not here; nothing was pushed.")
    {
        Hint = "Run 'posthouse pull' first (with --rebase where both sides have commits), then push again.",
    };

    /// <summary>Why the refs are as they were.</summary>
    /// <param name="result">How the push ended.</param>
    /// <param name="said">What the porcelain says.</param>
    /// <param name="name">The ref that it was about.</param>
    public static RemoteFailure NotApplied(GitResult result, IReadOnlyCollection<PushedRef> said, string name)
    {
        var reason = said.FirstOrDefault(one => one.Ref == name)?.Reason ?? "";
        if (_apart.Contains(reason))
            return Apart();
        if (_raced.Any(raced => reason.StartsWith(raced, StringComparison.Ordinal)))
            return new RemoteFailure(FailureCategory.Contention, "Another push reached the remote at the same moment; nothing was pushed.");
        return GitFailures.Judge(result, said);
    }

    private static bool HasLine(GitResult result, string start) =>
        result.Errors.StartsWith(start, StringComparison.Ordinal) || result.Errors.Contains('\n' + start, StringComparison.Ordinal);
}
