using FsCheck;
using FsCheck.Fluent;
using Posthouse.Connectivity;
using Posthouse.Jobs;

namespace Posthouse.Tests.Connectivity;

public sealed class DestinationHealthTests
{
    private const string There = "https://far.example";

    // The longest jitter short of the whole window, so that windows can be seen.
    private const double NearlyAll = 0.999999;

    private readonly ManualTimeProvider _time = new();
    private readonly List<string?> _changes = [];

    private DestinationHealth Make(double fraction = NearlyAll)
    {
        var health = new DestinationHealth(_time, new FixedIds(fraction));
        health.Changed += _changes.Add;
        return health;
    }

    private static void Miss(DestinationHealth health, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            health.Report(There, reached: false);
        }
    }

    [Fact]
    public void A_destination_nobody_spoke_of_is_unknown_and_worth_any_number_of_tries()
    {
        var health = Make();
        health.StateOf(There).ShouldBe(ConnectivityState.Unknown);
        health.RoomFor(There).ShouldBe(int.MaxValue);
        health.UntilNextProbe().ShouldBeNull();
    }

    [Fact]
    public void One_miss_changes_nothing_and_two_in_a_row_close_the_way()
    {
        var health = Make();
        health.Report(There, reached: true);
        Miss(health);
        health.StateOf(There).ShouldBe(ConnectivityState.Online);
        health.RoomFor(There).ShouldBe(int.MaxValue);
        Miss(health);
        health.StateOf(There).ShouldBe(ConnectivityState.Offline);
        health.RoomFor(There).ShouldBe(0);
        health.RoomFor("https://other.example").ShouldBe(int.MaxValue);
    }

    [Fact]
    public void Misses_that_are_not_in_a_row_close_nothing()
    {
        var health = Make();
        for (var i = 0; i < 10; i++)
        {
            Miss(health);
            health.Report(There, reached: true);
        }

        health.StateOf(There).ShouldBe(ConnectivityState.Online);
    }

    [Fact]
    public void When_the_probe_is_due_one_job_may_try_and_asking_uses_nothing_up()
    {
        var health = Make();
        Miss(health, 2);
        _time.Advance(health.UntilNextProbe()!.Value - TimeSpan.FromTicks(1));
        health.RoomFor(There).ShouldBe(0);
        _time.Advance(TimeSpan.FromTicks(1));
        health.RoomFor(There).ShouldBe(1);
        health.RoomFor(There).ShouldBe(1);
        health.StateOf(There).ShouldBe(ConnectivityState.Offline);
        health.UntilNextProbe().ShouldBeNull("a probe that is due must not make its timer fire again and again");
    }

    [Fact]
    public void A_probe_that_arrives_opens_the_way_and_says_so_once()
    {
        var health = Make();
        Miss(health, 2);
        _time.Advance(health.UntilNextProbe()!.Value);
        _changes.ShouldBeEmpty();
        health.Report(There, reached: true);
        health.StateOf(There).ShouldBe(ConnectivityState.Online);
        health.RoomFor(There).ShouldBe(int.MaxValue);
        health.Report(There, reached: true);
        _changes.ShouldBe([There]);
    }

    [Fact]
    public void Probes_come_after_one_second_doubling_to_a_minute_and_start_anew_after_a_success()
    {
        var health = Make();
        Miss(health, 2);
        var waits = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            var wait = health.UntilNextProbe()!.Value;
            waits.Add(Math.Round(wait.TotalSeconds));
            _time.Advance(wait);
            Miss(health);
        }

        waits.ShouldBe([1, 2, 4, 8, 16, 32, 60, 60, 60]);
        health.Report(There, reached: true);
        Miss(health, 2);
        Math.Round(health.UntilNextProbe()!.Value.TotalSeconds).ShouldBe(1);
    }

    [Fact]
    public void Late_reports_of_tries_that_were_under_way_do_not_put_the_probe_off()
    {
        var health = Make();
        Miss(health, 2);
        var wait = health.UntilNextProbe();
        Miss(health, 100);
        health.UntilNextProbe().ShouldBe(wait);
    }

    [Fact]
    public void Jitter_never_draws_a_wait_of_nothing()
    {
        var health = Make(fraction: 0);
        Miss(health, 2);
        health.UntilNextProbe().ShouldBe(DestinationHealth.ShortestProbe);
    }

    [Fact]
    public void The_wall_clock_decides_nothing()
    {
        var health = Make();
        Miss(health, 2);
        _time.JumpWallClock(TimeSpan.FromDays(-365));
        _time.Advance(TimeSpan.FromSeconds(1));
        health.RoomFor(There).ShouldBe(1);
    }

    [Fact]
    public void A_hint_makes_every_probe_due_and_marks_nothing_offline_or_online()
    {
        var health = Make();
        Miss(health, 2);
        health.Report("fine", reached: true);
        using var hints = new NetworkChangeHints(health);
        hints.Heard(available: false);
        health.RoomFor(There).ShouldBe(0);
        health.StateOf("fine").ShouldBe(ConnectivityState.Online);
        _changes.ShouldBeEmpty();
        hints.Heard(available: true);
        health.RoomFor(There).ShouldBe(1);
        health.StateOf(There).ShouldBe(ConnectivityState.Offline);
        _changes.ShouldBe([null]);
    }

    [Fact]
    public void The_healthy_one_not_heard_of_for_longest_is_forgotten_first()
    {
        var health = Make();
        Miss(health, 2);
        health.Report("first", reached: true);
        health.Report("second", reached: true);
        health.Report("first", reached: true);
        for (var i = 0; i < DestinationHealth.MaxDestinations - 2; i++)
        {
            health.Report($"d{i}", reached: true);
        }

        health.StateOf("second").ShouldBe(ConnectivityState.Unknown);
        health.StateOf("first").ShouldBe(ConnectivityState.Online);
        health.StateOf(There).ShouldBe(ConnectivityState.Offline);
    }

    [Fact]
    public void Memory_is_bounded_even_when_everything_is_offline()
    {
        var health = Make();
        for (var i = 0; i <= DestinationHealth.MaxDestinations; i++)
        {
            health.Report($"d{i}", reached: false);
            health.Report($"d{i}", reached: false);
        }

        health.StateOf("d0").ShouldBe(ConnectivityState.Unknown);
        health.StateOf($"d{DestinationHealth.MaxDestinations}").ShouldBe(ConnectivityState.Offline);
    }

    [Fact]
    public void Whatever_is_reported_the_room_follows_the_state_and_a_probe_always_comes() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(0, 3).ListOf().ToArbitrary(),
        steps =>
        {
            var health = new DestinationHealth(_time, SystemIds.Instance);
            foreach (var step in steps)
            {
                if (step == 3)
                {
                    _time.Advance(TimeSpan.FromMilliseconds(700));
                }
                else
                {
                    health.Report(There, reached: step == 0);
                }

                var room = health.RoomFor(There);
                var fits = health.StateOf(There) is ConnectivityState.Offline
                    ? room == 1 || (room == 0 && health.UntilNextProbe() is { } wait && wait > TimeSpan.Zero && wait <= DestinationHealth.LongestProbe)
                    : room == int.MaxValue;
                if (!fits)
                {
                    return false;
                }
            }

            return true;
        }));

    [Fact]
    public void Always_try_has_no_opinion()
    {
        var always = new AlwaysTry();
        always.Report(There, reached: false);
        always.Report(There, reached: false);
        always.RoomFor(There).ShouldBe(int.MaxValue);
        always.StateOf(There).ShouldBe(ConnectivityState.Unknown);
        always.UntilNextProbe().ShouldBeNull();
        var heard = 0;
        always.Changed += _ => heard++;
        always.ProbeNow();
        heard.ShouldBe(1);
    }
}
