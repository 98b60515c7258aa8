using System.Net;
using System.Net.Sockets;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Hosting;

namespace Posthouse.Tests.Ivxp.Egress;

/// <summary>
/// The guard with a listener on this machine's loopback that nobody may reach. Names are looked up by the test, always to the worst
/// answer; the same list runs through the machine's own resolver in a network namespace.
/// </summary>
public sealed class EgressGuardTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _reached;

    public EgressGuardTests()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Six_hundred_spellings_of_this_machine_are_refused_and_none_of_them_reaches_it()
    {
        var spellings = LoopbackSpellings.All(Port);
        spellings.Distinct().Count().ShouldBeGreaterThanOrEqualTo(600);
        var (exchange, rules) = (Exchange((_, _) => Task.FromResult(new[] { IPAddress.Loopback })), new PushOptions());
        var (dialled, reached) = (0, new List<string>());
        foreach (var spelling in spellings)
        {
            if (PushEndpoint.Allowed(spelling, rules) is not { } endpoint)
                continue;
            dialled++;
            var failure = await Record.ExceptionAsync(() => SendAsync(exchange, endpoint));
            if (failure is null || !EgressGuard.IsRefusal(failure))
                reached.Add($"{spelling}: {failure?.Message ?? "answered"}");
        }
        reached.ShouldBeEmpty();
        // Names cannot be judged by their text: they must have come as far as the guard.
        dialled.ShouldBeGreaterThan(60);
        _reached.ShouldBe(0);
    }

    [Theory]
    [InlineData("8.8.8.8", "127.0.0.1")]
    [InlineData("127.0.0.1", "8.8.8.8")]
    [InlineData("8.8.8.8", "::1")]
    [InlineData("2606:4700::1111", "::ffff:127.0.0.1")]
    [InlineData("8.8.8.8", "10.0.0.1", "8.8.4.4")]
    public async Task One_private_answer_among_public_ones_refuses_the_name(params string[] answers)
    {
        var exchange = Exchange((_, _) => Task.FromResult(Array.ConvertAll(answers, IPAddress.Parse)));
        EgressGuard.IsRefusal((await Record.ExceptionAsync(() => SendAsync(exchange, new Uri($"http://mixed.example:{Port}/"))))!).ShouldBeTrue();
        _reached.ShouldBe(0);
    }

    [Fact]
    public async Task A_name_is_looked_up_once_for_a_connection_and_what_was_judged_is_dialled()
    {
        var looked = 0;
        // A name server that rebinds: public at first, this machine ever after.
        var exchange = Exchange((_, _) => Task.FromResult(new[] { looked++ == 0 ? IPAddress.Parse("192.0.1.1") : IPAddress.Loopback }), TimeSpan.FromMilliseconds(200));
        // The first try dials the public address, where nobody is here; it never comes to the second answer.
        var first = (await Record.ExceptionAsync(() => SendAsync(exchange, new Uri($"http://rebind.example:{Port}/"))))!;
        EgressGuard.IsRefusal(first).ShouldBeFalse();
        looked.ShouldBe(1);
        var second = (await Record.ExceptionAsync(() => SendAsync(exchange, new Uri($"http://rebind.example:{Port}/"))))!;
        EgressGuard.IsRefusal(second).ShouldBeTrue();
        _reached.ShouldBe(0);
    }

    [Fact]
    public async Task A_name_without_an_address_and_one_whose_look_up_hangs_are_not_reached()
    {
        var none = (await Record.ExceptionAsync(() => SendAsync(Exchange((_, _) => Task.FromResult(Array.Empty<IPAddress>())), new Uri("http://none.example/"))))!;
        (none is HttpRequestException, EgressGuard.IsRefusal(none)).ShouldBe((true, false));
        var hanging = Exchange(async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return [];
        }, TimeSpan.FromMilliseconds(200));
        (await Record.ExceptionAsync(() => SendAsync(hanging, new Uri("http://slow.example/")))).ShouldBeOfType<HttpRequestException>().HttpRequestError.ShouldBe(HttpRequestError.ConnectionError);
    }

    private static HttpExchange Exchange(Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeSpan? connectTimeout = null) =>
        new(new HttpMessageInvoker(GuardedHandlers.Create(connectTimeout, new EgressGuard(resolve).ConnectAsync)), TimeProvider.System);

    private static Task<ExchangeResponse> SendAsync(HttpExchange exchange, Uri endpoint) =>
        exchange.SendAsync(new ExchangeRequest(HttpMethod.Post, endpoint) { Body = "{}"u8.ToArray(), Timeout = _patience });

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref _reached);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
