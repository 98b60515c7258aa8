using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

public abstract partial class JobStoreContract
{
    [Fact]
    public async Task A_retry_never_waits_longer_than_its_delay_after_the_wall_clock_went_back()
    {
        await Enqueue(Draft("a"));
        await Again(await Run("a"), 30, s_refused);
        Pass(10);
        Time.JumpWallClock(TimeSpan.FromHours(-1));
        var claim = Claim();
        await ShouldStand(claim);
        (await Row("a")).RunAt.ShouldBe(Time.GetUtcNow().AddSeconds(30));
        Pass(30);
        // The jump is noticed while time passes, so a timer may be set for a moment that is over by then: no clock but a test's skips it.
        await RoundTrip();
        (await Soon(claim)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_callers_own_time_stays_after_the_wall_clock_went_back()
    {
        var at = Time.GetUtcNow().AddSeconds(30);
        await Enqueue(Draft("a") with { NotBefore = at });
        Time.JumpWallClock(TimeSpan.FromHours(-1));
        await ShouldStand(Claim());
        (await Row("a")).RunAt.ShouldBe(at);
    }

    [Fact]
    public async Task A_job_without_a_time_of_its_own_waits_for_no_clock_when_its_predecessor_ends()
    {
        await Enqueue(Draft("first", lane: "l"), Draft("second", lane: "l"));
        var first = await Run("first");
        Time.JumpWallClock(TimeSpan.FromHours(-1));
        await Done(first);
        (await GateOf("second")).ShouldBe(Gate.Open);
        (await ClaimedIds()).ShouldBe(["second"]);
    }

    [Fact]
    public async Task A_small_correction_of_the_wall_clock_changes_no_retry()
    {
        await Enqueue(Draft("a"));
        await Again(await Run("a"), 30, s_refused);
        var at = (await Row("a")).RunAt;
        Time.JumpWallClock(TimeSpan.FromMilliseconds(-900));
        await ShouldStand(Claim());
        (await Row("a")).RunAt.ShouldBe(at);
    }

    [Fact]
    public async Task A_wall_clock_that_went_forward_makes_jobs_due()
    {
        await Enqueue(Draft("a") with { NotBefore = Time.GetUtcNow().AddSeconds(30) });
        Time.JumpWallClock(TimeSpan.FromHours(1));
        (await ClaimedIds()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_closed_store_takes_nothing_and_ends_standing_claims()
    {
        var store = await OpenAsync();
        var me = await store.JoinAsync(() => { });
        var claim = store.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromMinutes(1)));
        await store.DisposeAsync();

        (await Soon(claim)).ShouldBeEmpty();
        (await CodeOf(() => store.EnqueueAsync([Draft("a")]))).ShouldBe(ErrorCodes.StoreUnavailable);
    }

    [Fact]
    public async Task What_was_stored_is_there_after_the_store_was_opened_again()
    {
        if (!IsDurable)
        {
            return;
        }

        await EnqueueDead(Draft("failed", lane: "l"));
        await Enqueue(Draft("behind", lane: "l"), Draft("open", key: "k") with { Owner = "o" });
        await Decide(new JobCommand.Pause("x"));
        var (rows, events, counts) = (await Store.ListAsync(new JobQuery()), await Events(), await Store.CountAsync());

        Store = await ReopenAsync(Store);

        Me = await Store.JoinAsync(() => { });
        (await Store.ListAsync(new JobQuery())).ShouldBeEquivalentTo(rows);
        (await Events()).Select(e => (e.Position, e.Subject, e.Kind, e.Owner)).ShouldBe(events.Select(e => (e.Position, e.Subject, e.Kind, e.Owner)));
        (await Store.CountAsync()).PausedDestinations.ShouldBe(counts.PausedDestinations);
        (await EnqueueOne(Draft("again", key: "k"))).Kind.ShouldBe(AdmissionKind.AnsweredByExisting);
        (await ClaimedIds()).ShouldBe(["open"]);
    }
}
