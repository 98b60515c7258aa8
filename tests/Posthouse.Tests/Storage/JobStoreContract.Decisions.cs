using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

public abstract partial class JobStoreContract
{
    [Fact]
    public async Task A_decision_about_an_unknown_job_is_refused()
    {
        (await CodeOf(() => Decide(new JobCommand.Cancel(Id("x"))))).ShouldBe(ErrorCodes.JobNotFound);
        (await CodeOf(() => Decide(new JobCommand.Retry(Id("x"))))).ShouldBe(ErrorCodes.JobNotFound);
        (await CodeOf(() => Decide(new JobCommand.Discard(Id("x"))))).ShouldBe(ErrorCodes.JobNotFound);
        (await CodeOf(() => Decide(new JobCommand.RetryEdited(Id("x"), Draft("y"))))).ShouldBe(ErrorCodes.JobNotFound);
    }

    [Fact]
    public async Task A_pending_job_is_cancelled_before_it_is_sent()
    {
        await Enqueue(Draft("a"));
        var answer = await Decide(new JobCommand.Cancel(Id("a")));

        (answer.Cancel, answer.Changed).ShouldBe((CancelAnswer.CancelledBeforeSend, 1));
        (await Row("a")).Reason.ShouldBe(DeadReason.Cancelled);
        (await Kinds("a")).ShouldBe(["JobAccepted", "JobDiscarded"]);
        (await ClaimedIds()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_running_job_is_asked_to_stop_and_the_instance_that_holds_it_gets_a_hint()
    {
        var hints = 0;
        var other = await Store.JoinAsync(() => Interlocked.Increment(ref hints));
        await Enqueue(Draft("a"));
        await Leased(instance: other);
        var answer = await Decide(new JobCommand.Cancel(Id("a")));

        answer.Cancel.ShouldBe(CancelAnswer.RequestedWhileRunning);
        Volatile.Read(ref hints).ShouldBe(1);
        (await Store.RenewAsync(other, TimeSpan.FromMinutes(1))).ShouldHaveSingleItem().CancelRequested.ShouldBeTrue();
        (await Row("a")).State.ShouldBe(JobState.Running);
    }

    [Fact]
    public async Task It_is_too_late_to_cancel_what_has_ended()
    {
        await Enqueue(Draft("done"));
        await Done(await Run("done"));
        await EnqueueDead(Draft("failed"));
        await EnqueueDead(Draft("closed"), DeadReason.Expired);
        foreach (var id in new[] { "done", "failed", "closed" })
        {
            var before = await Row(id);
            var answer = await Decide(new JobCommand.Cancel(Id(id)));
            (answer.Cancel, answer.Changed).ShouldBe((CancelAnswer.TooLate, 0));
            var row = await Row(id);
            (row.State, row.Reason, row.EndedAt).ShouldBe((before.State, before.Reason, before.EndedAt));
        }
    }

    [Fact]
    public async Task A_retried_job_starts_from_nothing_with_its_last_failure_kept()
    {
        await EnqueueDead(Draft("a") with { ExpiresAt = Time.GetUtcNow().AddSeconds(5) });
        Pass(10);
        (await Decide(new JobCommand.Retry(Id("a")))).Changed.ShouldBe(1);

        var row = await Row("a");
        (row.State, row.Gate, row.Reason, row.EndedAt, row.ExpiresAt).ShouldBe((JobState.Pending, Gate.Open, null, null, null));
        (row.Attempts, row.Lost, row.RunAt, row.Failure!.Message).ShouldBe((0, 0, Time.GetUtcNow(), "no such mailbox"));
        (await Kinds("a"))[^1].ShouldBe("JobRetried");
        (await Leased())[0].Lease.Fence.ShouldBe(2);
    }

    [Fact]
    public async Task A_retried_job_keeps_an_expiry_that_lies_ahead()
    {
        var expires = Time.GetUtcNow().AddSeconds(50);
        await EnqueueDead(Draft("a") with { ExpiresAt = expires });
        await Decide(new JobCommand.Retry(Id("a")));
        (await Row("a")).ExpiresAt.ShouldBe(expires);
    }

    [Fact]
    public async Task Only_a_job_that_needs_a_decision_can_be_retried_or_edited()
    {
        await EnqueueDead(Draft("closed"), DeadReason.Expired);
        await Enqueue(Draft("done"));
        await Done(await Run("done"));
        await Enqueue(Draft("running"));
        await Run("running");
        await Enqueue(Draft("pending"));
        foreach (var (id, state) in new[] { ("closed", "Dead"), ("done", "Done"), ("running", "Running"), ("pending", "Pending") })
        {
            var refusal = await Should.ThrowAsync<PosthouseException>(() => Decide(new JobCommand.Retry(Id(id))));
            refusal.Code.ShouldBe(ErrorCodes.JobStateConflict);
            refusal.Message.ShouldContain(state);
            (await CodeOf(() => Decide(new JobCommand.RetryEdited(Id(id), Draft("new"))))).ShouldBe(ErrorCodes.JobStateConflict);
        }
    }

    [Fact]
    public async Task A_retried_job_is_again_where_it_was_in_its_lane()
    {
        await Enqueue(Draft("a", lane: "l"), Draft("b", lane: "l"));
        await Die(await Run("a"));
        await Decide(new JobCommand.Retry(Id("a")));
        await Done(await Run("a"));
        await Done(await Run("b"));
    }

    [Fact]
    public async Task A_retried_job_that_its_lane_went_on_without_goes_to_the_end_of_it()
    {
        await Enqueue(Draft("a", lane: "l") with { WhenDead = WhenDead.Skip }, Draft("b", lane: "l"), Draft("c", lane: "l"));
        await Die(await Run("a"));
        await Decide(new JobCommand.Retry(Id("a")));
        (await WaitsFor("a")).ShouldBe(["c"]);
        (await GateOf("a")).ShouldBe(Gate.After);
    }

    [Fact]
    public async Task A_retried_job_that_newcomers_wait_for_does_not_wait_for_them()
    {
        await EnqueueDead(Draft("a", lane: "l") with { WhenDead = WhenDead.DiscardDependents });
        await Enqueue(Draft("b", lane: "l"));
        await Decide(new JobCommand.Retry(Id("a")));
        await Done(await Run("a"));
        await Done(await Run("b"));
    }

    [Fact]
    public async Task An_edited_job_shows_its_own_optimistic_result_and_not_the_old_ones()
    {
        await EnqueueDead(Draft("a"));
        await Decide(new JobCommand.RetryEdited(Id("a"), Draft("b") with { Optimistic = "\"new\""u8.ToArray() }));
        (await Row("b")).Optimistic.ShouldBe("\"new\""u8.ToArray());
        var accepted = (await Store.ReadEventsAsync(0, new EventFilter(), 100)).Single(told => told.Kind == "JobAccepted" && told.Subject == "b");
        System.Text.Encoding.UTF8.GetString(accepted.Body.Span).ShouldContain("\"new\"");
    }

    [Fact]
    public async Task An_edited_job_takes_the_place_of_the_dead_one()
    {
        await Enqueue(Draft("a", lane: "l"), Draft("b", lane: "l"), Draft("c") with { After = [Id("a")] });
        await Die(await Run("a"));
        var answer = await Decide(new JobCommand.RetryEdited(Id("a"), Draft("a2", lane: "l")));

        answer.Id.ShouldBe(Id("a2"));
        (await Row("a")).Reason.ShouldBe(DeadReason.Discarded);
        (await WaitsFor("b")).ShouldBe(["a2"]);
        (await WaitsFor("c")).ShouldBe(["a2"]);
        (await Kinds()).TakeLast(2).ShouldBe(["JobDiscarded", "JobAccepted"]);
        (await ClaimedIds()).ShouldBe(["a2"]);
    }

    [Fact]
    public async Task An_edited_job_that_its_lane_went_on_without_goes_to_the_end_of_it()
    {
        await Enqueue(Draft("a", lane: "l") with { WhenDead = WhenDead.Skip }, Draft("b", lane: "l"));
        await Die(await Run("a"));
        await Decide(new JobCommand.RetryEdited(Id("a"), Draft("a2", lane: "l")));
        (await WaitsFor("a2")).ShouldBe(["b"]);
        (await WaitsFor("b")).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_edited_job_never_waits_for_those_that_wait_for_it()
    {
        await Enqueue(Draft("a", lane: "l"), Draft("b", lane: "m") with { After = [Id("a")] }, Draft("c") with { After = [Id("b")] });
        await Die(await Run("a"));
        await Decide(new JobCommand.RetryEdited(Id("a"), Draft("a2", lane: "m") with { After = [Id("a"), Id("c")] }));

        (await WaitsFor("a2")).ShouldBeEmpty();
        await Done(await Run("a2"));
        await Done(await Run("b"));
        await Done(await Run("c"));
    }

    [Fact]
    public async Task An_edited_job_needs_a_new_id_and_no_free_key()
    {
        await EnqueueDead(Draft("a", key: "k"));
        await Enqueue(Draft("b", key: "k"));
        (await CodeOf(() => Decide(new JobCommand.RetryEdited(Id("a"), Draft("a"))))).ShouldBe(ErrorCodes.JobIdReused);
        (await CodeOf(() => Decide(new JobCommand.RetryEdited(Id("a"), Draft("b"))))).ShouldBe(ErrorCodes.JobIdReused);
        (await Row("a")).Reason.ShouldBe(DeadReason.Rejected);

        await Decide(new JobCommand.RetryEdited(Id("a"), Draft("c", key: "k")));
        (await ClaimedIds()).ShouldBe(["b", "c"]);
    }

    [Fact]
    public async Task A_dead_job_is_discarded_with_a_rollback_event()
    {
        await EnqueueDead(Draft("a", lane: "l") with { Owner = "o" });
        await Enqueue(Draft("b", lane: "l"));
        (await Decide(new JobCommand.Discard(Id("a")))).Changed.ShouldBe(1);

        (await Row("a")).Reason.ShouldBe(DeadReason.Discarded);
        var entry = (await Events("a"))[^1];
        (entry.Kind, entry.Owner).ShouldBe(("JobDiscarded", "o"));
        Body(entry).GetProperty("reason").GetInt32().ShouldBe((int)DeadReason.Discarded);
        (await GateOf("b")).ShouldBe(Gate.Open);
    }

    [Fact]
    public async Task A_pending_job_can_be_discarded_and_a_running_or_ended_one_cannot()
    {
        await Enqueue(Draft("a", lane: "l"), Draft("b", lane: "l"), Draft("c", lane: "l"));
        await Run("a");
        await Decide(new JobCommand.Discard(Id("b")));
        (await WaitsFor("c")).ShouldBe(["a"]);
        (await CodeOf(() => Decide(new JobCommand.Discard(Id("a"))))).ShouldBe(ErrorCodes.JobStateConflict);
        (await CodeOf(() => Decide(new JobCommand.Discard(Id("b"))))).ShouldBe(ErrorCodes.JobStateConflict);
    }

    [Fact]
    public async Task Released_jobs_go_where_they_belong()
    {
        await Enqueue(Draft("x") with { Destination = "x" }, Draft("y") with { Destination = "y" });
        foreach (var job in await Leased())
        {
            await Store.SettleAsync(job.Lease, new Settlement(SettlementKind.Hold));
        }

        (await Decide(new JobCommand.Release(HoldReason.UnknownType))).Changed.ShouldBe(0);
        (await Decide(new JobCommand.Release(HoldReason.Credentials, "x"))).Changed.ShouldBe(1);
        (await ClaimedIds()).ShouldBe(["x"]);
        (await Decide(new JobCommand.Release(HoldReason.Credentials))).Changed.ShouldBe(1);
        (await Row("y")).Hold.ShouldBeNull();
        (await ClaimedIds()).ShouldBe(["y"]);
    }

    [Fact]
    public async Task A_held_job_whose_time_has_not_come_waits_for_it_after_its_release()
    {
        await Enqueue(Draft("a") with { NotBefore = Time.GetUtcNow().AddSeconds(10) });
        Pass(10);
        await Soon(Hold());
        Time.JumpWallClock(TimeSpan.FromMilliseconds(-500));
        await Decide(new JobCommand.Release(HoldReason.Credentials));
        (await GateOf("a")).ShouldBe(Gate.Time);

        async Task Hold() => await Store.SettleAsync(await Run("a"), new Settlement(SettlementKind.Hold));
    }

    [Fact]
    public async Task A_destination_that_is_reached_again_opens_what_did_not_reach_it()
    {
        await Enqueue(Draft("a") with { Destination = "x" }, Draft("b") with { Destination = "x" }, Draft("c") with { Destination = "y" });
        await Enqueue(Draft("later") with { Destination = "x", NotBefore = Time.GetUtcNow().AddSeconds(600) });
        foreach (var job in await Leased())
        {
            await Again(job.Lease, 300, job.Lease.Id.Value == "b" ? s_refused : s_unreached);
        }

        (await Decide(new JobCommand.Reached("x"))).Changed.ShouldBe(1);
        (await Row("a")).RunAt.ShouldBe(Time.GetUtcNow());
        (await ClaimedIds()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Clear_removes_what_is_finished_and_leaves_what_is_open()
    {
        await Enqueue(Draft("done"));
        await Done(await Run("done"));
        await EnqueueDead(Draft("failed"));
        await Enqueue(Draft("pending"), Draft("cancelled"));
        await Decide(new JobCommand.Cancel(Id("cancelled")));

        (await Decide(new JobCommand.Clear(Everything: false))).Changed.ShouldBe(2);
        (await Store.ListAsync(new JobQuery())).Select(row => row.Id.Value).ShouldBe(["failed", "pending"]);
    }

    [Fact]
    public async Task Clear_of_everything_discards_first_what_waits_and_spares_what_runs()
    {
        await Enqueue(Draft("running"));
        await Run("running");
        await EnqueueDead(Draft("failed"));
        await Enqueue(Draft("a", lane: "l"), Draft("b", lane: "l"), Draft("owned") with { Owner = "o" });

        (await Decide(new JobCommand.Clear(Everything: true))).Changed.ShouldBe(4);
        (await Store.ListAsync(new JobQuery())).Select(row => row.Id.Value).ShouldBe(["running", "owned"]);
        (await Row("owned")).Reason.ShouldBe(DeadReason.Discarded);
        (await Kinds("a")).ShouldBe(["JobAccepted", "JobDiscarded"]);
    }
}
