using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

public abstract partial class JobStoreContract
{
    [Fact]
    public async Task A_claimed_job_is_running_under_a_lease_with_a_fence()
    {
        await Enqueue(Draft("a") with { Owner = "o", MaxAttempts = 3, TraceParent = "00-1-2-01" });
        var job = (await Leased(leaseSeconds: 30)).ShouldHaveSingleItem();

        (job.Lease.Id.Value, job.Lease.Fence, job.Name, job.Version).ShouldBe(("a", 1L, "mail.send", 1));
        (await Row("a")).MaxAttempts.ShouldBe(3);
        (job.Owner, job.MaxAttempts, job.TraceParent, job.AcceptedAt).ShouldBe(("o", 3, "00-1-2-01", Time.GetUtcNow()));
        (job.Attempts, job.Unreached, job.Lost).ShouldBe((0, 0, 0));
        job.Payload.ShouldBe("\"a\""u8.ToArray());
        var row = await Row("a");
        (row.State, row.Claims, row.Instance, row.LeaseUntil, row.Gate).ShouldBe(
            (JobState.Running, 1L, Me.Value, Time.GetUtcNow().AddSeconds(30), null));
    }

    [Fact]
    public async Task A_claim_takes_higher_priority_first_and_then_the_order_of_admission()
    {
        await Enqueue(Draft("a"), Draft("b") with { Priority = -1 }, Draft("c") with { Priority = 5 }, Draft("d"));
        (await ClaimedIds()).ShouldBe(["c", "a", "d", "b"]);
    }

    [Fact]
    public async Task A_claim_takes_no_more_than_it_has_places_for()
    {
        await Enqueue(Draft("a"), Draft("b"), Draft("c"));
        (await ClaimedIds(max: 2)).ShouldBe(["a", "b"]);
        (await ClaimedIds(max: 2)).ShouldBe(["c"]);
    }

    [Fact]
    public async Task A_claim_stands_until_a_job_is_enqueued()
    {
        var claim = Claim();
        await ShouldStand(claim);
        await Enqueue(Draft("a"));
        (await Soon(claim)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_claim_stands_until_a_job_behind_another_is_free()
    {
        await Enqueue(Draft("a"), Draft("b") with { After = [Id("a")] });
        var lease = await Run("a");
        var claim = Claim();
        await ShouldStand(claim);
        await Done(lease);
        (await Soon(claim))[0].Lease.Id.Value.ShouldBe("b");
    }

    [Fact]
    public async Task A_standing_claim_wakes_when_a_job_becomes_due()
    {
        await Enqueue(Draft("a") with { NotBefore = Time.GetUtcNow().AddSeconds(90) });
        var claim = Claim();
        Pass(89);
        await ShouldStand(claim);
        Pass(1);
        (await Soon(claim))[0].Lease.Id.Value.ShouldBe("a");
    }

    [Fact]
    public async Task A_standing_claim_wakes_for_the_earliest_of_several_times_also_one_that_came_later()
    {
        await Enqueue(Draft("late") with { NotBefore = Time.GetUtcNow().AddSeconds(100) });
        var claim = Claim();
        await ShouldStand(claim);
        await Enqueue(Draft("early") with { NotBefore = Time.GetUtcNow().AddSeconds(10) });
        Pass(10);
        (await Soon(claim)).ShouldHaveSingleItem().Lease.Id.Value.ShouldBe("early");
    }

    [Fact]
    public async Task Wake_has_a_standing_claim_ask_again_where_there_is_room()
    {
        var isOnline = false;
        await Enqueue(Draft("a") with { Destination = "far" });
        var claim = Store.ClaimAsync(new ClaimRequest(Me, 1, TimeSpan.FromMinutes(1)) { Room = _ => Volatile.Read(ref isOnline) ? 1 : 0 });
        await ShouldStand(claim);
        Volatile.Write(ref isOnline, true);
        Store.Wake();
        (await Soon(claim)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Claim_skips_a_job_whose_destination_is_offline()
    {
        await Enqueue(Draft("a") with { Destination = "off" }, Draft("b") with { Destination = "on" });
        var jobs = await Soon(Store.ClaimAsync(new ClaimRequest(Me, 9, TimeSpan.FromMinutes(1)) { Room = d => d == "on" ? 9 : 0 }));
        jobs.ShouldHaveSingleItem().Lease.Id.Value.ShouldBe("b");
        (await GateOf("a")).ShouldBe(Gate.Open);
    }

    [Fact]
    public async Task A_claim_takes_no_more_for_a_destination_than_there_is_room()
    {
        await Enqueue([.. Enumerable.Range(1, 5).Select(i => Draft($"a{i}") with { Destination = "far" })]);
        var jobs = await Soon(Store.ClaimAsync(new ClaimRequest(Me, 9, TimeSpan.FromMinutes(1)) { Room = _ => 2 }));
        jobs.Select(job => job.Lease.Id.Value).ShouldBe(["a1", "a2"]);
    }

    [Fact]
    public async Task Destinations_are_served_in_rotation_so_that_none_starves_another()
    {
        await Enqueue([.. from i in Enumerable.Range(1, 3) from d in new[] { "a", "b", "c" } select Draft($"{d}{i}") with { Destination = d }]);
        var order = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            order.AddRange(await ClaimedIds(max: 1));
        }

        order.ShouldBe(["a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3"]);
    }

    [Fact]
    public async Task A_turn_serves_64_destinations_and_the_next_one_goes_on_behind_them()
    {
        await Enqueue([.. Enumerable.Range(100, 70).Select(i => Draft($"j{i}") with { Destination = $"d{i}" })]);
        (await Leased()).Count.ShouldBe(64);
        (await Leased()).Select(job => job.Destination).ShouldBe(["d164", "d165", "d166", "d167", "d168", "d169"]);
    }

    [Fact]
    public async Task A_claim_finds_the_one_destination_with_room_behind_many_without()
    {
        await Enqueue([.. Enumerable.Range(100, 150).Select(i => Draft($"j{i}") with { Destination = $"d{i}" })]);
        var claim = Store.ClaimAsync(new ClaimRequest(Me, 9, TimeSpan.FromMinutes(1)) { Room = d => d == "d249" ? 1 : 0 });
        (await Soon(claim)).ShouldHaveSingleItem().Destination.ShouldBe("d249");
    }

    [Fact]
    public async Task A_job_of_an_unknown_type_is_held_and_not_leased()
    {
        await Enqueue(Draft("new") with { Version = 2 }, Draft("old"));
        var jobs = await Soon(Store.ClaimAsync(new ClaimRequest(Me, 9, TimeSpan.FromMinutes(1)) { Knows = (_, version) => version == 1 }));

        jobs.ShouldHaveSingleItem().Lease.Id.Value.ShouldBe("old");
        var row = await Row("new");
        (row.State, row.Gate, row.Hold, row.Claims).ShouldBe((JobState.Pending, Gate.Hold, HoldReason.UnknownType, 0L));
    }

    [Fact]
    public async Task Jobs_of_unknown_types_take_no_places_from_known_ones()
    {
        await Enqueue(Draft("x") with { Version = 2, Priority = 9 }, Draft("y") with { Version = 2, Priority = 9 }, Draft("a"));
        var jobs = await Soon(Store.ClaimAsync(new ClaimRequest(Me, 1, TimeSpan.FromMinutes(1)) { Knows = (_, version) => version == 1 }));
        jobs.ShouldHaveSingleItem().Lease.Id.Value.ShouldBe("a");
    }

    [Fact]
    public async Task A_paused_destination_is_not_served_and_a_pause_of_all_stops_everything()
    {
        await Enqueue(Draft("a") with { Destination = "x" }, Draft("b") with { Destination = "y" });
        await Decide(new JobCommand.Pause("x"));
        (await ClaimedIds(max: 1)).ShouldBe(["b"]);
        await Decide(new JobCommand.Pause());
        await Decide(new JobCommand.Resume("x"));
        var claim = Claim();
        await ShouldStand(claim);
        await Decide(new JobCommand.Resume());
        (await Soon(claim)).ShouldHaveSingleItem().Lease.Id.Value.ShouldBe("a");
    }

    [Fact]
    public async Task A_claim_expires_what_is_past_its_time_and_says_so()
    {
        await Enqueue(Draft("a") with { ExpiresAt = Time.GetUtcNow().AddSeconds(10) }, Draft("b") with { After = [Id("a")] });
        Pass(10);
        (await ClaimedIds()).ShouldBe(["b"]);

        var row = await Row("a");
        (row.State, row.Reason, row.EndedAt).ShouldBe((JobState.Dead, DeadReason.Expired, Time.GetUtcNow()));
        Body((await Events("a"))[1]).GetProperty("reason").GetInt32().ShouldBe((int)DeadReason.Expired);
    }

    [Fact]
    public async Task A_standing_claim_expires_a_waiting_job_at_its_time()
    {
        await Enqueue(Draft("a") with { NotBefore = Time.GetUtcNow().AddDays(1), ExpiresAt = Time.GetUtcNow().AddSeconds(10) });
        var claim = Claim();
        Pass(10);
        await ShouldStand(claim);
        (await Row("a")).Reason.ShouldBe(DeadReason.Expired);
    }

    [Fact]
    public async Task An_expired_job_hands_what_it_waited_for_to_those_behind_it()
    {
        await Enqueue(
            Draft("first"),
            Draft("a") with { After = [Id("first")], ExpiresAt = Time.GetUtcNow().AddSeconds(1) },
            Draft("last") with { After = [Id("a")] });
        Pass(1);
        (await ClaimedIds()).ShouldBe(["first"]);
        (await WaitsFor("last")).ShouldBe(["first"]);
    }

    [Fact]
    public async Task A_large_number_of_expired_and_due_jobs_is_worked_off_without_another_knock()
    {
        var soon = Time.GetUtcNow().AddSeconds(1);
        await Store.EnqueueAsync([.. Enumerable.Range(0, 1_500).Select(i => Draft($"x{i}") with { ExpiresAt = soon })]);
        await Store.EnqueueAsync([.. Enumerable.Range(0, 1_500).Select(i => Draft($"t{i}") with { NotBefore = soon })]);
        Pass(1);
        var seen = 0;
        while (seen < 1_500)
        {
            var jobs = await Leased(max: 10_000);
            jobs.ShouldAllBe(job => job.Lease.Id.Value.StartsWith('t'));
            seen += jobs.Count;
        }

        await RoundTrip();
        (await Store.CountAsync()).Closed.ShouldBe(1_500);
    }

    [Fact]
    public async Task A_second_claim_of_one_instance_is_refused_while_the_first_one_stands()
    {
        var claim = Claim();
        await ShouldStand(claim);
        await Should.ThrowAsync<InvalidOperationException>(() => Claim());
        await Enqueue(Draft("a"));
        (await Soon(claim)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_withdrawn_claim_answers_with_nothing_and_the_next_may_stand()
    {
        var claim = Claim();
        await Store.WithdrawAsync(Me);
        (await Soon(claim)).ShouldBeEmpty();
        await Store.WithdrawAsync(Me);
        await Enqueue(Draft("a"));
        (await Leased()).ShouldHaveSingleItem();
    }
}
