using Posthouse.Jobs;
using Posthouse.Retry;
using Posthouse.Vcs;
using Posthouse.Vcs.Sync;
using Shouldly;
using Xunit;

namespace Posthouse.Tests.Vcs.Sync;

public sealed class OperationPlanTests
{
    [Theory]
    [InlineData(FailureCategory.Network, OutcomeKind.Retry, FailureKind.NotReached)]
    [InlineData(FailureCategory.Server, OutcomeKind.Retry, FailureKind.Transient)]
    [InlineData(FailureCategory.RateLimit, OutcomeKind.Retry, FailureKind.Throttled)]
    [InlineData(FailureCategory.Contention, OutcomeKind.Retry, FailureKind.Transient)]
    [InlineData(FailureCategory.Ambiguous, OutcomeKind.Retry, FailureKind.Transient)]
    [InlineData(FailureCategory.Auth, OutcomeKind.Retry, FailureKind.Unauthenticated)]
    [InlineData(FailureCategory.Cancelled, OutcomeKind.Retry, FailureKind.Shutdown)]
    [InlineData(FailureCategory.LockConflict, OutcomeKind.Dead, FailureKind.Conflict)]
    [InlineData(FailureCategory.Diverged, OutcomeKind.Dead, FailureKind.Conflict)]
    [InlineData(FailureCategory.Forbidden, OutcomeKind.Dead, FailureKind.Permanent)]
    [InlineData(FailureCategory.NotFound, OutcomeKind.Dead, FailureKind.Permanent)]
    [InlineData(FailureCategory.Tls, OutcomeKind.Dead, FailureKind.Permanent)]
    [InlineData(FailureCategory.ClientBug, OutcomeKind.Dead, FailureKind.Permanent)]
    [InlineData(FailureCategory.Local, OutcomeKind.Dead, FailureKind.Permanent)]
    public void Each_category_has_one_outcome(FailureCategory category, OutcomeKind outcome, FailureKind kind)
    {
        var judged = OperationPlan.Of(new RemoteFailure(category, "It failed."), attempt: 1, _ => { });

        judged.Kind.ShouldBe(outcome);
        judged.Failure!.Kind.ShouldBe(kind);
        judged.Failure.Message.ShouldBe("It failed.");
    }

    [Fact]
    public void A_server_that_says_when_to_come_back_is_heard()
    {
        var judged = OperationPlan.Of(new RemoteFailure(FailureCategory.Server, "503") { RetryAfter = TimeSpan.FromSeconds(7), StatusCode = 503 }, 1, _ => { });

        judged.Failure!.Kind.ShouldBe(FailureKind.Throttled);
        judged.Failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        judged.Failure.StatusCode.ShouldBe(503);
    }

    [Fact]
    public void What_no_table_names_is_tried_once_more()
    {
        OperationPlan.Of(new RemoteFailure(FailureCategory.Unknown, "?"), 1, _ => { }).Kind.ShouldBe(OutcomeKind.Retry);
        OperationPlan.Of(new RemoteFailure(FailureCategory.Unknown, "?"), 2, _ => { }).Kind.ShouldBe(OutcomeKind.Dead);
    }

    [Fact]
    public void Locks_wait_one_two_four_up_to_fifteen_seconds_and_transfers_up_to_thirty()
    {
        var options = new SyncOptions();

        Delays(options.LockPlan).ShouldBe([1, 2, 4, 8, 15, 15], tolerance: 0.001);
        Delays(options.TransferPlan).ShouldBe([1, 2, 4, 8, 16, 30], tolerance: 0.001);
    }

    [Fact]
    public void Half_of_each_wait_is_drawn()
    {
        var least = new SyncOptions().LockPlan.Decide(new FailedTry(new Failure(FailureKind.Transient, ""), 0, 0, TimeSpan.Zero, 20), 0).Delay;

        least.ShouldBe(TimeSpan.FromSeconds(0.5));
    }

    private static IEnumerable<double> Delays(Backoff plan) => Enumerable.Range(0, 6)
        .Select(attempts => plan.Decide(new FailedTry(new Failure(FailureKind.Transient, ""), attempts, 0, TimeSpan.Zero, 20), 0.999_999_9).Delay.TotalSeconds);
}
