using System.Net;
using Posthouse.Ivxp.Orders;

namespace Posthouse.Tests.Ivxp.Orders;

public sealed class PushEndpointTests
{
    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("2001:db8::1", false)]
    public void Only_addresses_of_the_public_net_are_public(string address, bool expected) => PushEndpoint.IsPublic(IPAddress.Parse(address)).ShouldBe(expected);

    [Theory]
    [InlineData("https://client.example/inbox", true)]
    [InlineData("http://8.8.8.8:81/x", true)]
    [InlineData("http://[::1]/x", false)]
    [InlineData("http://2130706433/x", false)]
    [InlineData("http://0x7f.1/x", false)]
    [InlineData("http://user@client.example/", false)]
    [InlineData("ftp://client.example/", false)]
    [InlineData("/inbox", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void An_endpoint_that_cannot_be_pushed_to_is_left_out(string? endpoint, bool usable) =>
        PushEndpoint.Usable(endpoint, allowPrivate: false).ShouldBe(usable ? endpoint : null);

    [Fact]
    public void Private_endpoints_are_the_operators_choice() =>
        PushEndpoint.Usable("http://127.0.0.1:6066/ivxp/receive", allowPrivate: true).ShouldNotBeNull();
}
