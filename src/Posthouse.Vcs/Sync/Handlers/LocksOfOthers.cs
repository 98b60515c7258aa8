using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Sync.Handlers;

/// <summary>
/// Keeps a push from going over what others have locked at this moment. They are looked at before it, and no transaction with it
/// holds them: what somebody locks in between, only the server's hook defends.
/// </summary>
internal static class LocksOfOthers
{
    /// <summary>Why a push may not be sent, or null.</summary>
    /// <param name="at">Its place.</param>
    /// <param name="job">The push.</param>
    /// <param name="tip">The commit that goes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="VcsException">The remote could not be asked.</exception>
    public static async Task<OperationAnswer.Failed?> RefusalAsync(Workplace at, PushCommits job, string tip, CancellationToken cancellationToken)
    {
        if (at.Locks.Capabilities == LockCapabilities.None) { return null; }

        List<LockView> live = [];
        await foreach (var view in at.Policy.ListAsync(cancellationToken))
        {
            // One whose lease is over binds nobody any more; its holder's next push finds out what was changed.
            if (view is { Standing: LockStanding.Held, IsMine: false }) { live.Add(view); }
        }

        if (live.Count == 0) { return null; }
        foreach (var path in await new BranchState(at.Git, at.Project).ChangedAsync(job.Branch, tip, job.ForceWithLease, cancellationToken))
        {
            if (live.Find(view => view.Key.Covers(path)) is { } taken) { return LockAnswers.InTheWay(at, taken, path); }
        }

        return null;
    }
}
