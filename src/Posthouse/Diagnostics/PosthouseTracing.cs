using System.Diagnostics;
using System.Globalization;
using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Diagnostics;

/// <summary>
/// Activities of the core: one for an enqueue and one for each try. A try is the root of a trace of its own and is linked to
/// the enqueue, because it may come days and several processes later, when the first trace is long closed. An HTTP exchange is
/// a part of the try that makes it. Names are those of OpenTelemetry's conventions for messaging and HTTP
/// (https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/); neither payloads nor texts of errors are told.
/// </summary>
internal static class PosthouseTracing
{
    private const string Enqueue = "enqueue";
    private const string Run = "run";
    private const string ErrorTag = "error.type";

    private static readonly ActivitySource Source = new(Telemetry.ActivitySourceName);

    /// <summary>Begins the activity of an enqueue; null when nobody listens.</summary>
    public static Activity? StartEnqueue(string name, JobId id)
    {
        var activity = Source.HasListeners() ? Source.StartActivity($"{Enqueue} {name}", ActivityKind.Producer) : null;
        // The span ends before the disk has the job; how long that takes, many share, and a metric tells.
        return Message(activity, Enqueue, "create", name, id);
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
        return Message(Source.StartActivity(ActivityKind.Consumer, name: $"{Run} {job.Name}", links: links), Run, "process", job.Name, job.Lease.Id)
            ?.SetTag("posthouse.job.attempt", job.Attempts + 1)
            .SetTag("posthouse.job.fence", job.Lease.Fence);
    }

    /// <summary>Begins the activity of one HTTP exchange; null when nobody listens. Paths and queries may be somebody's secret, and are not told.</summary>
    public static Activity? StartExchange(ExchangeRequest request)
    {
        var activity = Source.HasListeners() ? Source.StartActivity(request.Method.Method, ActivityKind.Client) : null;
        return activity?.SetTag("http.request.method", request.Method.Method)
            .SetTag("server.address", request.Uri.Host)
            .SetTag("server.port", request.Uri.Port);
    }

    /// <summary>Writes on the activity of an exchange how it was answered. The caller disposes it.</summary>
    public static void Answered(Activity? activity, int status)
    {
        activity?.SetTag("http.response.status_code", status);
        if (status >= 400)
        {
            Failed(activity, status.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Writes on an activity that it failed, by a word that says how and quotes nobody.</summary>
    public static void Failed(Activity? activity, string type) => activity?.SetTag(ErrorTag, type).SetStatus(ActivityStatusCode.Error);

    /// <summary>Writes on the activity of a try how it ended. The caller disposes it.</summary>
    public static void Ended(Activity? activity, Settlement settlement)
    {
        activity?.SetTag(PosthouseMetrics.OutcomeTag, PosthouseMetrics.OutcomeOf(settlement.Kind));
        if (settlement.Failure is { } failure)
        {
            Failed(activity, failure.ExceptionType ?? failure.Kind.ToString());
        }
    }

    private static Activity? Message(Activity? activity, string operation, string type, string name, JobId id) => activity
        ?.SetTag("messaging.system", "posthouse")
        .SetTag("messaging.operation.name", operation)
        .SetTag("messaging.operation.type", type)
        .SetTag("messaging.destination.name", name)
        .SetTag("messaging.message.id", id.Value);
}
