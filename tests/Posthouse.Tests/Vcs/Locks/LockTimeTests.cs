using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>When a lease is over, for whom, and who may take it then: by two clocks, neither of which is right.</summary>
public sealed class LockTimeTests
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan _tolerance = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_takeover_waits_for_the_tolerance_and_for_a_minute_without_change()
    {
        var stage = new LockStage();
        var (john, sarah) = (stage.Join("john"), stage.Join("sarah"));
        await john.Acquire(_hour);

        stage.Time.Advance(_hour + _tolerance);
        (await sarah.Acquire()).ShouldBeOfType<LockAnswer.Conflict>().Holder.Standing.ShouldBe(LockStanding.Expired);
        stage.Time.Advance(TimeSpan.FromSeconds(59));
        var view = await sarah.Look();
        (view.MayTakeOver, view.TakeoverFrom).ShouldBe((false, stage.Time.GetUtcNow() + TimeSpan.FromSeconds(1)));
        stage.Time.Advance(TimeSpan.FromSeconds(1));
        (await sarah.Acquire()).ShouldBeOfType<LockAnswer.Acquired>().TookOver!.Owner.ShouldBe(john.Me);
        (stage.Record.Epoch, stage.Record.Previous!.Owner).ShouldBe((2, john.Me));
    }

    [Fact]
    public async Task A_record_that_was_seen_early_enough_is_taken_over_at_once()
    {
        var stage = new LockStage();
        var (john, sarah) = (stage.Join("john"), stage.Join("sarah"));
        await john.Acquire(_hour);
        await sarah.Look();
        stage.Time.Advance(_hour + _tolerance + TimeSpan.FromSeconds(1));

        (await sarah.Acquire()).ShouldBeOfType<LockAnswer.Acquired>();
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(2)]
    public async Task A_reader_whose_clock_is_two_hours_off_does_not_kill_a_lock_that_is_renewed(int hours)
    {
        var stage = new LockStage();
        var (john, sarah) = (stage.Join("john"), stage.Join("sarah", TimeSpan.FromHours(hours)));
        await john.Acquire(_hour, heartbeat: TimeSpan.FromMinutes(10));
        for (var beat = 0; beat < 30; beat++)
        {
            (await sarah.Acquire()).ShouldBeOfType<LockAnswer.Conflict>();
            stage.Time.Advance(TimeSpan.FromMinutes(10));
            (await sarah.Acquire()).ShouldBeOfType<LockAnswer.Conflict>();
            (await john.Renew()).IsSuccess.ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData(-2, "0:59:00", true)]  // The writer's clock is behind: its lease looks over at once, a minute of sight decides.
    [InlineData(2, "3:04:00", false)]  // It is ahead: others wait longer, and nobody is harmed.
    [InlineData(2, "3:06:01", true)]
    public async Task An_expired_lock_of_a_writer_whose_clock_is_off_is_taken_over_when_both_rules_hold(int hours, string after, bool isTaken)
    {
        var stage = new LockStage();
        var (john, sarah) = (stage.Join("john", TimeSpan.FromHours(hours)), stage.Join("sarah"));
        var mine = (await john.Acquire(_hour)).ShouldBeOfType<LockAnswer.Acquired>().Lock.Record!.LockId;
        await sarah.Look();
        stage.Time.Advance(TimeSpan.Parse(after, System.Globalization.CultureInfo.InvariantCulture));

        (await sarah.Acquire()).GetType().ShouldBe(isTaken ? typeof(LockAnswer.Acquired) : typeof(LockAnswer.Conflict));
        // Whatever was judged: only one of them can still push.
        new[] { (await john.Guard(mine)).IsSuccess, (await sarah.Guard()).IsSuccess }.Count(passes => passes).ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task The_far_side_s_clock_judges_where_it_is_told_and_waives_the_sight_unless_a_heartbeat_was_declared()
    {
        var stage = new LockStage(tellsTime: true);
        var (john, sarah) = (stage.Join("john"), stage.Join("sarah", TimeSpan.FromHours(2)));
        await john.Acquire(_hour);
        (await sarah.Acquire()).ShouldBeOfType<LockAnswer.Conflict>().Holder.Standing.ShouldBe(LockStanding.Held);
        stage.Time.Advance(_hour + _tolerance + TimeSpan.FromSeconds(1));
        (await stage.Join("mia").Acquire(_hour, heartbeat: TimeSpan.FromMinutes(10))).ShouldBeOfType<LockAnswer.Acquired>();

        stage.Time.Advance(_hour + _tolerance + TimeSpan.FromSeconds(1));
        (await sarah.Look()).MayTakeOver.ShouldBeFalse();
        stage.Time.Advance(TimeSpan.FromMinutes(15));
        (await sarah.Look()).MayTakeOver.ShouldBeTrue();
    }

    [Fact]
    public async Task A_declared_heartbeat_asks_for_one_and_a_half_of_its_intervals_without_change()
    {
        var stage = new LockStage();
        var (john, sarah) = (stage.Join("john"), stage.Join("sarah", TimeSpan.FromHours(2)));
        await john.Acquire(_hour, heartbeat: TimeSpan.FromMinutes(10));
        await sarah.Look();
        stage.Time.Advance(TimeSpan.FromMinutes(14));
        (await sarah.Acquire()).ShouldBeOfType<LockAnswer.Conflict>();
        stage.Time.Advance(TimeSpan.FromMinutes(1));
        (await sarah.Acquire()).ShouldBeOfType<LockAnswer.Acquired>();
    }

    [Fact]
    public async Task The_holder_stops_counting_on_its_lease_before_others_may_take_it()
    {
        var stage = new LockStage();
        var john = stage.Join("john");
        await john.Acquire(_hour);
        stage.Time.Advance(_hour - _tolerance - TimeSpan.FromSeconds(1));
        (await john.Guard()).ShouldBeOfType<LockAnswer.Guarded>().Renewal.ExpiresAt.ShouldBe(stage.Time.GetUtcNow() + _hour);
        stage.Time.Advance(TimeSpan.FromSeconds(1));
        (await john.Guard()).ShouldBeOfType<LockAnswer.Lapsed>();
        (await john.Look()).Standing.ShouldBe(LockStanding.Held);
    }

    [Fact]
    public async Task A_short_lease_gives_up_a_quarter_of_itself_and_stays_usable()
    {
        var stage = new LockStage();
        var john = stage.Join("john");
        (await john.Acquire(TimeSpan.FromMinutes(4))).ShouldBeOfType<LockAnswer.Acquired>().Lock.SafeFor.ShouldBe(TimeSpan.FromMinutes(3));
    }

    [Fact]
    public async Task A_holder_whose_clock_is_far_off_the_server_s_is_warned_and_counts_by_the_clock_that_is_ahead()
    {
        var stage = new LockStage(tellsTime: true);
        var john = stage.Join("john", -TimeSpan.FromHours(2));
        var answer = (await john.Acquire(TimeSpan.FromHours(4))).ShouldBeOfType<LockAnswer.Acquired>();
        answer.ClockWarning.ShouldBe(-TimeSpan.FromHours(2));
        answer.Lock.SafeFor.ShouldBe(TimeSpan.FromHours(2) - _tolerance);
        (await stage.Join("sarah", TimeSpan.FromMinutes(4)).Acquire()).ShouldBeOfType<LockAnswer.Conflict>();
        await john.Release();
        (await stage.Join("mia", TimeSpan.FromMinutes(4)).Acquire()).ShouldBeOfType<LockAnswer.Acquired>().ClockWarning.ShouldBeNull();
    }

    [Fact]
    public async Task Standby_counts_against_a_lease_although_no_timer_ran()
    {
        var stage = new LockStage();
        var john = stage.Join("john");
        await john.Acquire(_hour);
        stage.Time.JumpWallClock(TimeSpan.FromHours(3));
        (await john.Guard()).ShouldBeOfType<LockAnswer.Lapsed>().Lock.Standing.ShouldBe(LockStanding.Expired);
        (await john.Renew()).ShouldBeOfType<LockAnswer.Renewed>().WasExpired.ShouldBeTrue();
    }

    [Fact]
    public async Task A_wall_clock_that_jumps_ahead_permits_no_takeover_for_the_sight_counts_both_clocks()
    {
        var stage = new LockStage();
        var (john, sarah) = (stage.Join("john"), stage.Join("sarah"));
        await john.Acquire(_hour);
        await sarah.Look();
        sarah.Time.Skew = TimeSpan.FromDays(1);
        (await sarah.Acquire()).ShouldBeOfType<LockAnswer.Conflict>();
        stage.Time.Advance(TimeSpan.FromSeconds(60));
        (await sarah.Acquire()).ShouldBeOfType<LockAnswer.Acquired>();
        (await john.Guard()).ShouldBeOfType<LockAnswer.NotHeld>();
    }

    [Fact]
    public async Task A_forged_end_of_time_breaks_no_arithmetic()
    {
        var stage = new LockStage();
        await stage.Join("john").Acquire();
        var forged = stage.Record with
        {
            Seq = 2,
            OpId = "forged/2",
            ExpiresAt = DateTimeOffset.MaxValue,
            TtlSeconds = LockProtocol.MaxCount,
            HeartbeatSeconds = LockProtocol.MaxCount,
        };
        await stage.Store.CompareAndSwapAsync(stage.Key, new VersionToken("1"), forged, default);
        (await stage.Join("sarah").Acquire()).ShouldBeOfType<LockAnswer.Conflict>().Holder.TakeoverFrom.ShouldBe(DateTimeOffset.MaxValue);
        (await stage.Join("john").Renew()).ShouldBeOfType<LockAnswer.Renewed>();
    }
}
