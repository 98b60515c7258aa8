using System.Net;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Hosting;

namespace Posthouse.Tests.Ivxp.Egress;

public sealed class PushEndpointTests
{
    private static readonly PushOptions _rules = new();

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("172.15.255.255", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.0.1.1", true)]
    [InlineData("223.255.255.255", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("100.127.255.255", false)]
    [InlineData("127.255.255.255", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.0.0.170", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("192.88.99.1", false)]
    [InlineData("192.168.0.1", false)]
    [InlineData("198.19.255.255", false)]
    [InlineData("198.51.100.1", false)]
    [InlineData("203.0.113.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("240.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::7f00:1", false)] // compatible
    [InlineData("::8.8.8.8", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("::ffff:0:7f00:1", false)] // translated, RFC 2765
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("64:ff9b:1::808:808", false)]
    [InlineData("100::1", false)]
    [InlineData("2001:0:4136:e378:8000:63bf:80ff:fffe", false)] // Teredo
    [InlineData("2001:db8::1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("2002:808:808::1", false)]
    [InlineData("2606:4700::5efe:127.0.0.1", false)] // ISATAP
    [InlineData("2606:4700::200:5efe:10.0.0.1", false)]
    [InlineData("2606:4700::5efe:8.8.8.8", true)]
    [InlineData("3ffe::1", false)]
    [InlineData("3fff::1", false)]
    [InlineData("5f00::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("2606:4700::1111%1", false)]
    public void Only_addresses_of_the_public_net_are_public(string address, bool expected) => PublicAddress.Is(IPAddress.Parse(address)).ShouldBe(expected);

    [Theory]
    [InlineData("https://client.example/inbox", true)]
    [InlineData("http://8.8.8.8:81/x", true)]
    [InlineData("http://[::1]/x", false)]
    [InlineData("http://2130706433/x", false)]
    [InlineData("http://0x7f.1/x", false)]
    [InlineData("http://user@client.example/", false)]
    [InlineData("http://user:word@client.example/", false)]
    [InlineData("ftp://client.example/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("/inbox", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void An_endpoint_that_cannot_be_pushed_to_is_left_out(string? endpoint, bool allowed) => (PushEndpoint.Allowed(endpoint, _rules) is not null).ShouldBe(allowed);

    [Fact]
    public void Private_endpoints_are_the_operators_choice() =>
        PushEndpoint.Allowed("http://127.0.0.1:6066/ivxp/receive", _rules with { AllowPrivateEndpoints = true }).ShouldNotBeNull();

    [Fact]
    public void So_are_scheme_and_ports()
    {
        PushEndpoint.Allowed("http://client.example/", _rules with { HttpsOnly = true }).ShouldBeNull();
        PushEndpoint.Allowed("https://client.example/", _rules with { HttpsOnly = true }).ShouldNotBeNull();
        PushEndpoint.Allowed("https://client.example/", _rules with { Ports = [443] }).ShouldNotBeNull();
        PushEndpoint.Allowed("https://client.example:22/", _rules with { Ports = [443] }).ShouldBeNull();
    }
}
