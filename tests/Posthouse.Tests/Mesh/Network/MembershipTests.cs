using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Network;

public sealed class MembershipTests
{
    private readonly OneNode _node = new();
    private readonly List<NodeId> _witnesses = [];

    [Theory]
    [InlineData(19.999, true)]
    [InlineData(20, false)]
    public void A_silent_provider_is_gone_after_twenty_seconds(double silence, bool alive)
    {
        Beacons(1, 10);
        _node.Pass(silence);
        (_node.Tracker.Find(OneNode.Id(1))!.State != Liveness.Inactive).ShouldBe(alive);
        _node.Told<ProviderDisconnected>().Select(fact => fact.Reason).ShouldBe(alive ? [] : [DisconnectReason.Silence]);
    }

    [Fact]
    public void A_silent_provider_is_suspect_when_its_silence_is_surprising_and_not_within_ten_seconds()
    {
        Beacons(1, 10);
        _node.Pass(9.999);
        _node.Tracker.Find(OneNode.Id(1))!.State.ShouldBe(Liveness.Active);
        _node.Pass(1.5);
        _node.Tracker.Find(OneNode.Id(1))!.State.ShouldBe(Liveness.Suspect);
        _node.Status.ActiveProviders.Count.ShouldBe(1, "a suspect counts as alive");
        _node.Beacon(1);
        _node.Tracker.Find(OneNode.Id(1))!.State.ShouldBe(Liveness.Active);
        _node.Told<ProviderReconnected>().ShouldBeEmpty();
    }

    [Fact]
    public void Beacons_every_five_seconds_keep_a_provider_alive_for_a_day_without_a_word()
    {
        Beacons(1, 24 * 720);
        _node.Told<ProviderDisconnected>().ShouldBeEmpty();
        _node.Told<ProviderDiscovered>().Count.ShouldBe(1);
        _node.Told<AllProvidersOffline>().ShouldBeEmpty();
    }

    [Fact]
    public void A_lost_connection_makes_suspect_at_once_and_asks_up_to_three_peers()
    {
        Connect(1, 2, 3, 4, 5);
        _node.Beacon(1);
        _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);
        _witnesses.Count.ShouldBe(3);
        _witnesses.ShouldNotContain(OneNode.Id(1));
        _node.Tracker.Find(OneNode.Id(1))!.State.ShouldBe(Liveness.Suspect);
        _node.Pass(2.999);
        _node.Status.ActiveProviders.Count.ShouldBe(1);
        _node.Pass(0.001);
        _node.Told<ProviderDisconnected>().ShouldHaveSingleItem().Reason.ShouldBe(DisconnectReason.ConnectionLost);
    }

    [Fact]
    public void Without_anybody_to_ask_it_is_gone_at_once()
    {
        Connect(1);
        _node.Beacon(1);
        _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);
        _node.Status.ActiveProviders.ShouldBeEmpty();
    }

    [Fact]
    public void A_witness_that_heard_it_since_saves_it_from_the_loss_but_not_from_silence()
    {
        Connect(1, 2);
        _node.Beacon(1);
        _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);
        _node.Pass(1);
        _node.Tracker.OnWitness(OneNode.Id(1), new Stamp(1, 2), TimeSpan.FromSeconds(0.2), _node.Now);
        _node.Pass(18.999);
        _node.Status.ActiveProviders.Count.ShouldBe(1);
        _node.Pass(0.001);
        _node.Told<ProviderDisconnected>().ShouldHaveSingleItem().Reason.ShouldBe(DisconnectReason.Silence);
    }

    [Fact]
    public void A_witness_that_heard_no_more_saves_nobody()
    {
        Connect(1, 2);
        _node.Beacon(1);
        _node.Pass(1);
        _node.Book.OnPeerDisconnected(OneNode.Id(1), _node.Now, _witnesses);
        _node.Pass(1);
        _node.Tracker.OnWitness(OneNode.Id(1), new Stamp(1, 1), TimeSpan.FromSeconds(1.5), _node.Now);
        _node.Pass(2);
        _node.Status.ActiveProviders.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Requirement", "10.4")]
    public void A_lost_connection_to_a_consumer_means_nothing()
    {
        Connect(1, 2);
        _node.Book.OnPeerDisconnected(OneNode.Id(2), _node.Now, _witnesses);
        _witnesses.ShouldBeEmpty();
        _node.Told<ProviderDisconnected>().ShouldBeEmpty();
        _node.Status.ConnectedPeers.ShouldBe(1);
    }

    [Fact]
    public void A_goodbye_is_no_failure()
    {
        _node.Beacon(1);
        _node.Beacon(1, ProviderState.Leaving).ShouldBe(LifeSign.Left);
        _node.Told<ProviderDisconnected>().ShouldHaveSingleItem().Reason.ShouldBe(DisconnectReason.Leaving);
        _node.Told<AllProvidersOffline>().Count.ShouldBe(1);
        _node.Tracker.Find(OneNode.Id(1))!.Health.Score(_node.Now.Wall).ShouldBe(100);
        _node.Beacon(9, ProviderState.Leaving).ShouldBe(LifeSign.Stranger);
    }

    [Fact]
    [Trait("Requirement", "9.4")]
    public void New_and_returning_are_told_apart_across_a_restart()
    {
        _node.Beacon(1);
        var later = new OneNode(_node.Memory, wall: _node.Now.Wall.AddHours(2));
        later.Tracker.OnProof(later.Proof(1) with { Stamp = new(2, 1) }, later.Now);
        later.Beacon(2);
        later.Told<ProviderReconnected>().ShouldHaveSingleItem().ShouldBe(new ProviderReconnected(OneNode.Id(1), TimeSpan.FromHours(2)));
        later.Told<ProviderDiscovered>().ShouldHaveSingleItem().Provider.ShouldBe(OneNode.Id(2));
    }

    [Fact]
    public void A_message_recorded_before_a_restart_proves_nothing_after_it()
    {
        var old = _node.Proof(1);
        _node.Tracker.OnProof(old, _node.Now);
        var later = new OneNode(_node.Memory, wall: _node.Now.Wall.AddHours(2));
        later.Tracker.OnProof(old, later.Now).ShouldBe(LifeSign.TooOld);
        var soon = new OneNode(_node.Memory, wall: _node.Now.Wall.AddSeconds(2));
        soon.Tracker.OnProof(old, soon.Now).ShouldBe(LifeSign.NotNewer);
    }

    [Fact]
    public void Late_timers_of_its_own_make_a_node_patient()
    {
        Beacons(1, 10);
        _node.Now = _node.Now.After(TimeSpan.FromSeconds(30)); // the process was frozen
        _node.Book.Tick(_node.Now);
        var late = _node.Told<OwnTimersLate>().ShouldHaveSingleItem();
        (late.Lateness, late.WantsResync).ShouldBe((TimeSpan.FromSeconds(29), true));
        _node.Pass(1);
        _node.Beacon(1); // was waiting in the buffers
        _node.Pass(19);
        _node.Told<ProviderDisconnected>().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(2.001, true)]
    [InlineData(6, true)]
    public void A_tick_is_late_beyond_a_second_and_wants_a_resync_beyond_five(double since, bool late)
    {
        _node.Pass(1);
        _node.Now = _node.Now.After(TimeSpan.FromSeconds(since));
        _node.Book.Tick(_node.Now);
        _node.Told<OwnTimersLate>().Count.ShouldBe(late ? 1 : 0);
        _node.Told<OwnTimersLate>().ShouldAllBe(fact => !fact.WantsResync);
    }

    [Fact]
    public void Patience_grows_up_to_eightfold_and_wears_off()
    {
        var health = new LocalHealth();
        var now = TimeSpan.Zero;
        health.OnTick(now);
        foreach (var factor in (int[])[2, 4, 8, 8])
        {
            health.OnTick(now += TimeSpan.FromSeconds(3));
            health.Factor.ShouldBe(factor);
            health.IsQuiet(now + TimeSpan.FromSeconds(1.999)).ShouldBeTrue();
            health.IsQuiet(now + TimeSpan.FromSeconds(2)).ShouldBeFalse();
        }

        for (var n = 0; n < 30; n++)
        {
            health.OnTick(now += TimeSpan.FromSeconds(1));
        }

        health.Factor.ShouldBe(1);
    }

    [Fact]
    public void A_provider_that_misses_two_of_its_slots_is_degraded_until_it_serves_one()
    {
        _node.Beacon(1);
        _node.Pass(1);
        _node.Tracker.OnSlot(new(OneNode.Id(1), Served: false, WasDue: true), _node.Now);
        _node.Told<ProviderDegraded>().ShouldBeEmpty();
        _node.Tracker.OnSlot(new(OneNode.Id(1), Served: false, WasDue: true), _node.Now);
        _node.Told<ProviderDegraded>().ShouldHaveSingleItem().BySelf.ShouldBeFalse();
        _node.Facts.Clear();
        _node.Tracker.Tick(_node.Now);
        _node.Told<NetworkStatusChanged>().ShouldHaveSingleItem().Status.DegradedProviders.ShouldBe([OneNode.Id(1)]);
        _node.Status.DegradedProviders.ShouldBe([OneNode.Id(1)]);
        _node.Status.ActiveProviders.Count.ShouldBe(1, "alive and useful are two things");
        _node.Tracker.OnSlot(new(OneNode.Id(1), Served: true, WasDue: true), _node.Now);
        _node.Told<ProviderHealed>().Count.ShouldBe(1);
        _node.Pass(1);
        _node.Status.DegradedProviders.ShouldBeEmpty();
    }

    [Fact]
    public void One_that_lost_its_rank_by_missing_slots_is_well_again_when_it_delivers_in_time_unasked()
    {
        _node.Beacon(1);
        _node.Tracker.OnSlot(new(OneNode.Id(1), Served: false, WasDue: true), _node.Now);
        _node.Tracker.OnSlot(new(OneNode.Id(1), Served: false, WasDue: true), _node.Now);
        var health = _node.Tracker.Find(OneNode.Id(1))!.Health.Counts;
        _node.Tracker.OnSlot(new(OneNode.Id(1), Served: true, WasDue: false), _node.Now);
        _node.Told<ProviderHealed>().Count.ShouldBe(1);
        _node.Tracker.Find(OneNode.Id(1))!.Health.Counts.ShouldBe(health, "it was no slot of its own");
    }

    [Fact]
    public void A_provider_may_say_itself_that_it_is_degraded()
    {
        _node.Beacon(1);
        _node.Beacon(1, ProviderState.Degraded);
        _node.Told<ProviderDegraded>().ShouldHaveSingleItem().BySelf.ShouldBeTrue();
        _node.Beacon(1);
        _node.Told<ProviderHealed>().Count.ShouldBe(1);
    }

    [Fact]
    public void A_provider_that_comes_and_goes_is_told_to_flap_and_then_nothing_until_it_is_steady()
    {
        Connect(1);
        _node.Beacon(1);
        for (var n = 0; n < 5; n++)
        {
            _node.Tracker.OnProviderDisconnected(OneNode.Id(1), DisconnectReason.Silence, _node.Now);
            _node.Pass(5);
            _node.Beacon(1);
            _node.Pass(5);
        }

        _node.Told<ProviderFlapping>().Count.ShouldBe(1);
        _node.Told<ProviderDisconnected>().Count.ShouldBe(1);
        _node.Told<ProviderReconnected>().Count.ShouldBe(1);
        _node.Status.State.ShouldBe(NetworkState.Online, "what is true is tracked all the same");
        _node.Tracker.OnProviderDisconnected(OneNode.Id(1), DisconnectReason.Silence, _node.Now);
        _node.Pass(29.999);
        _node.Told<ProviderDisconnected>().Count.ShouldBe(1);
        _node.Pass(0.001);
        _node.Told<ProviderDisconnected>().Count.ShouldBe(2);
    }

    [Fact]
    public void Three_changes_in_more_than_a_minute_are_no_flapping()
    {
        _node.Beacon(1);
        for (var n = 0; n < 6; n++)
        {
            _node.Tracker.OnProviderDisconnected(OneNode.Id(1), DisconnectReason.Silence, _node.Now);
            _node.Pass(30.001);
            _node.Beacon(1);
            _node.Now = _node.Now.After(TimeSpan.Zero);
            for (var m = 0; m < 7; m++)
            {
                _node.Pass(5);
                _node.Beacon(1);
            }
        }

        _node.Told<ProviderFlapping>().ShouldBeEmpty();
        _node.Told<ProviderDisconnected>().Count.ShouldBe(6);
    }

    [Fact]
    [Trait("Requirement", "13.1")]
    public void The_distance_is_the_least_of_the_last_minute()
    {
        _node.Beacon(1, hops: 4);
        _node.Beacon(1, hops: 2);
        _node.Beacon(1, hops: 6);
        _node.Pass(1);
        Hops().ShouldBe(2);
        for (var n = 0; n < 12; n++)
        {
            _node.Pass(5);
            _node.Beacon(1, hops: 5);
        }

        _node.Pass(1);
        Hops().ShouldBe(5);

        int Hops() => _node.Status.ActiveProviders.ShouldHaveSingleItem().HopCount;
    }

    [Fact]
    public void Providers_are_listed_by_distance_and_those_without_one_last()
    {
        _node.Beacon(1, hops: null);
        _node.Beacon(2, hops: 3);
        _node.Beacon(3, hops: 1);
        _node.Pass(1);
        _node.Status.ActiveProviders.Select(info => info.HopCount).ShouldBe([1, 3, ProviderInfo.UnknownHops]);
    }

    [Fact]
    [Trait("Requirement", "10.3")]
    public void A_peer_that_connects_is_told_the_beacons_of_living_providers()
    {
        _node.Beacon(1, hops: 2);
        _node.Beacon(2);
        _node.Beacon(2, ProviderState.Leaving);
        _node.Pass(1);
        var told = _node.Book.OnPeerConnected(OneNode.Id(7), _node.Now);
        told.Beacons.ShouldHaveSingleItem().Provider.ShouldBe(OneNode.Id(1));
        told.HopCount.ShouldBe(2);

        var other = new OneNode();
        other.Book.HandleNetworkStatus(told with { Node = OneNode.Id(5) }, other.Now);
        other.Pass(1);
        other.Status.ActiveProviders.ShouldHaveSingleItem().HopCount.ShouldBe(3);
    }

    [Fact]
    public void A_mesh_full_of_identities_forgets_the_one_that_is_gone_longest()
    {
        for (var n = 1; n <= MembershipOptions.MaxProviders; n++)
        {
            _node.Beacon(n);
        }

        _node.Beacon(5_000).ShouldBe(LifeSign.TooMany);
        _node.Beacon(7, ProviderState.Leaving);
        _node.Beacon(5_000).ShouldBe(LifeSign.New);
        _node.Tracker.Find(OneNode.Id(7)).ShouldBeNull();
        _node.Memory.Providers.ShouldNotContain(known => known.Id == OneNode.Id(7));
    }

    private void Beacons(int provider, int count)
    {
        for (var n = 0; n < count; n++)
        {
            _node.Beacon(provider);
            if (n < count - 1)
            {
                _node.Pass(5);
            }
        }
    }

    private void Connect(params int[] peers)
    {
        foreach (var peer in peers)
        {
            _node.Book.OnPeerConnected(OneNode.Id(peer), _node.Now);
        }
    }
}
