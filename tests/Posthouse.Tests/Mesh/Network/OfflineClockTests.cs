using Posthouse.Mesh;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Network;

public sealed class OfflineClockTests
{
    private readonly NetworkMemory _memory = new();

    [Theory]
    [InlineData(14.999, NetworkState.Starting)]
    [InlineData(15, NetworkState.NoProviders)]
    public void A_node_that_just_started_raises_no_alarm_for_fifteen_seconds(double after, NetworkState state)
    {
        var node = new OneNode(_memory);
        node.Pass(after);
        node.Status.State.ShouldBe(state);
        node.Told<AllProvidersOffline>().Count.ShouldBe(state == NetworkState.Starting ? 0 : 1);
        node.Tracker.GetOfflineDuration(node.Now).HasValue.ShouldBe(state != NetworkState.Starting);
    }

    [Fact]
    public void Who_never_had_a_price_does_not_say_that_it_serves_cached_ones_and_who_has_some_says_so_at_once()
    {
        var empty = new OneNode();
        empty.Status.Notice.ShouldBeNull();
        empty.Pass(15);
        empty.Told<AllProvidersOffline>().ShouldHaveSingleItem().HasPrices.ShouldBeFalse();
        empty.Status.Notice.ShouldBe("No live data sources, and no prices are known yet");

        var restarted = new OneNode(_memory);
        restarted.Price(1, 42_000m, age: 3_600, origin: PriceOrigin.Db);
        restarted.Pass(1);
        (restarted.Status.State, restarted.Status.Notice).ShouldBe((NetworkState.Starting, "No live data sources - serving cached data"));
        restarted.Pass(14);
        restarted.Told<AllProvidersOffline>().ShouldHaveSingleItem().HasPrices.ShouldBeTrue();
    }

    [Fact]
    public void A_first_start_without_providers_counts_from_the_start()
    {
        var node = new OneNode(_memory);
        node.Pass(599.999);
        node.Status.State.ShouldBe(NetworkState.NoProviders);
        node.Pass(0.001);
        node.Status.State.ShouldBe(NetworkState.ExtendedOffline);
        node.Status.OfflineSince.ShouldBe(OneNode.Noon);
    }

    [Fact]
    public void Each_transition_is_told_once_and_reminders_come_every_ten_minutes()
    {
        var node = new OneNode(_memory);
        node.Beacon(1);
        node.Pass(20 + 600 + 599);
        node.Told<AllProvidersOffline>().Count.ShouldBe(1);
        node.Told<ExtendedOffline>().ShouldHaveSingleItem().Duration.ShouldBe(TimeSpan.FromSeconds(600));
        node.Told<StillOffline>().ShouldBeEmpty();
        node.Pass(1);
        node.Told<StillOffline>().ShouldHaveSingleItem().Duration.ShouldBe(TimeSpan.FromSeconds(1_200));
        node.Pass(1_200);
        node.Told<StillOffline>().Count.ShouldBe(3);
        node.Told<ExtendedOffline>().Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(25, NetworkState.Online)]
    [InlineData(25.001, NetworkState.NoProviders)]
    [InlineData(299, NetworkState.NoProviders)]
    public void What_was_held_back_on_its_way_ends_no_outage(double heldBack, NetworkState state)
    {
        foreach (var tellsPrice in (bool[])[true, false])
        {
            var node = new OneNode();
            node.Price(1, 100);
            var lastLive = node.Now.Wall;
            node.Pass(400);
            node.Facts.Clear();
            if (tellsPrice)
                node.Price(1, 101, age: heldBack, heldBack: heldBack).ShouldBe(1, "the price itself is news");
            else
                node.Tracker.OnProof(node.Proof(1) with { IssuedAt = node.Now.Wall - TimeSpan.FromSeconds(heldBack) }, node.Now);
            node.Status.State.ShouldBe(state);
            node.Status.ActiveProviders.Count.ShouldBe(state == NetworkState.Online ? 1 : 0);
            node.Told<NetworkRecovered>().Count.ShouldBe(state == NetworkState.Online ? 1 : 0);
            node.Status.LastLiveDataAt.ShouldBe(tellsPrice && state == NetworkState.Online ? node.Now.Wall : lastLive);
            node.Beacon(1);
            node.Status.State.ShouldBe(NetworkState.Online, "its next word comes in time");
        }
    }

    [Fact]
    public void A_living_provider_is_not_kept_alive_by_what_was_held_back()
    {
        var node = new OneNode();
        node.Beacon(1);
        node.Pass(19);
        node.Tracker.OnProof(node.Proof(1) with { IssuedAt = node.Now.Wall.AddSeconds(-26) }, node.Now).ShouldBe(LifeSign.TooOld);
        node.Pass(1);
        node.Status.State.ShouldBe(NetworkState.NoProviders);
    }

    [Fact]
    public void A_node_whose_own_clock_is_ahead_judges_by_its_peers_time()
    {
        var node = new OneNode();
        node.Tracker.ClockError = TimeSpan.FromSeconds(-28);
        node.Tracker.OnProof(node.Proof(1) with { IssuedAt = node.Now.Wall.AddSeconds(-28.5) }, node.Now).ShouldBe(LifeSign.New);
        node.Status.State.ShouldBe(NetworkState.Online);
    }

    [Fact]
    public void Peers_that_tell_a_wrong_time_make_no_living_provider_look_dead()
    {
        var node = new OneNode();
        node.Tracker.ClockError = TimeSpan.FromSeconds(30);
        node.Beacon(1).ShouldBe(LifeSign.New);
        node.Pass(5);
        node.Beacon(1).ShouldBe(LifeSign.Refreshed);
        node.Status.State.ShouldBe(NetworkState.Online);
    }

    [Fact]
    public void A_goodbye_counts_however_late_it_comes()
    {
        var node = new OneNode();
        node.Beacon(1);
        node.Tracker.OnProof(node.Proof(1, ProviderState.Leaving) with { IssuedAt = node.Now.Wall.AddSeconds(-200) }, node.Now).ShouldBe(LifeSign.Left);
        node.Status.State.ShouldBe(NetworkState.NoProviders);
    }

    [Fact]
    public void A_restart_in_an_outage_goes_on_counting()
    {
        var first = new OneNode(_memory);
        first.Beacon(1);
        first.Pass(20 + 300);
        first.Status.OfflineSince.ShouldBe(OneNode.Noon.AddSeconds(20));

        var second = new OneNode(_memory, wall: OneNode.Noon.AddSeconds(20 + 590));
        second.Pass(9.999);
        second.Status.State.ShouldBe(NetworkState.Starting);
        second.Pass(5.001);
        second.Status.State.ShouldBe(NetworkState.ExtendedOffline);
        second.Tracker.GetOfflineDuration(second.Now).ShouldBe(TimeSpan.FromSeconds(605));
        second.Beacon(1, ProviderState.Active);
        second.Beacon(1, ProviderState.Active);
        second.Told<NetworkRecovered>().ShouldHaveSingleItem().Duration.ShouldBe(TimeSpan.FromSeconds(605));
    }

    [Fact]
    public void A_provider_heard_in_the_first_seconds_after_such_a_restart_ends_the_outage()
    {
        _memory.SaveOffline(OneNode.Noon.AddSeconds(-100));
        var node = new OneNode(_memory);
        node.Pass(2);
        node.Beacon(1);
        node.Told<NetworkRecovered>().ShouldHaveSingleItem().Duration.ShouldBe(TimeSpan.FromSeconds(102));
        _memory.OfflineSince.ShouldBeNull();
        node.Told<AllProvidersOffline>().ShouldBeEmpty();
    }

    [Fact]
    public void A_crash_before_the_outage_was_noticed_counts_from_the_last_sign_of_life()
    {
        var first = new OneNode(_memory);
        first.Beacon(1);
        var second = new OneNode(_memory, wall: OneNode.Noon.AddSeconds(100));
        second.Pass(15);
        second.Status.OfflineSince.ShouldBe(OneNode.Noon);
        second.Tracker.GetOfflineDuration(second.Now).ShouldBe(TimeSpan.FromSeconds(115));
    }

    [Fact]
    public void A_clock_that_was_ahead_when_the_outage_was_written_makes_it_begin_now()
    {
        _memory.SaveOffline(OneNode.Noon.AddYears(3));
        var node = new OneNode(_memory);
        node.Pass(15);
        node.Tracker.GetOfflineDuration(node.Now).ShouldBe(TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData(30, 100)]
    [InlineData(31, 131)]
    [InlineData(3_600, 3_700)]
    [InlineData(-3_600, 100)]
    public void After_a_jump_of_the_clock_the_larger_duration_is_shown_and_the_steady_one_decides(int jump, int shown)
    {
        var node = new OneNode(_memory);
        node.Pass(20);
        var seen = node.Tracker.GetOfflineDuration(node.Now)!.Value.TotalSeconds;
        node.Now = node.Now with { Wall = node.Now.Wall.AddSeconds(jump) };
        node.Pass(80);
        seen.ShouldBe(20);
        node.Tracker.GetOfflineDuration(node.Now)!.Value.TotalSeconds.ShouldBe(shown);
        node.Status.State.ShouldBe(NetworkState.NoProviders);
        node.Told<ClockJumped>().Count.ShouldBe(Math.Abs(jump) > 30 ? 1 : 0);
    }

    [Fact]
    public void An_outage_lasts_until_a_live_signed_message_and_nothing_less()
    {
        var node = new OneNode(_memory);
        var proof = node.Proof(1);
        node.Tracker.OnProof(proof, node.Now);
        node.Pass(700);
        foreach (var nothing in (Action[])
        [
            () => node.Tracker.OnProof(proof with { IssuedAt = node.Now.Wall }, node.Now), // replayed
            () => node.Tracker.OnProof(node.Proof(1) with { Path = ProofPath.Stored }, node.Now), // caught up
            () => node.Tracker.OnProof(node.Proof(1) with { Path = ProofPath.Relayed, IssuedAt = node.Now.Wall.AddSeconds(-25.001) }, node.Now), // kept by a peer
            () => node.Tracker.OnProof(node.Proof(1, epoch: 0), node.Now), // of an earlier life
            () => node.Tracker.OnProof(node.Proof(0), node.Now), // its own
            () => node.Beacon(1, ProviderState.Leaving), // a goodbye
            () => node.Book.OnPeerConnected(OneNode.Id(1), node.Now), // a connection
            () => node.Book.HandleNetworkStatus(new(OneNode.Id(1), true, 0, []), node.Now), // a claim
        ])
        {
            nothing();
            node.Pass(1);
            node.Status.State.ShouldBe(NetworkState.ExtendedOffline);
        }

        node.Beacon(1);
        node.Status.State.ShouldBe(NetworkState.Online);
        foreach (var sign in (LifeSign[])[LifeSign.NotNewer, LifeSign.Stored, LifeSign.TooOld, LifeSign.Ghost, LifeSign.Own])
        {
            node.Tracker.CountOf(sign).ShouldBe(1, sign.ToString());
        }
    }

    [Fact]
    public void The_message_that_ends_an_outage_says_how_many_prices_it_brought()
    {
        var node = new OneNode(_memory);
        node.Pass(20);
        node.Price(1, 100);
        node.Told<NetworkRecovered>().ShouldHaveSingleItem().Assets.ShouldBe(1);
    }

    [Fact]
    [Trait("Requirement", "1.5")]
    public void A_node_that_provides_counts_itself_only_while_its_fetches_succeed()
    {
        var node = new OneNode(_memory);
        node.Tracker.SetProvider(true, node.Now);
        node.Pass(15);
        node.Status.State.ShouldBe(NetworkState.NoProviders);
        node.Status.SelfIsProvider.ShouldBeTrue();
        node.Tracker.OnOwnFetch(5, node.Now);
        node.Status.State.ShouldBe(NetworkState.Online);
        node.Status.ActiveProviders.ShouldHaveSingleItem().ShouldBe(new ProviderInfo(OneNode.Id(0), node.Now.Wall, 0));
        node.Tracker.OnOwnFetch(0, node.Now);
        node.Status.State.ShouldBe(NetworkState.NoProviders);
        node.Tracker.OnOwnFetch(5, node.Now);
        node.Tracker.SetProvider(false, node.Now);
        node.Status.State.ShouldBe(NetworkState.NoProviders);
        node.Told<AllProvidersOffline>().Count.ShouldBe(3);
    }

    [Fact]
    public void A_moment_reads_both_clocks()
    {
        var time = new ManualTimeProvider();
        var start = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(5));
        time.JumpWallClock(TimeSpan.FromHours(1));
        Moment.Of(time, start).ShouldBe(new Moment(TimeSpan.FromSeconds(5), new DateTimeOffset(2026, 1, 1, 1, 0, 5, TimeSpan.Zero)));
    }
}
