using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

public abstract partial class JobStoreContract
{
    [Fact]
    public async Task A_lease_that_ended_is_taken_over_by_another_instance_and_counted_as_lost()
    {
        var other = await Store.JoinAsync(() => { });
        await Enqueue(Draft("a"));
        await Leased(leaseSeconds: 60);
        var claim = Claim(instance: other);
        Pass(59);
        await ShouldStand(claim);
        Pass(1);

        var job = (await Soon(claim)).ShouldHaveSingleItem();
        (job.Lease.Fence, job.Lost, job.Attempts).ShouldBe((2L, 1, 0));
        (await Row("a")).Instance.ShouldBe(other.Value);
        (await Kinds("a")).ShouldBe(["JobAccepted"]);
    }

    [Fact]
    public async Task An_instance_never_claims_what_it_holds_itself_whatever_the_clock_says()
    {
        await Enqueue(Draft("a"));
        var lease = await Run("a");
        var claim = Claim();
        Pass(1_000);
        await ShouldStand(claim);
        (await Done(lease)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_job_whose_lease_is_lost_three_times_in_a_row_has_crashed()
    {
        var other = await Store.JoinAsync(() => { });
        await Enqueue(Draft("a"));
        foreach (var instance in new[] { Me, other, Me })
        {
            (await Leased(instance: instance)).ShouldHaveSingleItem();
            Pass(60);
        }

        (await ClaimedIds(instance: other)).ShouldBeEmpty();
        var row = await Row("a");
        (row.State, row.Reason, row.Lost, row.Attempts, row.EndedAt).ShouldBe((JobState.Dead, DeadReason.Crashed, 3, 0, Time.GetUtcNow()));
        (await Kinds("a")).ShouldBe(["JobAccepted", "JobDead"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task A_declaration_says_how_many_losses_make_a_crash(int maxLost)
    {
        var other = await Store.JoinAsync(() => { });
        await Enqueue(Draft("a") with { MaxLost = maxLost });
        for (var loss = 0; loss < maxLost; loss++)
        {
            (await Leased(instance: loss % 2 == 0 ? Me : other)).ShouldHaveSingleItem().Lost.ShouldBe(loss);
            Pass(60);
        }

        (await ClaimedIds(instance: other)).ShouldBeEmpty();
        var row = await Row("a");
        (row.State, row.Reason, row.Lost).ShouldBe((JobState.Dead, DeadReason.Crashed, maxLost));
    }

    [Fact]
    public async Task Any_answer_ends_the_row_of_lost_leases()
    {
        var other = await Store.JoinAsync(() => { });
        await Enqueue(Draft("a"));
        await Leased();
        Pass(60);
        var second = (await Leased(instance: other))[0];
        second.Lost.ShouldBe(1);
        await Again(second.Lease, 0);
        (await Leased())[0].Lost.ShouldBe(0);
    }

    [Fact]
    public async Task A_lost_job_that_was_to_be_cancelled_is_cancelled()
    {
        var other = await Store.JoinAsync(() => { });
        await Enqueue(Draft("a"));
        await Leased();
        await Decide(new JobCommand.Cancel(Id("a")));
        Pass(60);
        (await ClaimedIds(instance: other)).ShouldBeEmpty();

        (await Row("a")).Reason.ShouldBe(DeadReason.Cancelled);
        (await Kinds("a")).ShouldBe(["JobAccepted", "JobDiscarded"]);
    }

    [Fact]
    public async Task A_lost_job_that_expired_meanwhile_does_not_run_again()
    {
        var other = await Store.JoinAsync(() => { });
        await Enqueue(Draft("a") with { ExpiresAt = Time.GetUtcNow().AddSeconds(30) });
        await Leased(leaseSeconds: 60);
        Pass(60);
        var claim = Claim(instance: other);
        await RoundTrip();
        await RoundTrip();
        claim.IsCompleted.ShouldBeFalse();
        (await Row("a")).Reason.ShouldBe(DeadReason.Expired);
    }

    [Fact]
    public async Task Renew_gives_all_leases_of_the_instance_a_new_end_and_lists_them()
    {
        var other = await Store.JoinAsync(() => { });
        await Enqueue(Draft("a"), Draft("b"), Draft("c"));
        await Leased(max: 2);
        await Leased(instance: other);
        await Decide(new JobCommand.Cancel(Id("b")));
        Pass(50);

        var held = await Store.RenewAsync(Me, TimeSpan.FromSeconds(60));

        held.Select(h => (h.Lease.Id.Value, h.Lease.Fence, h.CancelRequested)).ShouldBe([("a", 1L, false), ("b", 1L, true)]);
        (await Row("a")).LeaseUntil.ShouldBe(Time.GetUtcNow().AddSeconds(60));
        (await Row("c")).LeaseUntil.ShouldBe(Time.GetUtcNow().AddSeconds(10));
    }

    [Fact]
    public async Task Leases_of_a_process_that_is_gone_are_taken_over_at_once()
    {
        var other = await Store.JoinAsync(() => { });
        await Enqueue(Draft("a"), Draft("b"));
        await Leased(instance: other);
        (await Store.TakeOverAsync(Me)).ShouldBe(0);
        await LoseProcessAsync(Store, other);

        (await Store.TakeOverAsync(Me)).ShouldBe(2);

        (await Leased()).Select(job => (job.Lease.Id.Value, job.Lost, job.Lease.Fence)).ShouldBe([("a", 1, 2L), ("b", 1, 2L)]);
        (await Store.TakeOverAsync(Me)).ShouldBe(0);
    }

    [Fact]
    public async Task A_newcomer_takes_over_the_leases_of_processes_that_are_gone()
    {
        var other = await Store.JoinAsync(() => { });
        await Enqueue(Draft("a"));
        await Leased(instance: other);
        await LoseProcessAsync(Store, other);

        var third = await Store.JoinAsync(() => { });

        third.ShouldNotBe(other);
        (await Leased(instance: third)).ShouldHaveSingleItem().Lost.ShouldBe(1);
    }

    [Fact]
    public async Task Who_leaves_gives_its_leases_back_uncounted_and_its_claim_ends()
    {
        var other = await Store.JoinAsync(() => { });
        await Enqueue(Draft("a"));
        await Leased();
        var claim = Claim();
        await Store.LeaveAsync(Me);

        (await Soon(claim)).ShouldBeEmpty();
        var job = (await Leased(instance: other)).ShouldHaveSingleItem();
        (job.Lost, job.Attempts, job.Lease.Fence).ShouldBe((0, 0, 2L));
        (await Store.RenewAsync(Me, TimeSpan.FromSeconds(1))).ShouldBeEmpty();
        (await Kinds("a")).ShouldBe(["JobAccepted"]);
    }

    [Fact]
    public async Task Two_instances_never_hold_the_same_job()
    {
        var other = await Store.JoinAsync(() => { });
        var (mine, others) = (Claim(max: 1), Claim(max: 1, instance: other));
        await Enqueue(Draft("a"), Draft("b"));
        new[] { (await Soon(mine))[0], (await Soon(others))[0] }.Select(job => job.Lease.Id.Value).ShouldBe(["a", "b"], ignoreOrder: true);
    }
}
