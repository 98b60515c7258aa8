using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.Connectivity;
using Posthouse.Diagnostics;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Retry;
using Posthouse.Storage;

namespace Posthouse.Dispatch;

/// <summary>One try: reads the job, calls its handler in a scope of its own, and turns what came back into a settlement.</summary>
internal sealed class JobRunner(
    IServiceProvider services, JobRegistry registry, IFailureClassifier classifier, IConnectivity connectivity, ProgressFeed progress,
    PosthouseMetrics metrics, TimeProvider time, IIds ids, ILogger logger, IFileCustody? files = null)
{
    /// <summary>Whether this process has a handler for the type.</summary>
    public bool CanRun(JobDescriptor descriptor) => descriptor.HasHandler(services);

    /// <summary>Runs one leased job. Never throws: whatever happens is a settlement.</summary>
    public async Task<Settlement> RunAsync(Run run)
    {
        var job = run.Job;
        var started = time.GetTimestamp();
        metrics.PickedUp(job.Name, time.GetUtcNow() - job.AcceptedAt);
        using var activity = PosthouseTracing.StartRun(job);
        var settlement = job.ExpiresAt <= time.GetUtcNow()
            ? new Settlement(SettlementKind.Dead) { Reason = DeadReason.Expired }
            : await TryAsync(run);
        PosthouseTracing.Ended(activity, settlement);
        metrics.Settled(job.Name, settlement.Kind, time.GetElapsedTime(started));
        return settlement;
    }

    /// <summary>What becomes of a try whose handler's own write failed: it counts, so that a write that never succeeds ends like any other failure.</summary>
    public Settlement WriteFailed(Run run, Exception error) => registry.TryGet(run.Job.Name, out var descriptor)
        ? Failed(run.Job, descriptor, Outcome.Retry(new Failure(FailureKind.Transient, error.Message)))
        : new Settlement(SettlementKind.Return);

    /// <summary>Tells that what a handler answered does not count, because its lease was another's by then.</summary>
    public void LostLease(Run run)
    {
        metrics.LeasesLost(1);
        logger.LeaseLost(run.Job.Lease.Id);
    }

    private async Task<Settlement> TryAsync(Run run)
    {
        if (!registry.TryGet(run.Job.Name, out var descriptor))
        {
            return new Settlement(SettlementKind.Return);
        }

        try
        {
            var job = descriptor.Read(run.Job.Version, run.Job.Payload);
            var context = new RunContext(run.Job, files, (fraction, message) => progress.Report(run.Job, fraction, message));
            await using var scope = services.CreateAsyncScope();
            var outcome = await descriptor.InvokeAsync(scope.ServiceProvider, job, context, run.Token);
            return Settle(run, descriptor, outcome);
        }
        catch (PosthouseException e) when (e.Code is ErrorCodes.JobInvalid)
        {
            return Dead(DeadReason.Rejected, new Failure(FailureKind.Permanent, e.Message));
        }
        catch (OperationCanceledException) when (run.Reason is not StopReason.None)
        {
            // Stopping and a lost lease give the job back; a cancel is made of it by the store, which knows that it was asked for.
            return new Settlement(SettlementKind.Return);
        }
        catch (Exception e)
        {
            return Settle(run, descriptor, Outcome.Retry(Classify(e)));
        }
    }

    private Settlement Settle(Run run, JobDescriptor descriptor, Outcome outcome)
    {
        Report(run.Job, outcome);
        return outcome.Kind switch
        {
            OutcomeKind.Done => new Settlement(SettlementKind.Done) { Result = descriptor.WriteResult(outcome.Result), Write = outcome.Write },
            OutcomeKind.Snooze => new Settlement(SettlementKind.Again) { Delay = outcome.Delay },
            OutcomeKind.Dead => Dead(outcome.Reason ?? DeadReason.Rejected, outcome.Failure!) with { Write = outcome.Write },
            _ => Failed(run.Job, descriptor, outcome),
        };
    }

    private Settlement Failed(LeasedJob job, JobDescriptor descriptor, Outcome outcome)
    {
        var failure = outcome.Failure!;
        var decision = descriptor.Plan.Decide(
            new FailedTry(failure, job.Attempts, job.Unreached, time.GetUtcNow() - job.AcceptedAt, job.MaxAttempts), ids.NextFraction());
        logger.AttemptFailed(job.Lease.Id, job.Name, job.Attempts + 1, failure.Kind, failure.Message);
        if (decision.Reason is { } reason && JobLaw.NeedsDecision(reason))
        {
            logger.JobDead(job.Lease.Id, job.Name, reason, failure.Message);
        }

        return decision.Kind switch
        {
            RetryVerdict.Again => new Settlement(SettlementKind.Again)
            {
                Failure = failure,
                Delay = decision.Delay,
                Counted = decision.Counted,
                Write = outcome.Write,
            },
            RetryVerdict.HoldForCredentials => new Settlement(SettlementKind.Hold) { Failure = failure, Write = outcome.Write },
            _ => Dead(decision.Reason!.Value, failure) with
            {
                Counted = decision.Counted,
                Write = decision.Reason is DeadReason.Poisoned ? outcome.Write + outcome.WhenPoisoned : outcome.Write,
            },
        };
    }

    /// <summary>An application's classifier may have errors of its own; they must not cost the job its settlement.</summary>
    private Failure Classify(Exception error)
    {
        try
        {
            return classifier.Classify(error);
        }
        catch (Exception e)
        {
            logger.ClassifierFailed(e, error.GetType().Name);
            return FailureClassifier.Instance.Classify(error);
        }
    }

    private static Settlement Dead(DeadReason reason, Failure failure) =>
        new(SettlementKind.Dead) { Reason = reason, Failure = failure, Counted = true };

    /// <summary>Any answer, a refusal too, shows that the destination is there.</summary>
    private void Report(LeasedJob job, Outcome outcome)
    {
        if (Destinations.IsGated(job.Destination) && outcome.Kind is not OutcomeKind.Snooze)
        {
            connectivity.Report(job.Destination, reached: outcome.Failure?.Kind is not FailureKind.NotReached);
        }
    }
}
