using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Hosting;

namespace Posthouse.Tests.Ivxp.Egress;

public sealed class PushTrafficTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void A_host_has_so_many_places_and_a_place_that_is_given_back_is_free()
    {
        var traffic = new PushTraffic(new PushOptions { PerHostConcurrency = 2 }, _time);
        using var first = traffic.TryEnter("a:80", "0x1", out _).ShouldNotBeNull();
        var second = traffic.TryEnter("a:80", "0x2", out _).ShouldNotBeNull();
        traffic.TryEnter("a:80", "0x3", out var wait).ShouldBeNull();
        wait.ShouldBeGreaterThan(TimeSpan.Zero);
        using var elsewhere = traffic.TryEnter("b:80", "0x3", out _).ShouldNotBeNull();
        second.Dispose();
        using var third = traffic.TryEnter("a:80", "0x3", out wait).ShouldNotBeNull();
        wait.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void So_much_goes_to_a_host_in_a_minute_and_no_more()
    {
        var traffic = new PushTraffic(new PushOptions { PerHostPerMinute = 3 }, _time);
        for (var i = 0; i < 3; i++)
            traffic.TryEnter("a:80", "0x" + i, out _).ShouldNotBeNull().Dispose();
        _time.Advance(TimeSpan.FromSeconds(20));
        traffic.TryEnter("a:80", "0x9", out var wait).ShouldBeNull();
        wait.ShouldBe(TimeSpan.FromSeconds(40));
        _time.Advance(wait);
        traffic.TryEnter("a:80", "0x9", out _).ShouldNotBeNull().Dispose();
    }

    [Fact]
    public void So_much_is_sent_for_a_wallet_in_an_hour_over_all_hosts()
    {
        var traffic = new PushTraffic(new PushOptions { PerClientPerHour = 2 }, _time);
        traffic.TryEnter("a:80", "0x1", out _).ShouldNotBeNull().Dispose();
        traffic.TryEnter("b:80", "0x1", out _).ShouldNotBeNull().Dispose();
        traffic.TryEnter("c:80", "0x1", out var wait).ShouldBeNull();
        wait.ShouldBe(TimeSpan.FromHours(1));
        traffic.TryEnter("c:80", "0x2", out _).ShouldNotBeNull().Dispose();
    }

    [Fact]
    public void Hosts_of_the_past_take_no_memory_for_ever()
    {
        var traffic = new PushTraffic(new PushOptions(), _time);
        for (var i = 0; i < 50_000; i++)
        {
            traffic.TryEnter($"h{i}:80", $"0x{i}", out _).ShouldNotBeNull().Dispose();
            _time.Advance(TimeSpan.FromSeconds(10));
        }
        traffic.Remembered.ShouldBeLessThan(5_000);
    }
}
