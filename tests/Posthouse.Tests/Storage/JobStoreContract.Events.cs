using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

public abstract partial class JobStoreContract
{
    [Fact]
    public async Task Positions_rise_in_the_order_of_commit()
    {
        await Enqueue(Draft("a"), Draft("b"));
        await Done((await Leased(max: 1))[0].Lease);
        var events = await Events();
        events.Select(e => e.Subject).ShouldBe(["a", "b", "a"]);
        events.Select(e => e.Position).ShouldBeInOrder();
        events.Select(e => e.Position).ShouldBeUnique();
    }

    [Fact]
    public async Task Events_are_read_after_a_position_by_owner_room_and_subject_up_to_a_limit()
    {
        await Enqueue(Draft("a") with { Owner = "x" }, Draft("b") with { Owner = "y" }, Draft("c") with { Owner = "x" });
        async Task<string[]> Read(long after, EventFilter filter, int limit) =>
            [.. (await Store.ReadEventsAsync(after, filter, limit)).Select(e => e.Subject)];

        (await Read(0, new EventFilter(), 2)).ShouldBe(["a", "b"]);
        (await Read((await Events())[0].Position, new EventFilter(), 9)).ShouldBe(["b", "c"]);
        (await Read(0, new EventFilter(Owner: "x"), 9)).ShouldBe(["a", "c"]);
        (await Read(0, new EventFilter(Subject: "b"), 9)).ShouldBe(["b"]);
        (await Read(0, new EventFilter(Room: "jobs"), 9)).Length.ShouldBe(3);
        (await Read(0, new EventFilter(Room: "orders"), 9)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Changed_completes_when_there_are_events_after_the_position()
    {
        await Enqueue(Draft("a"));
        await Soon(Store.ChangedAsync(0, CancellationToken.None));
        var changed = Store.ChangedAsync(await Store.LastPositionAsync(), CancellationToken.None);
        await RoundTrip();
        changed.IsCompleted.ShouldBeFalse();
        await Enqueue(Draft("b"));
        await Soon(changed);
    }

    [Fact]
    public async Task The_last_position_outlives_its_event_so_that_nobody_waits_for_what_is_swept()
    {
        (await Store.LastPositionAsync()).ShouldBe(0);
        await Enqueue(Draft("a"));
        await Done((await Leased(max: 1))[0].Lease);
        var last = (await Events())[^1].Position;
        Pass(1);
        (await Store.SweepAsync(TimeSpan.FromSeconds(1))).ShouldBe(1);

        (await Events()).ShouldBeEmpty();
        (await Store.LastPositionAsync()).ShouldBe(last);
        var changed = Store.ChangedAsync(await Store.LastPositionAsync(), CancellationToken.None);
        await RoundTrip();
        changed.IsCompleted.ShouldBeFalse();
        await Enqueue(Draft("b"));
        await Soon(changed);
    }

    [Fact]
    public async Task Waiting_for_a_change_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        var changed = Store.ChangedAsync(0, source.Token);
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => Soon(changed));

        await Enqueue(Draft("a"));
        await Should.ThrowAsync<OperationCanceledException>(() => Soon(Store.ChangedAsync(0, source.Token)));
    }

    [Fact]
    public async Task An_ended_job_is_swept_when_it_is_old_enough_and_not_before()
    {
        await Enqueue(Draft("done"), Draft("open"));
        await Done((await Leased(max: 1))[0].Lease);
        Pass(59);
        (await Store.SweepAsync(TimeSpan.FromSeconds(60))).ShouldBe(0);
        Pass(1);
        (await Store.SweepAsync(TimeSpan.FromSeconds(60))).ShouldBe(1);
        (await Store.GetAsync(Id("done"))).ShouldBeNull();
        (await Store.GetAsync(Id("open"))).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_job_that_needs_a_decision_is_never_swept()
    {
        await EnqueueDead(Draft("a"));
        Time.Advance(TimeSpan.FromDays(365));
        (await Store.SweepAsync(TimeSpan.Zero)).ShouldBe(0);
        (await Row("a")).State.ShouldBe(JobState.Dead);
    }

    [Fact]
    public async Task A_job_stays_until_its_owner_has_acknowledged_everything_about_it()
    {
        await Enqueue(Draft("a") with { Owner = "o" });
        await Done(await Run("a"));
        Pass(60);
        (await Store.SweepAsync(TimeSpan.FromSeconds(1))).ShouldBe(0);
        (await Decide(new JobCommand.Clear(false))).Changed.ShouldBe(0);
        long[] positions = [.. (await Events()).Select(e => e.Position)];
        await Store.AcknowledgeAsync("o", positions[0]);
        (await Store.SweepAsync(TimeSpan.FromSeconds(1))).ShouldBe(0);
        await Store.AcknowledgeAsync("o", positions[1]);
        (await Store.SweepAsync(TimeSpan.FromSeconds(1))).ShouldBe(1);
        (await Events()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_acknowledgement_never_goes_back()
    {
        await Enqueue(Draft("a") with { Owner = "o" });
        await Done(await Run("a"));
        long[] positions = [.. (await Events()).Select(e => e.Position)];
        await Store.AcknowledgeAsync("o", positions[1]);
        await Store.AcknowledgeAsync("o", positions[0]);
        Pass(60);
        (await Store.SweepAsync(TimeSpan.FromSeconds(1))).ShouldBe(1);
    }

    [Fact]
    public async Task A_sweep_takes_500_jobs_at_most_and_those_that_ended_first()
    {
        await Store.EnqueueAsync([.. Enumerable.Range(0, 501).Select(i => Draft($"j{i:000}"))]);
        await Decide(new JobCommand.Cancel(Id("j500")));
        Pass(1);
        for (var i = 0; i < 500; i++)
        {
            await Decide(new JobCommand.Cancel(Id($"j{i:000}")));
        }

        Pass(60);
        (await Store.SweepAsync(TimeSpan.FromSeconds(1))).ShouldBe(500);
        (await Store.ListAsync(new JobQuery())).ShouldHaveSingleItem().Id.Value.ShouldBe("j499");
    }

    [Fact]
    public async Task Old_events_go_when_nobody_has_to_see_them_and_positions_go_on_rising()
    {
        await Enqueue(Draft("owned") with { Owner = "o" }, Draft("free"));
        Pass(60);
        await Store.SweepAsync(TimeSpan.FromSeconds(30));
        var owned = (await Events()).ShouldHaveSingleItem();
        owned.Subject.ShouldBe("owned");
        await Store.AcknowledgeAsync("o", owned.Position);
        await Store.SweepAsync(TimeSpan.FromSeconds(30));
        (await Events()).ShouldBeEmpty();
        await Enqueue(Draft("new"));
        (await Events()).ShouldHaveSingleItem().Position.ShouldBeGreaterThan(owned.Position);
    }

    [Fact]
    public async Task Events_and_owners_that_were_silent_for_thirty_days_keep_nothing()
    {
        await Enqueue(Draft("a") with { Owner = "o" });
        await Done(await Run("a"));
        Time.Advance(TimeSpan.FromDays(29));
        await Store.SweepAsync(TimeSpan.FromDays(1));
        (await Events()).Count.ShouldBe(2);
        Time.Advance(TimeSpan.FromDays(2));
        await Store.SweepAsync(TimeSpan.FromDays(1));
        await Store.SweepAsync(TimeSpan.FromDays(1));
        (await Events()).ShouldBeEmpty();
        (await Store.ListAsync(new JobQuery())).ShouldBeEmpty();
    }

    [Fact]
    public async Task Counts_are_disjoint_and_sum_up_to_all_rows()
    {
        var start = Time.GetUtcNow();
        await Enqueue(Draft("done"));
        await Done(await Run("done"));
        await EnqueueDead(Draft("failed"));
        await Enqueue(Draft("closed"));
        await Decide(new JobCommand.Cancel(Id("closed")));
        await Enqueue(Draft("held"));
        await Store.SettleAsync(await Run("held"), new Settlement(SettlementKind.Hold));
        await Enqueue(Draft("running"));
        await Run("running");
        Pass(1);
        await Enqueue(Draft("ready"), Draft("waiting") with { After = [Id("ready")] });
        await Enqueue(Draft("scheduled") with { NotBefore = start.AddSeconds(99) });
        await Decide(new JobCommand.Pause("x"));
        await Decide(new JobCommand.Pause());

        var counts = await Store.CountAsync();

        (counts.Ready, counts.Scheduled, counts.Waiting, counts.Held, counts.Running).ShouldBe((1L, 1L, 1L, 1L, 1L));
        (counts.Failed, counts.Done, counts.Closed, counts.Open).ShouldBe((1L, 1L, 1L, 6L));
        (counts.OldestOpen, counts.NextDue, counts.Paused).ShouldBe((start, start.AddSeconds(99), true));
        counts.PausedDestinations.ShouldBe(["x"]);
        counts.OpenBytes.ShouldBe(new[] { "failed", "held", "running", "ready", "waiting", "scheduled" }.Sum(id => Draft(id).Bytes));
    }

    [Fact]
    public async Task A_listing_is_in_the_order_of_admission_and_goes_on_after_a_place()
    {
        await Enqueue(Draft("a-1"), Draft("b-1", lane: "l"), Draft("a-2") with { Name = "mail.drop" }, Draft("dead") with { Priority = 9 });
        await Die((await Leased(max: 1))[0].Lease);
        async Task<string[]> List(JobQuery query) => [.. (await Store.ListAsync(query)).Select(row => row.Id.Value)];

        var page = await Store.ListAsync(new JobQuery { Limit = 2 });
        page.Select(row => row.Id.Value).ShouldBe(["a-1", "b-1"]);
        (await List(new JobQuery { AfterSeq = page[1].Seq })).ShouldBe(["a-2", "dead"]);
        (await List(new JobQuery { State = JobState.Dead })).ShouldBe(["dead"]);
        (await List(new JobQuery { NeedsDecision = true })).ShouldBe(["dead"]);
        (await List(new JobQuery { NeedsDecision = false })).ShouldBeEmpty();
        (await List(new JobQuery { Lane = "l" })).ShouldBe(["b-1"]);
        (await List(new JobQuery { Name = "mail.drop" })).ShouldBe(["a-2"]);
        (await List(new JobQuery { IdPrefix = "a-" })).ShouldBe(["a-1", "a-2"]);
    }
}
