using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// One operation while its verb waits for it. It is in the queue already; here it is tried as often as the budget allows, each
/// failed try is told with the delay that really follows, and the end is judged: done, refused for good, or left to the queue.
/// </summary>
internal sealed class ForegroundRun(ProjectSite site, JobId wanted, ForegroundBudget budget)
{
    private readonly long _begun = site.Time.GetTimestamp();
    private readonly TimeSpan? _most = Shorter(budget.Deadline, site.Left);
    private readonly TimeSpan _retryAfterMax = site.Configuration.Duration(ConfigurationKeys.NetworkRetryAfterMax);
    private JobId _own = wanted;
    private RemoteFailure? _last;
    private volatile bool _isHeard;

    /// <summary>Operations that wait for another's lock.</summary>
    private readonly ConcurrentDictionary<JobId, bool> _waiting = new();

    /// <summary>Whether a try may have been applied and no later one found out.</summary>
    private bool _mayHaveArrived;

    /// <summary>Failed tries, and the one that arrived.</summary>
    public int Attempts { get; private set; }

    /// <summary>The job that is waited for: the wanted one, or what went in its place.</summary>
    public JobId Id => _own;

    public TimeSpan Elapsed => site.Time.GetElapsedTime(_begun);

    /// <summary>Runs it. What is Queued or OutcomeUnknown is in the queue still; Failed and Conflict are not taken out yet.</summary>
    /// <param name="position">Where the log stood before the operation was queued.</param>
    /// <param name="cancellationToken">Ctrl+C.</param>
    public async Task<OperationEnd> RunAsync(long position, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_most is not { } most ? Timeout.InfiniteTimeSpan : most > TimeSpan.Zero ? most : TimeSpan.Zero, site.Time);
        ProjectDispatch? running = null;
        void Waits(JobId id)
        {
            // For whom the queue waits, the verb does not; neither behind one that waits so.
            if (id == _own) { limit.Cancel(); }
            _waiting[id] = true;
            running?.Nudge();
        }

        void Moves(JobId id, TransferProgress progress) => _isHeard = true;

        site.Feed.Waited += Waits;
        site.Feed.Moved += Moves;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        // Whoever asks now may have signed in since, with a program of Git's own.
        await site.Jobs.DecideAsync(new JobCommand.Release(HoldReason.Credentials, site.Project.Destination));
        await using var dispatch = running = await ProjectDispatch.StartAsync(site.Services, [site.Project.Destination], position);
        var doubt = site.DoubtAsync(limit, () => _isHeard, ends.Token);
        try
        {
            while (true)
            {
                // Asked first: an operation of another verb that this one joined is not told of any more.
                if (await BlockerAsync() is { } blocker) { return blocker.Category is FailureCategory.Auth ? Refused(blocker) : End(OperationEndKind.Queued, blocker); }

                foreach (var step in await dispatch.NextAsync(ends.Token))
                {
                    _isHeard |= step.Event is not JobAccepted;
                    if (step.Event.Id == _own && await TakeAsync(step) is { } end) { return end; }
                }
            }
        }
        catch (OperationCanceledException) when (site.IsOverdue || (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested))
        {
            await dispatch.DisposeAsync();
            return await TimeIsOverAsync();
        }
        finally
        {
            site.Feed.Waited -= Waits;
            site.Feed.Moved -= Moves;
            limit.Cancel();
            await doubt;
        }
    }

    private async Task<OperationEnd?> TakeAsync(OperationStep step)
    {
        switch (step.Event)
        {
            case JobDone done:
                Attempts++;
                if (Attempts > 1) { site.Tell(string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.DoneMark} Operation succeeded after {Attempts} attempt(s) in {Elapsed.TotalSeconds:F1}s")); }
                return End(OperationEndKind.Done, null) with { Result = (OperationResult?)done.Result };
            case JobAttemptFailed { IsFinal: false } failed:
                return await FailedAsync(failed, step.Failure);
            case JobDead dead:
                Attempts++;
                _last = step.Failure ?? _last ?? new RemoteFailure(FailureCategory.Unknown, dead.Message ?? "It failed.");
                return Refused(_last);
            case JobDiscarded { Reason: DeadReason.Superseded } when await site.Store.ReadAsync(read => OpenOperations.InPlaceOf(read, _own)) is { } next:
                _own = next; // Another verb asked for the same: its outcome is this one's, too.
                return null;
            case JobDiscarded discarded:
                var taken = new RemoteFailure(FailureCategory.Cancelled, discarded.Reason is DeadReason.Superseded
                    ? "A later operation made it needless."
                    : "Somebody took it out of the queue.");
                site.Complain($"{site.Terminal.FailedMark} Failed to {budget.Doing}: {taken.Message}");
                return End(OperationEndKind.Failed, taken);
            default:
                return null;
        }
    }

    private async Task<OperationEnd?> FailedAsync(JobAttemptFailed failed, RemoteFailure? told)
    {
        Attempts++;
        var failure = _last = told ?? new RemoteFailure(OperationPlan.CategoryOf(failed.Failure.Kind), failed.Failure.Message) { StatusCode = failed.Failure.StatusCode };
        _mayHaveArrived |= failure.Category is FailureCategory.Ambiguous;
        if (failed.NextTry is not { } next) { return Refused(failure); }

        site.Tell(string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.WarningMark} Attempt {Attempts} failed: {FirstLine(failure)}"));
        var delay = next - failed.At;
        var isOver = Attempts >= budget.Attempts || Elapsed + delay >= _most || failure.RetryAfter > _retryAfterMax || !(await site.RemoteStateAsync()).AllowsRetry;
        if (isOver) { return Left(failure); }

        site.Tell(string.Create(CultureInfo.InvariantCulture, $"   Retrying in {delay.TotalSeconds:F1}s... ({budget.Attempts - Attempts}/{budget.Attempts} attempts remaining)"));
        return null;
    }

    /// <summary>Why it cannot go on although nothing is tried: what it waits for needs a decision, or credentials.</summary>
    private async Task<RemoteFailure?> BlockerAsync() =>
        await site.Jobs.GetAsync(_own) is { State: JobState.Pending, Gate: Gate.After } row ? await BlockerOfAsync(row, []) : null;

    /// <summary>What it waits for may wait itself: who stands at the head of the row decides.</summary>
    private async Task<RemoteFailure?> BlockerOfAsync(JobRecord row, HashSet<JobId> seen)
    {
        foreach (var id in row.WaitsFor.Where(seen.Add))
        {
            var before = await site.Jobs.GetAsync(id);
            if (before is { Name: "vcs.push", State: JobState.Pending } && !site.Services.GetRequiredService<SyncScope>().Includes(OperationKind.Push))
            {
                return new RemoteFailure(FailureCategory.LockConflict, "It waits for a push that is too large to go along; say 'posthouse push' or 'posthouse queue sync'");
            }

            if (_waiting.ContainsKey(id) && before is { State: not (JobState.Done or JobState.Dead) })
            {
                return new RemoteFailure(FailureCategory.LockConflict, $"It waits for '{OperationTitle.Of(before.Name, before.Payload, site.Project.Name)}', whose lock another has; each sync looks whether it is free");
            }

            if (before is { State: JobState.Dead } or { Gate: Gate.Hold })
            {
                var what = OperationTitle.Of(before.Name, before.Payload, site.Project.Name) ?? before.Name;
                return before.State is JobState.Dead
                    ? new RemoteFailure(FailureCategory.LockConflict, $"It waits for '{what}', which failed: decide with 'posthouse queue retry {id}' or 'posthouse queue discard {id}'")
                    : new RemoteFailure(FailureCategory.Auth, $"The remote wants other credentials, for '{what}' too, which comes before it.") { Hint = "Sign in with 'posthouse auth login'." };
            }

            if (before is { State: JobState.Pending, Gate: Gate.Time } && before.RunAt - site.Time.GetUtcNow() > _retryAfterMax)
            {
                return new RemoteFailure(FailureCategory.LockConflict,
                    $"It waits for '{OperationTitle.Of(before.Name, before.Payload, site.Project.Name)}', which is tried again {Ages.Ahead(before.RunAt, site.Time.GetUtcNow())}{(before.Failure is { } last ? $" ({last.Message.Split('\n')[0]})" : "")}");
            }

            if (before is { State: JobState.Pending, Gate: Gate.After } && await BlockerOfAsync(before, seen) is { } further) { return further; }
        }

        return null;
    }

    private async Task<OperationEnd> TimeIsOverAsync()
    {
        if (_last is null && await site.Jobs.GetAsync(_own) is { State: JobState.Pending, Gate: Gate.Time, Name: "vcs.acquire" })
        {
            return Left(new RemoteFailure(FailureCategory.LockConflict, QueuedText.WaitsForHolder));
        }

        // What ran was cut. Only what it had built to send can have arrived.
        return Left(await IsSentAsync(site, _own)
            ? new RemoteFailure(FailureCategory.Ambiguous, "The remote did not answer in time, and may have done it.")
            : _last ?? new RemoteFailure(FailureCategory.Network, "The remote did not answer in time."));
    }

    /// <summary>Whether an operation had built what it writes, and so may have been applied without an answer.</summary>
    public static async Task<bool> IsSentAsync(ProjectSite site, JobId id) =>
        await site.Store.ReadAsync(read => read.Scalar("SELECT count(*) FROM vcs_built WHERE op_id >= $1 AND op_id < $2", id.Value + "/", id.Value + "0")) > 0;

    /// <summary>It stays in the queue. What may have arrived once stays unknown, whatever became of the tries after it: they found out nothing.</summary>
    private OperationEnd Left(RemoteFailure failure)
    {
        var isUnknown = _mayHaveArrived || failure.Category is FailureCategory.Ambiguous;
        return isUnknown ? Unknown(failure) : End(OperationEndKind.Queued, failure);
    }

    private OperationEnd Refused(RemoteFailure failure)
    {
        // Who has a lock is the verb's to say, for it knows the lock.
        if (failure.Category is FailureCategory.LockConflict) { return End(OperationEndKind.Conflict, failure); }

        site.Complain($"{site.Terminal.FailedMark} Failed to {budget.Doing}: {FirstLine(failure)}");
        foreach (var more in failure.Message.Split('\n').Skip(1)) { site.Complain("   " + more); }
        // What looked whether it is there says so; any other refusal says nothing of the try before it.
        if (_mayHaveArrived && failure.Category is not FailureCategory.Diverged)
        {
            site.Complain($"   An earlier try may have arrived: 'posthouse queue retry {_own}' finds out. {Hint(failure)}".TrimEnd());
            return Unknown(failure);
        }

        site.Complain($"   This error is not retryable. {Hint(failure)}".TrimEnd());
        return End(OperationEndKind.Failed, failure);
    }

    private OperationEnd Unknown(RemoteFailure failure) =>
        End(OperationEndKind.OutcomeUnknown, failure with { Category = FailureCategory.Ambiguous, Code = VcsErrors.OutcomeUnknown });

    private OperationEnd End(OperationEndKind kind, RemoteFailure? failure) =>
        new(_own, kind) { Failure = failure, Attempts = Attempts, Elapsed = Elapsed };

    private static string Hint(RemoteFailure failure) => failure.Hint ?? (failure.Category is FailureCategory.Auth ? "Please check your credentials." : "");

    private static string FirstLine(RemoteFailure failure) => failure.Message.Split('\n')[0];

    private static TimeSpan? Shorter(TimeSpan? a, TimeSpan? b) => a is null ? b : b is null || a < b ? a : b;
}
