using System.Globalization;
using System.Text;
using System.Text.Json;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Sync.Handlers;

/// <summary>
/// Sends a branch, with the locks that belong to it: the remote takes both or neither, so that work under a lost lock never gets
/// there. Without one of the locks that were held or asked for when it was queued, nothing is sent.
/// </summary>
internal sealed class PushCommitsHandler(OperationRun run, IStore store, SyncOptions options, TransferFeed feed) : IJobHandler<PushCommits, OperationResult>
{
    public Task<Outcome<OperationResult>> HandleAsync(PushCommits job, JobContext context, CancellationToken cancellationToken) => run.TryAsync(
        job,
        new OperationNote("vcs.push", job.CloneId, OperationTitle.Of(job)) { Branch = job.Branch, Commit = job.Commit },
        context,
        at => WorkAsync(at, job, context, cancellationToken),
        cancellationToken);

    private async Task<OperationAnswer> WorkAsync(Workplace at, PushCommits job, JobContext context, CancellationToken cancellationToken)
    {
        var branches = new BranchState(at.Git, at.Project);
        var tip = await branches.TipAsync(job.Branch, cancellationToken);
        if (tip is null || !await branches.IsWithinAsync(job.Commit, tip, cancellationToken)) { return Rewritten(job, tip); }

        var answer = await SendAsync(at, job, tip, context, cancellationToken);
        // An earlier try may have arrived without an answer, and another's push or lock come after it: then all is as was wanted.
        return (context.Attempt > 1 || context.PreviousOutcomeUnknown) && answer is OperationAnswer.Failed { Failure.Category: FailureCategory.LockConflict or FailureCategory.Diverged } && await branches.IsThereAsync(job.Branch, tip, cancellationToken)
            ? new OperationAnswer.Arrived(new OperationResult($"The remote has {job.Branch} already", Commit: tip)) { Holder = answer.Holder, Write = answer.Write }
            : answer;
    }

    private async Task<OperationAnswer> SendAsync(Workplace at, PushCommits job, string tip, JobContext context, CancellationToken cancellationToken)
    {
        // Each try makes its own records: an earlier one's would bring that time's lease.
        var fence = new PushFence(at, store, string.Create(CultureInfo.InvariantCulture, $"{context.IdempotencyKey}/{context.Fence}"));
        if (job.IsFenced && await fence.RaiseAsync(await NeededAsync(job), cancellationToken) is { } refused) { return refused; }
        if (job.IsFenced && await LocksOfOthers.RefusalAsync(at, job, tip, cancellationToken) is { } others) { return others; }

        OperationAnswer.Failed? late = null;
        var outcome = await at.Remote.PushAsync(
            new PushRequest(job.Branch, tip)
            {
                Guards = fence.Guards,
                RefreshGuards = job.IsFenced ? RefreshAsync : null,
                ForceWithLease = job.ForceWithLease,
                StagedThresholdBytes = options.StagedThresholdBytes,
                BatchBytes = options.BatchBytes,
                Restart = job.Restart,
                OnProgress = progress => Move(context, progress),
            },
            cancellationToken);
        return outcome switch
        {
            PushOutcome.Pushed pushed => new OperationAnswer.Arrived(new OperationResult(Said(job, tip, pushed, fence), Commit: tip, Detail: Detail(pushed))) { Write = fence.Kept },
            PushOutcome.Failed when late is not null => late,
            PushOutcome.Failed { Failure.Code: VcsErrors.LockLost } failed => await fence.LostAsync(failed.Failure, cancellationToken),
            PushOutcome.Failed failed => new OperationAnswer.Failed(failed.Failure),
            _ => new OperationAnswer.Arrived(new OperationResult($"The remote has {job.Branch} already", Commit: tip)),
        };

        // Staging may take hours: what others locked meanwhile counts, too.
        async Task<IReadOnlyList<PushGuard>> RefreshAsync(CancellationToken cancelled)
        {
            var guards = await fence.RefreshAsync(cancelled);
            late = await LocksOfOthers.RefusalAsync(at, job, tip, cancelled);
            return late is null ? guards : throw new VcsException(late.Failure);
        }
    }

    /// <summary>The locks that were held or asked for when it was queued, and those that were taken since.</summary>
    private async Task<IReadOnlyList<ResourceKey>> NeededAsync(PushCommits job)
    {
        var known = await store.ReadAsync(read => LockBook.List(read, job.CloneId));
        var held = known.Where(one => one.Standing is not KnownStanding.NotMine).Select(one => one.Key);
        return [.. (job.Needs ?? []).Select(ResourceKey.Of).Concat(held).Distinct()];
    }

    private static OperationAnswer.Failed Rewritten(PushCommits job, string? tip) => new(new RemoteFailure(FailureCategory.Diverged, tip is null
        ? $"The branch {job.Branch} is gone; nothing was sent."
        : $"The history of {job.Branch} was rewritten after the push was queued: {job.Commit[..Math.Min(7, job.Commit.Length)]} is not in it any more (history_rewritten).")
    {
        Hint = "Say 'posthouse push' to send the branch as it is now.",
    });

    private void Move(JobContext context, TransferProgress progress)
    {
        context.ReportProgress(progress.TotalBytes > 0 ? (double)progress.TransferredBytes / progress.TotalBytes : 0);
        feed.Move(context.Id, progress);
    }

    private static string Said(PushCommits job, string tip, PushOutcome.Pushed pushed, PushFence fence)
    {
        var range = pushed.Before is not { Length: >= 7 } before ? $"new at {tip[..7]}"
            : pushed.IsReplaced ? $"{tip[..7]} in the place of {before[..7]} ('git branch NAME {before}' keeps that)"
            : $"{before[..7]}..{tip[..7]}";
        return $"Pushed {job.Branch}: {range}{(fence.Locks == 0 ? "" : pushed.IsFenced ? $", fenced by {fence.Locks} lock(s)" : ", locks checked before it (this remote cannot tie them together)")}";
    }

    /// <summary>What programs read of a push; null where nothing was counted.</summary>
    private static string? Detail(PushOutcome.Pushed pushed)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("before", pushed.Before);
            json.WriteBoolean("replaced", pushed.IsReplaced);
            json.WriteBoolean("fenced", pushed.IsFenced);
            if (pushed.Progress is { } progress)
            {
                json.WriteNumber("total_bytes", progress.TotalBytes);
                json.WriteNumber("transferred_bytes", progress.TransferredBytes);
                json.WriteString("checkpoint", progress.Checkpoint);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
