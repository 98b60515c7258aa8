using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;
using Group = Posthouse.Storage.Commit.Group;

namespace Posthouse.Cli.Hosting;

/// <summary>An operation from its being wanted to the verb's end: made durable, tried, and then kept in the queue or taken out of it.</summary>
internal sealed class Performance(ProjectSite site, IOperation operation, ForegroundBudget budget)
{
    private static readonly RemoteFailure _offline = new(FailureCategory.Network, "The remote cannot be reached.");

    /// <summary>Whether an earlier operation, which wants the very same, is waited for in the place of one of its own.</summary>
    private bool _wasThere;

    /// <summary>Whether an earlier operation was closed for this verb's own: what was queued before stays so in it.</summary>
    private bool _tookPlace;

    /// <summary>Performs it.</summary>
    /// <param name="enqueue">Makes it durable.</param>
    /// <param name="cancellationToken">Ctrl+C.</param>
    public async Task<OperationEnd> RunAsync(Func<Task<QueuedOperation>> enqueue, CancellationToken cancellationToken) =>
        await EndAsync(enqueue, cancellationToken) with { QueuedIsDone = site.Flags.QueuedOk };

    private async Task<OperationEnd> EndAsync(Func<Task<QueuedOperation>> enqueue, CancellationToken cancellationToken)
    {
        if (operation is PushCommits) { site.Services.GetRequiredService<SyncScope>().Only = []; } // Whoever asks for a push waits for it.
        var position = await site.Jobs.LastPositionAsync();
        var queued = await enqueue();
        (_wasThere, _tookPlace) = (queued.WasThere, queued.TookPlace);
        if (queued.IsNeedless)
        {
            return new OperationEnd(queued.Id, OperationEndKind.Done) { Result = new OperationResult("The lock had not been taken yet; it is not going to be.") };
        }

        if (site.Flags.Offline) { return await LeaveAsync(new OperationEnd(queued.Id, OperationEndKind.Queued)); }

        var run = new ForegroundRun(site, queued.Id, budget);
        try
        {
            return await TryAsync(run, queued.Id, position, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await TellInterruptedAsync(run.Id, queued.Id);
            throw;
        }
    }

    private async Task<OperationEnd> TryAsync(ForegroundRun run, JobId id, long position, CancellationToken cancellationToken)
    {
        var now = site.Time.GetUtcNow();
        var state = await site.RemoteStateAsync();
        if (state.NotBefore - now > site.Configuration.Duration(ConfigurationKeys.NetworkRetryAfterMax))
        {
            return await LeaveAsync(new OperationEnd(id, OperationEndKind.Queued)
            {
                Failure = new RemoteFailure(FailureCategory.RateLimit, "The remote asked to be left alone.") { RetryAfter = state.NotBefore - now },
            });
        }

        if (await site.ReachAsync(cancellationToken) is Reachability.Offline)
        {
            return await LeaveAsync(new OperationEnd(id, OperationEndKind.Queued) { Failure = _offline });
        }

        var end = await run.RunAsync(position, cancellationToken);
        // What went in the place of this verb's own is the other verb's to take out.
        _wasThere |= end.Id != id;
        return end.Id != id && end.Kind is OperationEndKind.Failed or OperationEndKind.Conflict ? end : await LeaveAsync(end);
    }

    /// <summary>Ctrl+C ends the wait and not the wish: says what stays of it, for what comes later by itself would surprise.</summary>
    private async Task TellInterruptedAsync(JobId id, JobId own)
    {
        if (await site.Jobs.GetAsync(id) is not { State: JobState.Pending or JobState.Running }) { return; }

        var title = OperationTitle.Of(operation, site.Project.Name);
        if (id == own && !await ForegroundRun.IsSentAsync(site, id) && await RefusalAsync(new OperationEnd(id, OperationEndKind.Queued)) is not null && await TakeOutAsync(id))
        {
            site.Complain($"{site.Terminal.WarningMark} Interrupted: '{title}' was not done, and nothing of it stays queued.");
            return;
        }

        site.Complain($"{site.Terminal.WarningMark} Interrupted: '{title}' stays queued, and the next command that needs the remote sends it.");
        site.Complain($"   Entry ID: {id}");
        site.Complain($"   'posthouse queue discard {id}' takes it back.");
    }

    /// <summary>Decides what stays in the queue, and tells it.</summary>
    private async Task<OperationEnd> LeaveAsync(OperationEnd end)
    {
        // Between the decision to stop and the stop, a last try may have arrived.
        if (end.Kind is not OperationEndKind.Done && await site.Jobs.GetAsync(end.Id) is { State: JobState.Done, Result: { } bytes })
        {
            return end with { Kind = OperationEndKind.Done, Failure = null, Result = OpenOperations.ReadResult(bytes) };
        }

        switch (end.Kind)
        {
            case OperationEndKind.Failed or OperationEndKind.Conflict:
                await TakeOutAsync(end.Id);
                return end;
            case OperationEndKind.OutcomeUnknown when await site.Jobs.GetAsync(end.Id) is { State: JobState.Dead }:
                return end; // It waits for a decision, which was said.
            case OperationEndKind.Queued or OperationEndKind.OutcomeUnknown when await RefusalAsync(end) is { } hint:
                if (!await TakeOutAsync(end.Id)) { hint = $"Nothing more was queued; what was queued before, or others wait for, stays: {end.Id}"; }
                var why = (end.Failure ?? _offline) with { Hint = hint };
                site.Complain($"{site.Terminal.FailedMark} Failed to {budget.Doing}: {why.Message.Split('\n')[0]}");
                site.Complain("   " + hint);
                return end with { Kind = OperationEndKind.Failed, Failure = why };
            case OperationEndKind.Queued or OperationEndKind.OutcomeUnknown:
                foreach (var line in QueuedText.Lines(site.Terminal, operation, end.Id, site.Me, site.Project.Name, end.Failure, _wasThere)) { site.Say(line); }
                return end with { NotBefore = await DueAsync(end.Id) };
            default:
                return end;
        }
    }

    /// <summary>When it is tried next: at its own time, and not before the remote wants to hear of anybody again.</summary>
    private async Task<DateTimeOffset?> DueAsync(JobId id)
    {
        var own = await site.Jobs.GetAsync(id) is { State: JobState.Pending, Gate: Gate.Time } row ? row.RunAt : (DateTimeOffset?)null;
        var remote = (await site.RemoteStateAsync()).NotBefore is { } until && until > site.Time.GetUtcNow() ? until : (DateTimeOffset?)null;
        return own > remote || remote is null ? own : remote;
    }

    /// <summary>Why it is not kept, or null. What may have been done is kept always, for somebody has to find out; what was queued before was agreed to then.</summary>
    private async Task<string?> RefusalAsync(OperationEnd end)
    {
        if (end.Kind is OperationEndKind.OutcomeUnknown) { return null; }
        if (site.Flags.NoQueue) { return "Nothing was queued, because of --no-queue."; }
        if (_wasThere || _tookPlace || site.Flags.Queue) { return null; }
        if (operation is BreakLock) { return "A break is not queued: by the time it arrived, the lock could be another's. With --lock-id ID --queue it is, for that very lock."; }
        if (site.Flags.Offline || (await site.RemoteStateAsync()).WorkedAt is not null || await PathRemoteGit.WasFetchedAsync(site.Git, site.Project, CancellationToken.None)) { return null; }

        return $"The remote {site.Address} never answered here before, so nothing was queued for it. Check it with 'posthouse remote check', or queue all the same with --queue.";
    }

    /// <summary>Takes it out, unless it is another's, too: it was queued before, another verb waits for it, or what was queued since would go astray without it.</summary>
    /// <returns>Whether nothing of it stays.</returns>
    private Task<bool> TakeOutAsync(JobId id) => site.Store.WriteAsync(write =>
    {
        if (JobReads.Get(write, id) is not { } row || JobWords.Standing(row) is "closed" or "completed") { return true; }

        var isDead = row.State is JobState.Dead;
        if (!isDead && (_wasThere || _tookPlace || OpenOperations.IsJoined(write, id))) { return false; }
        if (OperationQueue.StandingOn(write, id, operation).Count > 0) { return false; }

        Decisions.Run((Group)write, isDead ? new JobCommand.Discard(id) : new JobCommand.Cancel(id), static _ => { });
        return true;
    });
}
