using Posthouse.Jobs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Transfer;

/// <summary>A Git remote, through the machine's own Git.</summary>
internal sealed class GitRemote(IGit git, Project project, TimeProvider time, IIds ids) : IVcsRemote
{
    private readonly RemoteRefs _refs = new(git, project);
    private readonly RemoteReach _reach = new(git, project, time);

    /// <inheritdoc/>
    public async Task<PushOutcome> PushAsync(PushRequest request, CancellationToken cancellationToken)
    {
        // Two pushes of one clone would count, and clean up, each other's batches.
        using var turn = Turn.Take(project, "push");
        if (turn is null)
            return new PushOutcome.Failed(new RemoteFailure(FailureCategory.Contention, "Another push of this project runs on this machine."));
        try
        {
            return await PushInTurnAsync(request, cancellationToken);
        }
        catch (VcsException e)
        {
            return new PushOutcome.Failed(e.Failure);
        }
    }

    /// <inheritdoc/>
    public async Task<PullOutcome> PullAsync(PullRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await new BranchPull(git, project).RunAsync(request, cancellationToken);
        }
        catch (VcsException e)
        {
            return new PullOutcome.Failed(e.Failure);
        }
    }

    /// <inheritdoc/>
    public Task<Reachability> ProbeAsync(TimeSpan within, CancellationToken cancellationToken) => _reach.ProbeAsync(within, cancellationToken);

    private async Task<PushOutcome> PushInTurnAsync(PushRequest request, CancellationToken cancellationToken)
    {
        // Another branch's stage is left alone: this push may use what is in it, and may not take it away when it is done.
        var isBegun = PushSession.Load(project, request.Branch) is not null;
        if (request.Restart)
            isBegun = await ForgetStageAsync(request.Branch, cancellationToken);
        var isLarge = isBegun || await new MissingBlobs(git, project).EstimateAsync(request.Commit, cancellationToken) > request.StagedThresholdBytes;
        var progress = isLarge ? await new StagedPush(git, project, _refs, time, ids).RunAsync(request, cancellationToken) : null;

        var guards = progress is not null && request.RefreshGuards is { } refresh ? await refresh(cancellationToken) : request.Guards;
        var outcome = await new BranchPush(git, project, _refs).RunAsync(request, guards, cancellationToken);
        if (outcome is PushOutcome.Pushed && progress is not null && !await _refs.HasAsync(request.Ref, request.Commit, cancellationToken))
        {
            return new PushOutcome.Failed(new RemoteFailure(FailureCategory.Ambiguous, "The remote took the push, but its branch is without it now.")
            {
                Hint = "Somebody may have replaced the branch right after; 'posthouse pull' shows it.",
            });
        }

        if (outcome is PushOutcome.Failed)
            return outcome;
        if (isLarge)
            await CleanUpAsync(request.Branch, cancellationToken);
        return outcome is PushOutcome.Pushed pushed ? pushed with { Progress = progress } : outcome;
    }

    /// <summary>Takes back what an earlier push had staged.</summary>
    /// <returns>Always false: nothing is begun.</returns>
    private async Task<bool> ForgetStageAsync(string branch, CancellationToken cancellationToken)
    {
        var mine = StageNames.Among(await _refs.ListAsync([StageNames.PatternOf(project.CloneId)], cancellationToken));
        var others = PushSession.OfOthers(project, branch);
        await new StageCleanup(git, project, time).RemoveAsync([.. mine.Where(batch => !others.Contains(batch.Session))], cancellationToken);
        PushSession.Forget(project, branch);
        return false;
    }

    /// <summary>The push is done; batches that cannot be removed now are the next push's, or the doctor's after some days.</summary>
    private async Task CleanUpAsync(string branch, CancellationToken cancellationToken)
    {
        try
        {
            await ForgetStageAsync(branch, cancellationToken);
        }
        catch (VcsException)
        {
            // The session's file stays, so that the next push tries again.
        }
    }
}
