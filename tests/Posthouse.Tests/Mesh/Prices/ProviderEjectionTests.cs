using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Prices;

public sealed class ProviderEjectionTests
{
    private readonly ProviderEjection _ejection = new();
    private readonly List<NodeId> _back = [];

    [Fact]
    public void The_fifth_fault_in_a_row_ejects_and_the_fourth_does_not()
    {
        Fault(1, 4).ShouldBeNull();
        Fault(1, 1).ShouldBe(TimeSpan.FromSeconds(30));
        _ejection.Ejected.ShouldBe([OneNode.Id(1)]);
    }

    [Fact]
    public void An_agreement_between_faults_begins_the_count_anew()
    {
        Fault(1, 4);
        _ejection.Observe(OneNode.Id(1), 1, 0, 9, TimeSpan.Zero).ShouldBeNull();
        Fault(1, 4).ShouldBeNull();
    }

    [Fact]
    public void One_wrong_symbol_among_many_right_ones_is_no_fault()
    {
        for (var n = 0; n < 20; n++)
        {
            _ejection.Observe(OneNode.Id(1), agrees: 2, outliers: 1, 9, TimeSpan.Zero).ShouldBeNull();
        }
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Never_more_than_a_third_are_ejected_and_never_the_last(int providers, bool ejected)
    {
        Fault(1, 5, providers).HasValue.ShouldBe(ejected);
        Fault(2, 5, providers).ShouldBeNull("one of three is ejected already");
    }

    [Fact]
    public void Each_ejection_lasts_longer_than_the_one_before_up_to_five_minutes()
    {
        var now = TimeSpan.Zero;
        for (var times = 1; times <= 12; times++)
        {
            var lasts = TimeSpan.FromSeconds(30) * Math.Min(times, 10);
            Fault(1, 5, now: now).ShouldBe(lasts);
            _ejection.Readmit(now + lasts - TimeSpan.FromTicks(1), _back);
            _back.ShouldBeEmpty();
            _ejection.Readmit(now += lasts, _back);
            _back.ShouldBe([OneNode.Id(1)]);
            _back.Clear();
        }
    }

    private TimeSpan? Fault(int provider, int times, int providers = 9, TimeSpan now = default)
    {
        TimeSpan? lasts = null;
        for (var n = 0; n < times; n++)
        {
            lasts = _ejection.Observe(OneNode.Id(provider), 0, 1, providers, now);
        }

        return lasts;
    }
}
