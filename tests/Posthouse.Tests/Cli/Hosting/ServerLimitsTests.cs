using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Posthouse.Cli.Hosting;

namespace Posthouse.Tests.Cli.Hosting;

public sealed class ServerLimitsTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:172.17.0.1", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("10.1.2.4", false)]
    [InlineData("172.18.0.1", false)]
    public async Task A_proxy_here_and_those_that_are_named_are_believed_and_nobody_else(string proxy, bool isBelieved)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(proxy);
        (context.Request.Scheme, context.Request.Headers["X-Forwarded-For"], context.Request.Headers["X-Forwarded-Proto"]) = ("http", "192.0.2.66, 192.0.2.7", "https");

        await new ForwardedHeadersMiddleware(_ => Task.CompletedTask, NullLoggerFactory.Instance, Options.Create(ServerLimits.Proxies(Given("172.17.0.0/16", "10.1.2.3")))).Invoke(context);

        (context.Request.IsHttps, context.Connection.RemoteIpAddress!.ToString() == "192.0.2.7").ShouldBe((isBelieved, isBelieved));
    }

    [Theory]
    [InlineData("proxy.example")]
    [InlineData("10.0.0.0/40")]
    public void What_is_no_address_is_refused_with_its_place(string item) =>
        Should.Throw<PosthouseException>(() => ServerLimits.Proxies(Given("10.0.0.1", item))).Message.ShouldStartWith($"test: Proxies:1 is '{item}', expected an address");

    private static Configuration Given(params string[] proxies) => Configuration.From(proxies.Select((one, at) => new GivenValue($"Proxies:{at}", one, "test")));
}
