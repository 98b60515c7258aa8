using Microsoft.Extensions.Logging;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Diagnostics;

namespace Posthouse.Vcs.Sync;

/// <summary>What a handler found out.</summary>
internal abstract record OperationAnswer
{
    private OperationAnswer()
    {
    }

    /// <summary>It arrived.</summary>
    /// <param name="Result">What it has to say.</param>
    internal sealed record Arrived(OperationResult Result) : OperationAnswer;

    /// <summary>It did not; the failure's category says what follows.</summary>
    /// <param name="Failure">Why.</param>
    internal sealed record Failed(RemoteFailure Failure) : OperationAnswer;

    /// <summary>Not yet.</summary>
    /// <param name="For">How long until it is looked at again.</param>
    internal sealed record Waits(TimeSpan For) : OperationAnswer;

    /// <summary>Who has the lock, or had it.</summary>
    public string? Holder { get; init; }

    /// <summary>What this room notes besides, in the settling transaction.</summary>
    public Action<IWrite>? Write { get; init; }
}

/// <summary>
/// One try of an operation: opens its clone's workplace, lets the handler work, and turns what it answers, or throws, into the
/// job's outcome, with the note for the history and what was learned of the remote.
/// </summary>
internal sealed class OperationRun(IWorkplaces workplaces, TransferFeed feed, SyncScope scope, ILogger logger)
{
    /// <summary>Runs one try. Only a cancel gets out of it.</summary>
    public async Task<Outcome<OperationResult>> TryAsync(
        IOperation operation, OperationNote note, JobContext context, Func<Workplace, Task<OperationAnswer>> work, CancellationToken cancellationToken)
    {
        if (!scope.Includes(operation))
        {
            feed.Leave(context.Id);
            return Outcome.Snooze(SyncScope.LeftFor);
        }

        feed.Begin(context.Id);
        Workplace? workplace = null;
        OperationAnswer answer;
        try
        {
            workplace = await workplaces.OfCloneAsync(operation.CloneId, cancellationToken);
            answer = await work(workplace);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error)
        {
            answer = new OperationAnswer.Failed(Judge(error));
        }

        var address = workplace is null ? null : RemoteHealth.Shown(workplace.Project.PushUrl);
        switch (answer)
        {
            case OperationAnswer.Waits waits:
                feed.Wait(context.Id);
                return Outcome.Snooze(waits.For);
            case OperationAnswer.Arrived arrived:
                logger.OperationArrived(context.Id, note.Operation, note.CloneId);
                return Outcome.Done(arrived.Result, write =>
                {
                    arrived.Write?.Invoke(write);
                    if (address is not null) { RemoteHealth.Answered(write, address); }
                    (note with { Summary = arrived.Result.Summary, LockId = arrived.Result.LockId ?? note.LockId, Commit = arrived.Result.Commit ?? note.Commit, Holder = arrived.Holder })
                        .Append(write, context.Id.Value);
                });
            default:
                var failed = (OperationAnswer.Failed)answer;
                logger.OperationFailed(context.Id, note.Operation, failed.Failure.Category, failed.Failure.Message);
                return OperationPlan.Of(failed.Failure, context.Attempt, write =>
                {
                    failed.Write?.Invoke(write);
                    if (address is not null) { Learn(write, address, failed.Failure); }
                    (note with { Failure = failed.Failure, Holder = failed.Holder }).Append(write, context.Id.Value);
                });
        }
    }

    /// <summary>What an exception says about the operation.</summary>
    internal static RemoteFailure Judge(Exception error) => error switch
    {
        VcsException vcs => vcs.Failure,
        PosthouseException { Code: ErrorCodes.StoreBusy or ErrorCodes.StoreFull or ErrorCodes.Unknown } store => new RemoteFailure(FailureCategory.Contention, store.Message),
        PosthouseException { Code: VcsErrors.NotAProject or VcsErrors.NoRemote or VcsErrors.RemoteUnsupported } place => new RemoteFailure(FailureCategory.NotFound, place.Message) { Code = place.Code },
        PosthouseException refused => new RemoteFailure(FailureCategory.Local, refused.Message) { Code = refused.Code },
        IOException or UnauthorizedAccessException => new RemoteFailure(FailureCategory.Local, error.Message),
        _ => new RemoteFailure(FailureCategory.Unknown, error.Message),
    };

    private static void Learn(IWrite write, string address, RemoteFailure failure)
    {
        if (failure.MayWait) { RemoteHealth.Failed(write, address, failure); }
        else if (failure.Category is FailureCategory.LockConflict or FailureCategory.Diverged or FailureCategory.Auth or FailureCategory.Forbidden) { RemoteHealth.Answered(write, address); }
    }
}
