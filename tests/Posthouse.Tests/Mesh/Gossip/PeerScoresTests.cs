using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Gossip;

public sealed class PeerScoresTests
{
    private static readonly NodeId Peer = new TagKey(1).Public.Id;
    private readonly PeerScores _scores = new(ScoreRules.Default);

    [Fact]
    public void A_stranger_is_in_good_standing()
    {
        _scores.StandingOf(Peer, At(0)).ShouldBe(Standing.Good);
        _scores.Value(Peer, At(0)).ShouldBe(0);
        _scores.Count.ShouldBe(0);
    }

    [Fact]
    public void Invalid_messages_cost_more_each_time_until_the_ban()
    {
        _scores.Connected(Peer, 0, At(0));
        Standing[] standings = [Standing.Pruned, Standing.Quiet, Standing.Banned];
        foreach (var standing in standings)
        {
            _scores.SentInvalid(Peer, At(0)).ShouldBe(standing == Standing.Banned);
            _scores.StandingOf(Peer, At(0)).ShouldBe(standing);
        }
    }

    [Fact]
    public void No_number_of_good_deeds_buys_a_fourth_invalid_message()
    {
        _scores.Connected(Peer, 0, At(0));
        _scores.SetInMesh(Peer, true, At(0));
        for (var message = 0; message < 10_000; message++)
            _scores.Delivered(Peer, At(3_600));
        _scores.Value(Peer, At(3_600)).ShouldBe(23);
        _scores.SentInvalid(Peer, At(3_600)).ShouldBeFalse();
        _scores.StandingOf(Peer, At(3_600)).ShouldBe(Standing.Good);
        _scores.SentInvalid(Peer, At(3_600)).ShouldBeFalse();
        _scores.SentInvalid(Peer, At(3_600)).ShouldBeFalse();
        _scores.StandingOf(Peer, At(3_600)).ShouldBe(Standing.Graylisted);
        _scores.SentInvalid(Peer, At(3_600)).ShouldBeTrue();
    }

    [Fact]
    public void Standing_fades_both_ways()
    {
        _scores.Connected(Peer, 0, At(0));
        _scores.SentInvalid(Peer, At(0));
        _scores.Value(Peer, At(0)).ShouldBe(-10);
        _scores.Value(Peer, At(1_800)).ShouldBe(-2.5, 0.000_001);
        var other = new TagKey(2).Public.Id;
        for (var message = 0; message < 100; message++)
            _scores.Delivered(other, At(0));
        _scores.Value(other, At(0)).ShouldBe(20);
        _scores.Value(other, At(240)).ShouldBe(5, 0.000_001);
    }

    [Fact]
    public void Bans_double_up_to_a_day_and_begin_anew_after_a_quiet_one()
    {
        var now = At(0);
        var lengths = new List<double>();
        for (var ban = 0; ban < 10; ban++)
        {
            lengths.Add((BanNow(now) - now).TotalMinutes);
            now = _scores.BannedUntil(Peer, now)!.Value;
            _scores.StandingOf(Peer, now - At(1)).ShouldBe(Standing.Banned);
            _scores.StandingOf(Peer, now).ShouldBe(Standing.Good);
        }

        lengths.ShouldBe([10, 20, 40, 80, 160, 320, 640, 1_280, 1_440, 1_440]);
        now += TimeSpan.FromHours(25);
        (BanNow(now) - now).TotalMinutes.ShouldBe(10);
    }

    [Fact]
    public void Breaches_and_stalls_cost_a_place_and_stalls_alone_never_the_connection()
    {
        _scores.Connected(Peer, 0, At(0));
        _scores.Stalled(Peer, 100_000, At(0));
        _scores.StandingOf(Peer, At(0)).ShouldBe(Standing.Quiet);
        var other = new TagKey(2).Public.Id;
        for (var breach = 0; breach < 8; breach++)
            _scores.Breached(other, At(0)).ShouldBeFalse();
        _scores.Breached(other, At(0)).ShouldBeTrue();
    }

    [Fact]
    public void Many_peers_from_one_address_cost_each_of_them()
    {
        for (ulong peer = 1; peer <= 5; peer++)
            _scores.Connected(new TagKey(peer).Public.Id, group: 7, At(0));
        _scores.Value(Peer, At(0)).ShouldBe(-45);
        for (ulong peer = 3; peer <= 5; peer++)
            _scores.Disconnected(new TagKey(peer).Public.Id, At(1));
        _scores.Value(Peer, At(1)).ShouldBe(0);
        _scores.Connected(Peer, group: 7, At(2));
        _scores.Value(Peer, At(2)).ShouldBe(0);
    }

    [Fact]
    public void Many_peers_from_one_address_cost_nothing_where_the_believed_providers_are_known()
    {
        var scores = new PeerScores(ScoreRules.OfKnownProviders);
        for (ulong peer = 1; peer <= 20; peer++)
            scores.Connected(new TagKey(peer).Public.Id, group: 7, At(0));
        scores.StandingOf(Peer, At(0)).ShouldBe(Standing.Good);
    }

    [Fact]
    public void Leaving_does_not_wash_clean_until_an_hour_and_the_ladder_have_passed()
    {
        _scores.Connected(Peer, 0, At(0));
        _scores.SentInvalid(Peer, At(0));
        _scores.Disconnected(Peer, At(1));
        _scores.Sweep(At(3_600));
        _scores.Value(Peer, At(3_600)).ShouldBeLessThan(0);
        _scores.Sweep(At(3_602));
        _scores.Count.ShouldBe(0);
        BanNow(At(3_700));
        _scores.Sweep(At(3_700 + 80_000));
        _scores.Count.ShouldBe(1);
        _scores.Sweep(At(3_700 + 600 + 86_401));
        _scores.Count.ShouldBe(0);
    }

    [Fact]
    public void Peers_remembered_are_bounded_and_the_banned_go_last()
    {
        BanNow(At(0));
        for (ulong peer = 2; peer < 6_000; peer++)
            _scores.Delivered(new TagKey(peer).Public.Id, At(1));
        _scores.Count.ShouldBe(ScoreRules.Default.MaxPeers);
        _scores.StandingOf(Peer, At(2)).ShouldBe(Standing.Banned);
    }

    private TimeSpan BanNow(TimeSpan now)
    {
        while (!_scores.SentInvalid(Peer, now))
        {
        }

        return _scores.BannedUntil(Peer, now)!.Value;
    }

    private static TimeSpan At(int seconds) => TimeSpan.FromSeconds(seconds);
}
