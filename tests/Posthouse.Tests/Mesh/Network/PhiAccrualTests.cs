using Posthouse.Mesh.Network;

namespace Posthouse.Tests.Mesh.Network;

public sealed class PhiAccrualTests
{
    [Fact]
    public void A_silence_is_the_more_surprising_the_longer_it_is_and_the_more_regular_beacons_were()
    {
        var (regular, irregular) = (new PhiAccrual(TimeSpan.FromSeconds(5)), new PhiAccrual(TimeSpan.FromSeconds(5)));
        for (var n = 0; n < 50; n++)
        {
            regular.Add(TimeSpan.FromSeconds(5));
            irregular.Add(TimeSpan.FromSeconds(n % 2 == 0 ? 2 : 8));
        }

        (regular.Mean, irregular.Mean).ShouldBe((5, 5));
        (regular.Deviation, irregular.Deviation).ShouldBe((PhiAccrual.MinDeviation, 3));
        var last = -1.0;
        for (var silence = 0.0; silence < 20; silence += 0.25)
        {
            var phi = regular.Phi(TimeSpan.FromSeconds(silence));
            phi.ShouldBeGreaterThanOrEqualTo(last);
            last = phi;
        }

        regular.Phi(TimeSpan.FromSeconds(5)).ShouldBe(0.301, 0.001); // half of all come later than the mean
        regular.Phi(TimeSpan.FromSeconds(10.2)).ShouldBeLessThan(8);
        regular.Phi(TimeSpan.FromSeconds(10.3)).ShouldBeGreaterThan(8);
        irregular.Phi(TimeSpan.FromSeconds(18)).ShouldBeLessThan(8);
    }

    [Fact]
    public void Only_the_last_hundred_intervals_count()
    {
        var phi = new PhiAccrual(TimeSpan.FromSeconds(5));
        for (var n = 0; n < 500; n++)
        {
            phi.Add(TimeSpan.FromSeconds(1));
        }

        for (var n = 0; n < PhiAccrual.Window; n++)
        {
            phi.Add(TimeSpan.FromSeconds(9));
        }

        phi.Mean.ShouldBe(9, 1e-6);
        phi.Reset();
        phi.Mean.ShouldBe(5);
    }
}
