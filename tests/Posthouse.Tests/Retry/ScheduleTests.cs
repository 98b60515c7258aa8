using FsCheck;
using FsCheck.Fluent;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Tests.Retry;

public sealed class ScheduleTests
{
    private static readonly Schedule Plan = new()
    {
        Delays = [TimeSpan.Zero, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1)],
        Jitter = Jitter.None,
    };

    private static FailedTry Try(int attempts, FailureKind kind = FailureKind.Transient, int? max = null, TimeSpan? asked = null) =>
        new(new Failure(kind, "x") { RetryAfter = asked }, attempts, 0, TimeSpan.Zero, max);

    [Fact]
    public void The_delays_come_in_order_and_then_the_job_is_poisoned()
    {
        Plan.Decide(Try(0), 0).ShouldBe(RetryDecision.Again(TimeSpan.FromSeconds(10), counted: true));
        Plan.Decide(Try(1), 0).ShouldBe(RetryDecision.Again(TimeSpan.FromMinutes(1), counted: true));
        Plan.Decide(Try(2), 0).ShouldBe(RetryDecision.End(DeadReason.Poisoned, counted: true));
    }

    [Fact]
    public void A_tail_goes_on_until_the_jobs_own_limit()
    {
        var daily = Plan with { Tail = TimeSpan.FromDays(1) };
        daily.Decide(Try(2), 0).Delay.ShouldBe(TimeSpan.FromDays(1));
        daily.Decide(Try(1_000_000), 0).Delay.ShouldBe(TimeSpan.FromDays(1));
        daily.Decide(Try(9, max: 10), 0).ShouldBe(RetryDecision.End(DeadReason.Poisoned, counted: true));
        daily.Decide(Try(0, max: 1), 0).Kind.ShouldBe(RetryVerdict.Dead);
    }

    [Theory]
    [InlineData(FailureKind.NotReached)]
    [InlineData(FailureKind.Transient)]
    [InlineData(FailureKind.Throttled)]
    [InlineData(FailureKind.Unauthenticated)]
    [InlineData(FailureKind.Conflict)]
    [InlineData(FailureKind.Permanent)]
    public void Every_cause_counts_and_is_tried_again(FailureKind kind) =>
        Plan.Decide(Try(0, kind), 0).ShouldBe(RetryDecision.Again(TimeSpan.FromSeconds(10), counted: true));

    [Fact]
    public void A_shutdown_does_not_use_up_a_delay() =>
        Plan.Decide(Try(0, FailureKind.Shutdown), 0).ShouldBe(RetryDecision.Again(TimeSpan.Zero, counted: false));

    [Theory]
    [InlineData(5, 10)]
    [InlineData(30, 30)]
    [InlineData(9_000_000, 86_400)]
    public void Retry_after_makes_a_try_later_but_never_earlier(int asked, int waited) =>
        Plan.Decide(Try(0, FailureKind.Throttled, asked: TimeSpan.FromSeconds(asked)), 0).Delay.ShouldBe(TimeSpan.FromSeconds(waited));

    [Fact]
    public void The_default_jitter_is_a_fifth_either_way() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(0, 999_999).ToArbitrary(),
        millionths => new Schedule { Delays = Plan.Delays }.Decide(Try(0), millionths / 1e6).Delay.TotalSeconds is >= 8 and <= 12));
}
