using System.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Diagnostics;

/// <summary>
/// Activities of the core: one for an enqueue and one for each try. A try is the root of a trace of its own and is linked to
/// the enqueue, because it may come days and several processes later, when the first trace is long closed.
/// </summary>
internal static class PosthouseTracing
{
    private static readonly ActivitySource Source = new(Telemetry.ActivitySourceName);

    /// <summary>Begins the activity of an enqueue; null when nobody listens.</summary>
    public static Activity? StartEnqueue(string name, JobId id)
    {
        var activity = Source.HasListeners() ? Source.StartActivity($"enqueue {name}", ActivityKind.Producer) : null;
        return activity?.SetTag(PosthouseMetrics.JobNameTag, name).SetTag("posthouse.job.id", id.Value);
    }

    /// <summary>The traceparent to store with a job: that of the present activity, whoever began it.</summary>
    public static string? TraceParent() => Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Id : null;

    /// <summary>Begins the activity of a try; null when nobody listens.</summary>
    public static Activity? StartRun(LeasedJob job)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        // Without this, whatever the dispatcher was started in would become the parent of every try.
        Activity.Current = null;
        ActivityLink[] links = ActivityContext.TryParse(job.TraceParent, null, isRemote: true, out var enqueuer) ? [new ActivityLink(enqueuer)] : [];
        return Source.StartActivity(ActivityKind.Consumer, name: $"run {job.Name}", links: links)
            ?.SetTag(PosthouseMetrics.JobNameTag, job.Name)
            .SetTag("posthouse.job.id", job.Lease.Id.Value)
            .SetTag("posthouse.job.attempt", job.Attempts + 1)
            .SetTag("posthouse.job.fence", job.Lease.Fence);
    }

    /// <summary>Writes on the activity of a try how it ended. The caller disposes it.</summary>
    public static void Ended(Activity? activity, Settlement settlement)
    {
        activity?.SetTag(PosthouseMetrics.OutcomeTag, PosthouseMetrics.OutcomeOf(settlement.Kind));
        if (settlement.Failure is { } failure)
        {
            activity?.SetTag("error.type", failure.ExceptionType ?? failure.Kind.ToString()).SetStatus(ActivityStatusCode.Error, failure.Message);
        }
    }
}
