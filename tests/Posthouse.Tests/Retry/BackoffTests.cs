using FsCheck;
using FsCheck.Fluent;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Tests.Retry;

public sealed class BackoffTests
{
    private static readonly Backoff Plain = new() { Jitter = Jitter.None };

    private static FailedTry Try(FailureKind kind, int attempts = 0, int unreached = 0, TimeSpan age = default, int? max = null, TimeSpan? asked = null) =>
        new(new Failure(kind, "x") { RetryAfter = asked }, attempts, unreached, age, max);

    [Fact]
    public void A_permanent_failure_is_rejected() =>
        Plain.Decide(Try(FailureKind.Permanent), 0).ShouldBe(RetryDecision.End(DeadReason.Rejected, counted: true));

    [Fact]
    public void A_conflict_is_dead_as_such() =>
        Plain.Decide(Try(FailureKind.Conflict), 0).ShouldBe(RetryDecision.End(DeadReason.Conflict, counted: true));

    [Fact]
    public void Missing_credentials_hold_the_job_however_old_it_is() =>
        Plain.Decide(Try(FailureKind.Unauthenticated, age: TimeSpan.FromDays(99)), 0).ShouldBe(RetryDecision.Hold());

    [Fact]
    public void A_shutdown_costs_nothing() =>
        Plain.Decide(Try(FailureKind.Shutdown, attempts: 4), 0).ShouldBe(RetryDecision.Again(TimeSpan.Zero, counted: false));

    [Fact]
    public void Counted_failures_double_the_delay_and_then_poison()
    {
        var decisions = Enumerable.Range(0, 5).Select(n => Plain.Decide(Try(FailureKind.Transient, attempts: n), 0)).ToList();
        decisions.Take(4).Select(d => d.Delay.TotalSeconds).ShouldBe([2, 4, 8, 16]);
        decisions.ShouldAllBe(d => d.Counted);
        decisions[4].ShouldBe(RetryDecision.End(DeadReason.Poisoned, counted: true));
    }

    [Fact]
    public void The_jobs_own_limit_goes_before_the_plans()
    {
        Plain.Decide(Try(FailureKind.Transient, attempts: 0, max: 1), 0).Kind.ShouldBe(RetryVerdict.Dead);
        Plain.Decide(Try(FailureKind.Transient, attempts: 7, max: 9), 0).Kind.ShouldBe(RetryVerdict.Again);
    }

    [Theory]
    [InlineData(FailureKind.NotReached)]
    [InlineData(FailureKind.Throttled)]
    public void What_says_nothing_about_the_job_never_counts_and_ends_by_age(FailureKind kind)
    {
        var young = Plain.Decide(Try(kind, attempts: 4, unreached: 1_000), 0);
        young.ShouldBe(RetryDecision.Again(Plain.Cap, counted: false));
        Plain.Decide(Try(kind, age: Plain.MaxAge), 0).ShouldBe(RetryDecision.End(DeadReason.Poisoned, counted: false));
    }

    [Theory]
    [InlineData(40, 40)]
    [InlineData(0, 1)]
    [InlineData(9_000_000, 86_400)]
    public void Retry_after_wins_between_a_second_and_a_day(int asked, int waited) =>
        Plain.Decide(Try(FailureKind.Throttled, asked: TimeSpan.FromSeconds(asked)), 0).Delay.ShouldBe(TimeSpan.FromSeconds(waited));

    [Fact]
    public void Delays_stay_within_the_bounds_of_their_jitter() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(0, 1_000_000).ToArbitrary(), Gen.Choose(0, 999_999).ToArbitrary(), Gen.Elements(Enum.GetValues<Jitter>()).ToArbitrary(),
        (before, millionths, jitter) =>
        {
            var plan = new Backoff { Jitter = jitter };
            var full = plan with { Jitter = Jitter.None };
            var failed = Try(FailureKind.NotReached, unreached: before);
            var delay = plan.Decide(failed, millionths / 1e6).Delay;
            var window = full.Decide(failed, 0).Delay;
            var (low, high) = jitter switch
            {
                Jitter.None => (1.0, 1.0),
                Jitter.Equal => (0.5, 1.0),
                Jitter.Full => (0.0, 1.0),
                _ => (0.8, 1.2),
            };
            return window <= plan.Cap && delay >= window * low && delay <= window * high;
        }));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_600)]
    [InlineData(86_400 * 365)]
    public void No_base_and_no_count_overflows(int baseSeconds)
    {
        var plan = Plain with { Base = TimeSpan.FromSeconds(baseSeconds), Cap = TimeSpan.FromDays(400), MaxAttempts = int.MaxValue };
        foreach (var count in new[] { 0, 1, 29, 30, 31, 62, 63, 64, 1_000, 1_000_000, int.MaxValue - 2 })
        {
            var delay = plan.Decide(Try(FailureKind.Transient, attempts: count), 0.5).Delay;
            delay.ShouldBeInRange(TimeSpan.Zero, plan.Cap);
            (delay >= plan.Base).ShouldBeTrue();
        }
    }
}
