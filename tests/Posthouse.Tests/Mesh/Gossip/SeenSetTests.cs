using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Gossip;

public sealed class SeenSetTests
{
    private readonly SeenSet _seen = new();

    [Fact]
    public void An_id_is_new_once()
    {
        _seen.TryMark(Id(1), TimeSpan.Zero).ShouldBeTrue();
        _seen.TryMark(Id(1), TimeSpan.Zero).ShouldBeFalse();
        _seen.Contains(Id(1), TimeSpan.Zero).ShouldBeTrue();
        _seen.Contains(Id(2), TimeSpan.Zero).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    [InlineData(299)]
    public void An_id_is_remembered_for_five_minutes_and_forgotten_within_ten(int markedAt)
    {
        _seen.TryMark(Id(9), TimeSpan.Zero);
        _seen.TryMark(Id(1), Seconds(markedAt)).ShouldBeTrue();
        _seen.TryMark(Id(1), Seconds(markedAt + 300)).ShouldBeFalse();
        _seen.TryMark(Id(8), Seconds(markedAt + 310));
        _seen.Contains(Id(1), Seconds(markedAt + 610)).ShouldBeFalse();
    }

    [Fact]
    public void After_a_long_pause_nothing_old_is_left()
    {
        _seen.TryMark(Id(1), TimeSpan.Zero);
        _seen.TryMark(Id(1), Seconds(601)).ShouldBeTrue();
        _seen.Count.ShouldBe(1);
    }

    [Fact]
    public void A_flood_pushes_out_the_oldest_and_says_so()
    {
        for (var id = 0; id < 200_000; id++)
        {
            _seen.TryMark(Id(id), Seconds(1)).ShouldBeTrue();
            _seen.Count.ShouldBeLessThanOrEqualTo(SeenSet.MaxIds);
        }

        _seen.Contains(Id(199_999 - (SeenSet.MaxIds / 2) + 1), Seconds(1)).ShouldBeTrue();
        _seen.Contains(Id(0), Seconds(1)).ShouldBeFalse();
        _seen.Hastened.ShouldBe(6);
    }

    [Fact]
    public void A_limit_below_the_sources_own_is_refused() => Should.Throw<ArgumentOutOfRangeException>(() => new SeenSet(9_999));

    private static MessageId Id(int number) => new((UInt128)number);

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
}
