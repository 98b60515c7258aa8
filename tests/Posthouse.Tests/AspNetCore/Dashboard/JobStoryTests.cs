using Posthouse.AspNetCore.Dashboard.Queue;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.AspNetCore.Dashboard;

public sealed class JobStoryTests
{
    [Fact]
    public async Task The_newest_events_of_a_job_are_told()
    {
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1"), DashboardStage.Draft("mail-2", lane: "other")]);
        for (var round = 0; round < JobStory.Most; round++)
        {
            await stage.FailAsync();
            await stage.Store.DecideAsync(new JobCommand.Retry(JobId.Parse("mail-1")));
        }

        var all = await stage.Store.ReadEventsAsync(0, new EventFilter(Room: JobEventBodies.Room, Subject: "mail-1"), int.MaxValue);
        var told = await JobStory.ReadAsync(stage.Store, await stage.JobAsync("mail-1"));

        all.Count.ShouldBeGreaterThan(JobStory.Most);
        told.Select(one => one.Position).ShouldBe(all.TakeLast(JobStory.Most).Select(one => one.Position));
    }

    [Fact]
    public async Task The_log_is_read_from_the_jobs_acceptance_on()
    {
        await using var stage = await DashboardStage.StartAsync();
        for (var day = 0; day < 50; day++)
        {
            await stage.Store.EnqueueAsync([DashboardStage.Draft($"mail-{day}")]);
            stage.Time.Advance(TimeSpan.FromDays(1));
        }

        for (var day = 0; day < 50; day++)
        {
            var own = (await stage.Store.ReadEventsAsync(0, new EventFilter(Subject: $"mail-{day}"), 1)).ShouldHaveSingleItem().Position;
            (await JobStory.BeforeAsync(stage.Store, (await stage.JobAsync($"mail-{day}")).AcceptedAt)).ShouldBe(own - 1);
        }
    }

    [Fact]
    public async Task A_clock_that_was_set_back_by_an_hour_hides_nothing()
    {
        await using var stage = await DashboardStage.StartAsync();
        for (var round = 0; round < 40; round++)
        {
            await stage.Store.EnqueueAsync([DashboardStage.Draft($"mail-{round}")]);
            // On it goes, but for every second round, in which it is set back by nearly an hour.
            stage.Time.JumpWallClock(round % 2 == 0 ? TimeSpan.FromMinutes(61) : TimeSpan.FromMinutes(-59));
        }

        for (var round = 0; round < 40; round++)
        {
            (await JobStory.ReadAsync(stage.Store, await stage.JobAsync($"mail-{round}"))).ShouldHaveSingleItem().Kind.ShouldBe(JobEventBodies.Accepted);
        }
    }
}
