using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

public abstract partial class JobStoreContract
{
    [Fact]
    public async Task Jobs_of_one_lane_run_one_at_a_time_in_the_order_they_were_accepted()
    {
        await Enqueue(Draft("a", lane: "l"), Draft("b", lane: "l") with { Priority = 9 }, Draft("c", lane: "l"), Draft("x", lane: "m"));
        (await WaitsFor("c")).ShouldBe(["b"]);
        var first = await Leased();
        first.Select(job => job.Lease.Id.Value).ShouldBe(["a", "x"]);
        await Done(first[0].Lease);
        await Done(await Run("b"));
        await Done(await Run("c"));
    }

    [Fact]
    public async Task A_job_that_is_tried_again_keeps_its_lane_waiting()
    {
        await Enqueue(Draft("a", lane: "l"), Draft("b", lane: "l"));
        await Again(await Run("a"), 10, s_refused);
        (await ClaimedIds()).ShouldBeEmpty();
        Pass(10);
        (await ClaimedIds()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_job_waits_for_all_that_it_is_to_run_after()
    {
        await Enqueue(Draft("a"), Draft("b"), Draft("c") with { After = [Id("a"), Id("b")] });
        var leases = await Leased();
        await Done(leases[0].Lease);
        (await GateOf("c")).ShouldBe(Gate.After);
        (await WaitsFor("c")).ShouldBe(["b"]);
        await Done(leases[1].Lease);
        (await ClaimedIds()).ShouldBe(["c"]);
    }

    [Fact]
    public async Task A_job_to_run_after_an_unknown_one_is_refused()
    {
        (await CodeOf(() => Enqueue(Draft("c") with { After = [Id("nobody")] }))).ShouldBe(ErrorCodes.JobNotFound);
        (await CodeOf(() => Enqueue(Draft("c") with { After = [Id("c")] }))).ShouldBe(ErrorCodes.JobNotFound);
    }

    [Fact]
    public async Task Nobody_waits_for_a_job_that_is_done_or_closed_or_was_skipped()
    {
        await Enqueue(Draft("done"));
        await Done(await Run("done"));
        await Enqueue(Draft("closed"));
        await Decide(new JobCommand.Cancel(Id("closed")));
        await EnqueueDead(Draft("skipped") with { WhenDead = WhenDead.Skip });
        await EnqueueDead(Draft("failed"));

        await Enqueue(Draft("x") with { After = [Id("done"), Id("closed"), Id("skipped"), Id("failed")] });

        (await WaitsFor("x")).ShouldBe(["failed"]);
    }

    [Fact]
    public async Task A_job_behind_another_waits_for_its_own_time_too()
    {
        await Enqueue(Draft("a", lane: "l"), Draft("b", lane: "l") with { NotBefore = Time.GetUtcNow().AddSeconds(10) });
        await Done(await Run("a"));
        (await GateOf("b")).ShouldBe(Gate.Time);
        Pass(10);
        (await ClaimedIds()).ShouldBe(["b"]);
    }

    [Fact]
    public async Task A_dead_job_blocks_those_behind_it_until_a_decision()
    {
        await Enqueue(Draft("a", lane: "l"), Draft("b", lane: "l"));
        await Die(await Run("a"));
        await Enqueue(Draft("c", lane: "l"));

        (await ClaimedIds()).ShouldBeEmpty();
        (await WaitsFor("b")).ShouldBe(["a"]);
        (await WaitsFor("c")).ShouldBe(["b"]);
        await Decide(new JobCommand.Discard(Id("a")));
        (await ClaimedIds()).ShouldBe(["b"]);
    }

    [Fact]
    public async Task A_newcomer_waits_behind_a_dead_job_that_blocks_its_lane()
    {
        await EnqueueDead(Draft("a", lane: "l"));
        await Enqueue(Draft("b", lane: "l"));
        (await WaitsFor("b")).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_dead_job_that_is_to_be_skipped_lets_its_lane_go_on()
    {
        await Enqueue(Draft("a", lane: "l") with { WhenDead = WhenDead.Skip }, Draft("b", lane: "l"));
        await Die(await Run("a"));
        await Done(await Run("b"));
        await Enqueue(Draft("c", lane: "l"));
        (await ClaimedIds()).ShouldBe(["c"]);
    }

    [Fact]
    public async Task A_dead_job_can_take_everything_behind_it_along()
    {
        await Enqueue(
            Draft("a", lane: "l") with { WhenDead = WhenDead.DiscardDependents },
            Draft("b", lane: "l") with { Owner = "o" },
            Draft("c") with { After = [Id("b")] },
            Draft("free"),
            Draft("d") with { After = [Id("c"), Id("free")] },
            Draft("behind-free") with { After = [Id("free")] });
        var lease = (await Leased()).Single(job => job.Lease.Id.Value == "a").Lease;
        await Die(lease);

        foreach (var id in new[] { "b", "c", "d" })
        {
            var row = await Row(id);
            (row.State, row.Reason, row.EndedAt).ShouldBe((JobState.Dead, DeadReason.Discarded, Time.GetUtcNow()));
            row.WaitsFor.ShouldBeEmpty();
            (await Kinds(id)).ShouldBe(["JobAccepted", "JobDiscarded"]);
        }

        (await Events("b"))[1].Owner.ShouldBe("o");
        (await WaitsFor("behind-free")).ShouldBe(["free"]);
        (await Kinds()).TakeLast(5).ShouldBe(["JobAttemptFailed", "JobDead", "JobDiscarded", "JobDiscarded", "JobDiscarded"]);
    }

    [Fact]
    public async Task A_crashed_job_does_to_those_behind_it_what_any_dead_one_does()
    {
        var other = await Store.JoinAsync(() => { });
        await Enqueue(Draft("a", lane: "l") with { WhenDead = WhenDead.DiscardDependents }, Draft("b", lane: "l"));
        foreach (var instance in new[] { Me, other, Me })
        {
            (await Leased(instance: instance)).ShouldHaveSingleItem();
            Pass(60);
        }

        (await ClaimedIds(instance: other)).ShouldBeEmpty();
        (await Row("b")).Reason.ShouldBe(DeadReason.Discarded);
    }

    [Fact]
    public async Task A_closed_death_lets_those_behind_it_go_on_whatever_was_declared()
    {
        await Enqueue(Draft("a", lane: "l") with { WhenDead = WhenDead.DiscardDependents }, Draft("b", lane: "l"));
        await Die(await Run("a"), DeadReason.Expired);
        (await ClaimedIds()).ShouldBe(["b"]);
    }

    [Fact]
    public async Task A_cancelled_job_in_the_middle_of_a_lane_keeps_the_others_in_order()
    {
        await Enqueue(Draft("a", lane: "l"), Draft("b", lane: "l"), Draft("c", lane: "l"));
        await Decide(new JobCommand.Cancel(Id("b")));
        (await WaitsFor("c")).ShouldBe(["a"]);
        (await ClaimedIds()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_lane_stays_one_chain_after_a_retried_job_went_behind_newer_ones()
    {
        await Enqueue(Draft("a", lane: "l") with { WhenDead = WhenDead.Skip }, Draft("b", lane: "l"));
        await Die(await Run("a"));
        await Decide(new JobCommand.Retry(Id("a")));
        await Enqueue(Draft("c", lane: "l"));

        await Done(await Run("b"));
        await Done(await Run("a"));
        await Done(await Run("c"));
    }

    [Fact]
    public async Task A_lane_stays_one_chain_after_an_edited_job_took_an_older_place()
    {
        await Enqueue(Draft("a", lane: "l"), Draft("b", lane: "l"));
        await Die(await Run("a"));
        await Decide(new JobCommand.RetryEdited(Id("a"), Draft("a2", lane: "l")));
        await Enqueue(Draft("c", lane: "l"));

        await Done(await Run("a2"));
        await Done(await Run("b"));
        await Done(await Run("c"));
    }
}
