using System.Text;
using Posthouse.AspNetCore.Mesh;

namespace Posthouse.Tests.AspNetCore.Mesh;

public sealed class WatchWishTests
{
    [Theory]
    [InlineData("{\"type\":\"subscribe\"}", null, 0)]
    [InlineData("{\"type\":\"subscribe\",\"assets\":null,\"minIntervalMs\":60000}", null, 60_000)]
    [InlineData("{\"minIntervalMs\":500,\"assets\":[\"BTC\",\"W*\"],\"type\":\"subscribe\"}", 2, 500)]
    [InlineData("{\"type\":\"subscribe\",\"assets\":[]}", 0, 0)]
    public void A_subscription_is_read(string sent, int? assets, int interval)
    {
        WatchWish.TryRead(Encoding.UTF8.GetBytes(sent), out var wish).ShouldBeNull();
        (wish!.Assets?.Count, wish.MinInterval.TotalMilliseconds).ShouldBe((assets, interval));
    }

    [Theory]
    [InlineData("{\"type\":\"subscribe\",\"assets\":\"BTC\"}", "assets is a list")]
    [InlineData("{\"type\":\"subscribe\",\"assets\":[7]}", "assets is a list")]
    [InlineData("{\"type\":\"subscribe\",\"minIntervalMs\":-5}", "0 to 60000")]
    [InlineData("{\"type\":\"subscribe\",\"minIntervalMs\":60001}", "0 to 60000")]
    [InlineData("{\"type\":\"subscribe\",\"minIntervalMs\":0.5}", "0 to 60000")]
    [InlineData("{\"type\":\"subscribe\",\"minIntervalMs\":\"5\"}", "0 to 60000")]
    [InlineData("{\"type\":\"subscribe\",\"asset\":[\"BTC\"]}", "Known are")]
    [InlineData("{\"type\":\"unsubscribe\"}", "The type is")]
    [InlineData("{\"type\":7}", "The type is")]
    [InlineData("{}", "The type is")]
    [InlineData("[]", "no JSON object")]
    [InlineData("{\"type\":", "no JSON")]
    [InlineData("", "no JSON")]
    public void What_is_not_understood_is_refused_with_a_reason_that_fits_a_close_frame(string sent, string reason)
    {
        var wrong = WatchWish.TryRead(Encoding.UTF8.GetBytes(sent), out var wish).ShouldNotBeNull();
        wish.ShouldBeNull();
        wrong.ShouldContain(reason);
        Encoding.UTF8.GetByteCount(wrong).ShouldBeLessThanOrEqualTo(123);
    }
}
