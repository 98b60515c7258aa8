using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Providers.Sources;

namespace Posthouse.Tests.Mesh.Providers;

public sealed class FetchBudgetTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    [Fact]
    public void Without_limits_every_fetch_is_allowed()
    {
        var budget = new FetchBudget(new(), OneNode.Noon);
        for (var n = 0; n < 1_000; n++)
        {
            budget.Spend(OneNode.Noon, 1, isRetry: false);
        }

        (budget.AllowedAt(OneNode.Noon, Interval, 1, isRetry: false) <= OneNode.Noon).ShouldBeTrue();
        budget.Permille(OneNode.Noon).ShouldBe(1_000);
    }

    [Fact]
    public void The_minutes_bucket_fills_evenly()
    {
        var budget = new FetchBudget(new() { PerMinute = 6 }, OneNode.Noon);
        for (var n = 0; n < 6; n++)
        {
            budget.Spend(OneNode.Noon, 1, isRetry: false);
        }

        budget.AllowedAt(OneNode.Noon, Interval, 1, isRetry: false).ShouldBe(OneNode.Noon.AddSeconds(10));
        (budget.AllowedAt(OneNode.Noon.AddSeconds(10), Interval, 1, isRetry: false) <= OneNode.Noon.AddSeconds(10)).ShouldBeTrue();
        budget.AllowedAt(OneNode.Noon.AddSeconds(10), Interval, 2, isRetry: false).ShouldBe(OneNode.Noon.AddSeconds(20));
    }

    [Fact]
    [Trait("Requirement", "11.3")]
    public void What_is_left_of_a_day_is_spread_over_the_rest_of_it()
    {
        // The documented free quota: 100 calls a day. At noon all are left: one each 432 s.
        var budget = new FetchBudget(new() { PerDay = 100 }, OneNode.Noon);
        budget.Stretched(OneNode.Noon, Interval, 1).ShouldBe(TimeSpan.FromSeconds(432));
        budget.Spend(OneNode.Noon, 1, isRetry: false);
        var next = budget.AllowedAt(OneNode.Noon.AddSeconds(30), Interval, 1, isRetry: false).ShouldNotBeNull();
        (next - OneNode.Noon).TotalSeconds.ShouldBe(436, 1);
        (budget.AllowedAt(OneNode.Noon.AddSeconds(1), Interval, 1, isRetry: true) <= OneNode.Noon.AddSeconds(1)).ShouldBeTrue("a try of the same slot need not wait");
    }

    [Fact]
    public void What_is_left_of_a_month_is_spread_likewise_and_the_scarcer_of_the_two_decides()
    {
        // 30.5 days are left of January.
        new FetchBudget(new() { PerMonth = 3_050 }, OneNode.Noon).Stretched(OneNode.Noon, Interval, 1).ShouldBe(TimeSpan.FromSeconds(864));
        new FetchBudget(new() { PerMonth = 3_050, PerDay = 10 }, OneNode.Noon).Stretched(OneNode.Noon, Interval, 1).ShouldBe(TimeSpan.FromSeconds(4_320));
        new FetchBudget(new() { PerMonth = 3_050_000 }, OneNode.Noon).Stretched(OneNode.Noon, Interval, 1).ShouldBe(Interval);
    }

    [Fact]
    public void A_day_with_a_small_quota_is_served_to_its_end()
    {
        var budget = new FetchBudget(new() { PerDay = 100 }, OneNode.Noon.AddHours(-12));
        var fetches = new List<DateTimeOffset>();
        for (var now = OneNode.Noon.AddHours(-12); now < OneNode.Noon.AddHours(12); now += Interval)
        {
            if (budget.AllowedAt(now, Interval, 1, isRetry: false) <= now)
            {
                budget.Spend(now, 1, isRetry: false);
                fetches.Add(now);
            }
        }

        fetches.Count.ShouldBeInRange(95, 100);
        fetches[^1].ShouldBeGreaterThan(OneNode.Noon.AddHours(11.5));
        fetches.Zip(fetches.Skip(1)).Max(pair => pair.Second - pair.First).ShouldBeLessThan(TimeSpan.FromMinutes(20));
    }

    [Fact]
    [Trait("Requirement", "11.4")]
    public void A_spent_day_ends_at_midnight_and_a_spent_month_with_the_month()
    {
        var day = new FetchBudget(new() { PerDay = 1 }, OneNode.Noon);
        day.Spend(OneNode.Noon, 1, isRetry: false);
        day.Permille(OneNode.Noon).ShouldBe(0);
        day.AllowedAt(OneNode.Noon, Interval, 1, isRetry: true).ShouldBe(OneNode.Noon.AddHours(12));
        day.Permille(OneNode.Noon.AddHours(12)).ShouldBe(1_000);

        var month = new FetchBudget(new() { PerMonth = 1 }, OneNode.Noon);
        month.Spend(OneNode.Noon, 1, isRetry: false);
        month.AllowedAt(OneNode.Noon.AddDays(3), Interval, 1, isRetry: true).ShouldBe(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void What_was_spent_outlives_the_process()
    {
        var first = new FetchBudget(new() { PerDay = 10 }, OneNode.Noon);
        first.Spend(OneNode.Noon, 9, isRetry: false);
        var second = new FetchBudget(new() { PerDay = 10 }, OneNode.Noon, first.Use);
        second.Permille(OneNode.Noon).ShouldBe(100);
        second.Spend(OneNode.Noon, 1, isRetry: false);
        second.Permille(OneNode.Noon).ShouldBe(0);
    }

    [Theory]
    [InlineData(null, 60)]
    [InlineData(7, 7)]
    public void A_429_waits_as_told_or_a_minute(int? asked, int waits)
    {
        var budget = new FetchBudget(new(), OneNode.Noon);
        budget.Failed(new(SourceFaultKind.Throttled, "") { RetryAfter = asked is { } seconds ? TimeSpan.FromSeconds(seconds) : null }, OneNode.Noon);
        budget.AllowedAt(OneNode.Noon, Interval, 1, isRetry: true).ShouldBe(OneNode.Noon.AddSeconds(waits));
        budget.Permille(OneNode.Noon).ShouldBe(0);
        budget.Permille(OneNode.Noon.AddSeconds(waits)).ShouldBe(1_000);
    }

    [Fact]
    public void A_refused_key_is_never_used_again_and_another_one_that_was_taken_is_at_once()
    {
        var budget = new FetchBudget(new(), OneNode.Noon);
        budget.Failed(new(SourceFaultKind.MonthSpent, ""), OneNode.Noon);
        budget.Failed(new(SourceFaultKind.KeyRefused, ""), OneNode.Noon);
        budget.AllowedAt(OneNode.Noon.AddYears(1), Interval, 1, isRetry: false).ShouldBeNull();
        budget.Accepted();
        budget.AllowedAt(OneNode.Noon, Interval, 1, isRetry: false).ShouldNotBeNull().ShouldBeLessThanOrEqualTo(OneNode.Noon);
    }

    [Theory]
    [InlineData(SourceFaultKind.TimedOut, null, 0)]
    [InlineData(SourceFaultKind.ServerFailed, 20, 20)]
    public void A_failure_that_says_nothing_of_the_quota_waits_only_as_told(SourceFaultKind kind, int? asked, int waits)
    {
        var budget = new FetchBudget(new(), OneNode.Noon);
        budget.Failed(new(kind, "") { RetryAfter = asked is { } seconds ? TimeSpan.FromSeconds(seconds) : null }, OneNode.Noon);
        budget.AllowedAt(OneNode.Noon, Interval, 1, isRetry: true).ShouldBe(OneNode.Noon.AddSeconds(waits));
    }
}
