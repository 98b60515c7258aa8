using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Gossip;

public sealed class PeerBudgetTests
{
    private readonly PeerBudget _budget = new(PeerShares.Default);

    [Theory]
    [InlineData(nameof(FrameType.PriceUpdate), 2_000, 1_000)]
    [InlineData(nameof(FrameType.SnapshotChunk), 2_000, 1_000)]
    [InlineData(nameof(FrameType.IHave), 5_000, 1_000)]
    [InlineData(nameof(FrameType.Graft), 40, 10)]
    [InlineData(nameof(FrameType.DigestRequest), 32, 4)]
    public void A_peer_may_send_a_burst_and_then_its_rate(string name, int burst, int perSecond)
    {
        var type = Enum.Parse<FrameType>(name);
        Sent(type, burst + 100, At(0)).ShouldBe(burst);
        Sent(type, burst + 100, At(1)).ShouldBe(perSecond);
        Sent(type, burst + 100, At(100_000)).ShouldBe(burst);
    }

    [Fact]
    public void Peers_are_asked_for_once_in_half_a_minute()
    {
        Sent(FrameType.PxRequest, 9, At(0)).ShouldBe(2);
        Sent(FrameType.PxRequest, 9, At(29)).ShouldBe(0);
        Sent(FrameType.PxRequest, 9, At(31)).ShouldBe(1);
    }

    [Fact]
    public void A_status_with_its_signatures_comes_when_a_connection_begins_and_hardly_ever_again()
    {
        Sent(FrameType.NetworkStatus, 9, At(0)).ShouldBe(2);
        Sent(FrameType.NetworkStatus, 9, At(31)).ShouldBe(1);
    }

    [Fact]
    public void Large_frames_use_up_the_share_of_bytes()
    {
        var sent = 0;
        while (_budget.TryTake(FrameType.PriceUpdate, 60 * 1024, At(0)))
            sent++;
        sent.ShouldBe(8 * 1024 / 60);
    }

    [Fact]
    public void One_kind_does_not_use_up_another()
    {
        Sent(FrameType.PriceUpdate, 9_999, At(0));
        _budget.TryTake(FrameType.Ping, 10, At(0)).ShouldBeTrue();
    }

    [Fact]
    public void Ids_count_one_by_one()
    {
        _budget.TryTakeIds(5_001, At(0)).ShouldBeFalse();
        _budget.TryTakeIds(5_000, At(0)).ShouldBeTrue();
        _budget.TryTakeIds(1, At(0)).ShouldBeFalse();
    }

    private int Sent(FrameType type, int tries, TimeSpan now)
    {
        var sent = 0;
        for (var at = 0; at < tries; at++)
            sent += _budget.TryTake(type, 100, now) ? 1 : 0;
        return sent;
    }

    private static TimeSpan At(int seconds) => TimeSpan.FromSeconds(seconds);
}
