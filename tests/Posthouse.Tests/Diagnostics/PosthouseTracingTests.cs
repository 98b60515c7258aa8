using System.Diagnostics;
using Posthouse.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Diagnostics;

public sealed class PosthouseTracingTests : IDisposable
{
    // Listeners are global to the process, so this one looks only at the jobs of this test.
    private readonly string _name = $"trace.n{Guid.NewGuid():N}";
    private readonly List<Activity> _stopped = [];
    private readonly ActivityListener _listener;

    public PosthouseTracingTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.OperationName.EndsWith(_name, StringComparison.Ordinal))
                {
                    _stopped.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void A_try_is_a_trace_of_its_own_linked_to_its_enqueue()
    {
        string? stored;
        using (PosthouseTracing.StartEnqueue(_name, JobId.Parse("msg-1")))
        {
            stored = PosthouseTracing.TraceParent();
        }

        using var around = new Activity("the dispatcher was started in this").Start();
        using (var run = PosthouseTracing.StartRun(Leased(stored)))
        {
            PosthouseTracing.Ended(run, new Settlement(SettlementKind.Done));
        }

        var (enqueue, ran) = (_stopped[0], _stopped[1]);
        enqueue.Kind.ShouldBe(ActivityKind.Producer);
        enqueue.OperationName.ShouldBe($"enqueue {_name}");
        ran.Kind.ShouldBe(ActivityKind.Consumer);
        ran.OperationName.ShouldBe($"run {_name}");
        ran.TraceId.ShouldNotBe(enqueue.TraceId);
        ran.ParentId.ShouldBeNull();
        ran.Links.Single().Context.SpanId.ShouldBe(enqueue.SpanId);
        string[] told = ["messaging.system", "messaging.operation.name", "messaging.operation.type", "messaging.destination.name", "messaging.message.id"];
        told.Select(enqueue.GetTagItem).ShouldBe(["posthouse", "enqueue", "create", _name, "msg-1"]);
        told.Select(ran.GetTagItem).ShouldBe(["posthouse", "run", "process", _name, "msg-1"]);
        ran.GetTagItem("posthouse.job.attempt").ShouldBe(3);
        ran.GetTagItem("posthouse.outcome").ShouldBe("done");
        ran.Status.ShouldBe(ActivityStatusCode.Unset);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no traceparent")]
    public void A_job_without_a_readable_traceparent_runs_without_a_link(string? stored)
    {
        PosthouseTracing.StartRun(Leased(stored))!.Dispose();
        _stopped.Single().Links.ShouldBeEmpty();
    }

    [Fact]
    public void A_failed_try_shows_what_failed()
    {
        using (var run = PosthouseTracing.StartRun(Leased(null)))
        {
            var failure = new Failure(FailureKind.Transient, "It broke off.") { ExceptionType = "System.IO.IOException" };
            PosthouseTracing.Ended(run, new Settlement(SettlementKind.Again) { Failure = failure });
        }

        var ran = _stopped.Single();
        ran.Status.ShouldBe(ActivityStatusCode.Error);
        ran.StatusDescription.ShouldBeNull("what a failure says may quote a payload");
        ran.GetTagItem("error.type").ShouldBe("System.IO.IOException");
    }

    private LeasedJob Leased(string? traceParent) =>
        new(new Lease(JobId.Parse("msg-1"), 1, 7), _name, 1, []) { Attempts = 2, TraceParent = traceParent };
}
