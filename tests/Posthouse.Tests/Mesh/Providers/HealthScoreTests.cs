using Posthouse.Mesh.Providers;

namespace Posthouse.Tests.Mesh.Providers;

public sealed class HealthScoreTests
{
    [Fact]
    public void One_of_whom_nothing_is_known_is_trusted() => new HealthScore().Score(OneNode.Noon).ShouldBe(100);

    [Fact]
    public void The_score_is_the_share_of_slots_times_the_share_of_readings()
    {
        var health = new HealthScore();
        for (var n = 0; n < 1_000; n++)
        {
            health.OnSlot(n % 2 == 0, OneNode.Noon);
            health.OnReadings(3, 1, OneNode.Noon);
        }

        health.Score(OneNode.Noon).ShouldBe(50 * 0.75, 0.1);
    }

    [Fact]
    public void After_an_hour_an_event_counts_half()
    {
        var health = new HealthScore();
        health.OnReadings(0, 8, OneNode.Noon);
        health.Score(OneNode.Noon).ShouldBe(100.0 / 9, 1e-9);
        health.Score(OneNode.Noon.AddHours(1)).ShouldBe(100.0 / 5, 1e-9);
        health.OnReadings(4, 0, OneNode.Noon.AddHours(1));
        health.Counts.ShouldBe(new HealthCounts(0, 0, 4, 8));
    }

    [Fact]
    public void It_outlives_the_process()
    {
        var before = new HealthScore();
        before.OnSlot(false, OneNode.Noon);
        new HealthScore(before.Counts, OneNode.Noon).Score(OneNode.Noon.AddHours(1)).ShouldBe(before.Score(OneNode.Noon.AddHours(1)));
    }

    [Fact]
    public void A_clock_that_goes_back_makes_nothing_younger()
    {
        var health = new HealthScore();
        health.OnSlot(false, OneNode.Noon);
        health.Score(OneNode.Noon.AddHours(-5)).ShouldBe(50);
    }
}
