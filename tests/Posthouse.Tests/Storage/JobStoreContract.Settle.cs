using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

public abstract partial class JobStoreContract
{
    private static readonly Failure s_unreached = new(FailureKind.NotReached, "no route");
    private static readonly Failure s_refused = new(FailureKind.Transient, "500") { StatusCode = 500 };

    [Fact]
    public async Task A_done_job_keeps_its_result_and_says_so()
    {
        await Enqueue(Draft("a") with { Owner = "o" });
        var lease = await Run("a");
        Pass(1);
        (await Done(lease)).ShouldBeTrue();

        var row = await Row("a");
        (row.State, row.EndedAt, row.Instance, row.LeaseUntil).ShouldBe((JobState.Done, Time.GetUtcNow(), null, null));
        row.Result.ShouldBe("{\"ok\":1}"u8.ToArray());
        var entry = (await Events("a"))[^1];
        (entry.Kind, entry.Owner).ShouldBe(("JobDone", "o"));
        Body(entry).GetProperty("result").GetProperty("ok").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_stale_or_forged_lease_settles_nothing_and_its_write_does_not_run()
    {
        await Enqueue(Draft("a"));
        var old = await Run("a");
        await Again(old, 0);
        var present = await Run("a");
        var hasRun = false;
        var done = new Settlement(SettlementKind.Done) { Result = [], Write = _ => hasRun = true };

        (await Store.SettleAsync(old, done)).ShouldBeFalse();
        (await Store.SettleAsync(present with { Id = Id("b") }, done)).ShouldBeFalse();
        (await Store.SettleAsync(present with { Seq = present.Seq + 1 }, done)).ShouldBeFalse();
        (await Store.SettleAsync(present with { Fence = present.Fence + 1 }, done)).ShouldBeFalse();
        hasRun.ShouldBeFalse();
        (await Done(present)).ShouldBeTrue();
        (await Done(present)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_failed_try_waits_its_delay_and_counts_if_it_is_to()
    {
        await Enqueue(Draft("a"));
        await Again(await Run("a"), 30, s_refused, counted: true);

        var row = await Row("a");
        (row.State, row.Gate, row.Attempts, row.RunAt).ShouldBe((JobState.Pending, Gate.Time, 1, Time.GetUtcNow().AddSeconds(30)));
        (row.Failure!.Kind, row.Failure.Message, row.Failure.StatusCode).ShouldBe((FailureKind.Transient, "500", 500));
        var body = Body((await Events("a"))[^1]);
        (body.GetProperty("attempt").GetInt32(), body.GetProperty("final").GetBoolean()).ShouldBe((1, false));
        body.GetProperty("next_at").GetInt64().ShouldBe(row.RunAt.ToUnixTimeMilliseconds());
        Pass(30);
        (await Leased())[0].Attempts.ShouldBe(1);
    }

    [Fact]
    public async Task A_try_without_delay_is_open_again_at_once()
    {
        await Enqueue(Draft("a"));
        await Again(await Run("a"), 0, s_refused);
        (await GateOf("a")).ShouldBe(Gate.Open);
        (await Row("a")).Attempts.ShouldBe(0);
        (await ClaimedIds()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Tries_that_did_not_reach_the_far_side_are_counted_in_a_row()
    {
        await Enqueue(Draft("a"));
        await Again(await Run("a"), 0, s_unreached);
        await Again(await Run("a"), 0, s_unreached);
        var third = (await Leased())[0];
        third.Unreached.ShouldBe(2);
        await Again(third.Lease, 0, s_refused);
        (await Leased())[0].Unreached.ShouldBe(0);
    }

    [Fact]
    public async Task A_snooze_or_a_stopping_process_is_no_failed_attempt()
    {
        await Enqueue(Draft("a"));
        await Again(await Run("a"), 0);
        await Again(await Run("a"), 0, new Failure(FailureKind.Shutdown, "stopping"));
        (await Kinds("a")).ShouldBe(["JobAccepted"]);
    }

    [Fact]
    public async Task A_snooze_leaves_the_last_failure_to_be_seen()
    {
        await Enqueue(Draft("a"));
        await Again(await Run("a"), 0, s_refused);
        await Again(await Run("a"), 0);
        (await Row("a")).Failure!.Message.ShouldBe("500");
    }

    [Fact]
    public async Task A_stored_failure_message_is_no_longer_than_its_limit()
    {
        await Enqueue(Draft("a"));
        await Again(await Run("a"), 0, new Failure(FailureKind.Transient, new string('x', 5_000)));
        (await Row("a")).Failure!.Message.Length.ShouldBe(Failure.MaxMessageLength);
    }

    [Fact]
    public async Task A_job_without_credentials_is_held()
    {
        await Enqueue(Draft("a"));
        var lease = await Run("a");
        var failure = new Failure(FailureKind.Unauthenticated, "401") { StatusCode = 401 };
        await Store.SettleAsync(lease, new Settlement(SettlementKind.Hold) { Failure = failure });

        var row = await Row("a");
        (row.State, row.Gate, row.Hold, row.Attempts, row.Failure!.Message).ShouldBe(
            (JobState.Pending, Gate.Hold, HoldReason.Credentials, 0, "401"));
        var entry = (await Events("a"))[^1];
        entry.Kind.ShouldBe("JobAttemptFailed");
        Body(entry).TryGetProperty("next_at", out _).ShouldBeFalse();
        Body(entry).GetProperty("final").GetBoolean().ShouldBeFalse();
    }

    [Theory]
    [InlineData(DeadReason.Poisoned, "JobDead")]
    [InlineData(DeadReason.Rejected, "JobDead")]
    [InlineData(DeadReason.Conflict, "JobDead")]
    [InlineData(DeadReason.Expired, "JobDiscarded")]
    [InlineData(DeadReason.Cancelled, "JobDiscarded")]
    public async Task A_dead_job_says_whether_it_needs_a_decision(DeadReason reason, string kind)
    {
        await EnqueueDead(Draft("a"), reason);

        var row = await Row("a");
        (row.State, row.Reason, row.Attempts, row.EndedAt, row.Failure!.Message).ShouldBe(
            (JobState.Dead, reason, 1, Time.GetUtcNow(), "no such mailbox"));
        var events = await Events("a");
        events.Select(e => e.Kind).ShouldBe(["JobAccepted", "JobAttemptFailed", kind]);
        Body(events[1]).GetProperty("final").GetBoolean().ShouldBeTrue();
        Body(events[2]).GetProperty("reason").GetInt32().ShouldBe((int)reason);
        Body(events[2]).GetProperty("attempts").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_death_without_a_failure_tells_of_no_failed_attempt()
    {
        await Enqueue(Draft("a"));
        await Store.SettleAsync(await Run("a"), new Settlement(SettlementKind.Dead) { Reason = DeadReason.Rejected });
        (await Kinds("a")).ShouldBe(["JobAccepted", "JobDead"]);
    }

    [Fact]
    public async Task A_returned_job_is_as_if_it_had_not_been_claimed_but_for_the_fence()
    {
        var other = await Store.JoinAsync(() => { });
        await Enqueue(Draft("a"));
        await Leased();
        Pass(60);
        var second = (await Leased(instance: other))[0];
        (await Store.SettleAsync(second.Lease, new Settlement(SettlementKind.Return))).ShouldBeTrue();

        var third = (await Leased())[0];
        (third.Lease.Fence, third.Lost, third.Attempts).ShouldBe((3L, 1, 0));
        (await Kinds("a")).ShouldBe(["JobAccepted"]);
    }

    [Theory]
    [InlineData(SettlementKind.Again)]
    [InlineData(SettlementKind.Hold)]
    [InlineData(SettlementKind.Return)]
    public async Task A_job_to_be_cancelled_gets_no_further_try(SettlementKind kind)
    {
        await Enqueue(Draft("a"), Draft("b") with { After = [Id("a")] });
        var lease = await Run("a");
        await Decide(new JobCommand.Cancel(Id("a")));
        (await Store.SettleAsync(lease, new Settlement(kind))).ShouldBeTrue();

        (await Row("a")).Reason.ShouldBe(DeadReason.Cancelled);
        (await Kinds("a")).ShouldBe(["JobAccepted", "JobDiscarded"]);
        (await ClaimedIds()).ShouldBe(["b"]);
    }

    [Fact]
    public async Task A_job_to_be_cancelled_may_still_arrive()
    {
        await Enqueue(Draft("a"));
        var lease = await Run("a");
        await Decide(new JobCommand.Cancel(Id("a")));
        (await Done(lease)).ShouldBeTrue();
        (await Row("a")).State.ShouldBe(JobState.Done);
    }

    [Fact]
    public async Task The_write_of_a_settlement_speaks_before_the_settlement_does()
    {
        await Enqueue(Draft("a"));
        var told = new EventDraft("orders", "order-1", "OrderReady", null, "{}"u8.ToArray());
        await Store.SettleAsync(await Run("a"), new Settlement(SettlementKind.Done) { Result = [], Write = write => write.Append(told) });

        var events = await Events();
        events.Select(e => e.Kind).ShouldBe(["JobAccepted", "OrderReady", "JobDone"]);
        (events[1].Room, events[1].Subject, events[1].At).ShouldBe(("orders", "order-1", Time.GetUtcNow()));
    }

    [Fact]
    public async Task A_write_that_throws_undoes_the_whole_settlement_and_the_caller_hears_of_it()
    {
        await Enqueue(Draft("a"));
        var lease = await Run("a");
        var settlement = new Settlement(SettlementKind.Done)
        {
            Write = write =>
            {
                write.Append(new EventDraft("orders", "order-1", "OrderReady", null, default));
                throw new FormatException("no such order");
            },
        };

        (await Should.ThrowAsync<FormatException>(() => Store.SettleAsync(lease, settlement))).Message.ShouldBe("no such order");
        (await Row("a")).State.ShouldBe(JobState.Running);
        (await Kinds()).ShouldBe(["JobAccepted"]);
        (await Done(lease)).ShouldBeTrue();
    }
}
