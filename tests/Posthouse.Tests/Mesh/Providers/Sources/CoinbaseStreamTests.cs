using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.Connectivity;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Providers.Sources;

/// <summary>The stream against a stand-in that serves the documented messages over a real WebSocket.</summary>
public sealed class CoinbaseStreamTests : IAsyncLifetime
{
    private static readonly AssetKey _eth = new("ETH", "multi");
    private readonly ManualTimeProvider _time = new();
    private readonly HttpMessageInvoker _invoker = new(GuardedHandlers.Create());
    private readonly Channel<PriceFetch> _published = Channel.CreateUnbounded<PriceFetch>();
    private readonly TaskCompletionSource<WebSocket> _socket = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new();
    private WebApplication _app = null!;
    private CoinbaseStream _stream = null!;
    private string? _asked;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[4_096];
            var asked = await socket.ReceiveAsync(buffer.AsMemory(), default);
            _asked = Encoding.UTF8.GetString(buffer, 0, asked.Count);
            _socket.SetResult(socket);
            await _end.Task;
        });
        await _app.StartAsync();
        var address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        _stream = new CoinbaseStream(new StreamOptions { Address = new UriBuilder(address) { Scheme = "ws" }.Uri }, new SocketDial(_invoker), _time);
    }

    public async ValueTask DisposeAsync()
    {
        _end.TrySetResult();
        await _app.DisposeAsync();
        _invoker.Dispose();
    }

    private Task<SourceFault> Run(CancellationToken cancellationToken = default) =>
        _stream.RunAsync([_eth], fetch => _published.Writer.TryWrite(fetch), cancellationToken);

    private async Task SendAsync(string message, bool isWhole = true) =>
        await (await _socket.Task).SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, isWhole, default);

    private Task TickAsync(string price, string time = "2026-01-01T00:00:00.156712Z", string open = "1708.85") =>
        SendAsync($$"""{"type":"ticker","sequence":36037175096,"product_id":"ETH-USD","price":"{{price}}","open_24h":"{{open}}","volume_24h":"1","best_bid":"1","best_ask":"2","time":"{{time}}","trade_id":7,"last_size":"3.2"}""");

    private Task BeatAsync() => SendAsync("""{"type":"heartbeat","sequence":90,"last_trade_id":0,"product_id":"ETH-USD","time":"2026-01-01T00:00:00Z"}""");

    private async Task<PriceFetch> NextAsync() => await _published.Reader.ReadAsync(TestContext.Current.CancellationToken);

    [Fact]
    public async Task It_asks_for_its_products_and_reads_tickers_as_they_are_documented()
    {
        using var stop = new CancellationTokenSource();
        var running = Run(stop.Token);
        await SendAsync("""{"type":"subscriptions","channels":[]}""");
        await TickAsync("1597.97");
        var fetch = await NextAsync();
        fetch.Prices.ShouldBe([new(_eth, 1597.97m, new DateTimeOffset(2026, 1, 1, 0, 0, 0, 156, TimeSpan.Zero)) { Change24h = -6.4886m, Venue = "coinbase" }]);
        _asked.ShouldBe("""{"type":"subscribe","product_ids":["ETH-USD"],"channels":["ticker","heartbeat"]}""");
        stop.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(running);
    }

    [Fact]
    public async Task A_price_is_published_when_it_moved_or_when_it_is_time_and_never_back_in_time()
    {
        using var stop = new CancellationTokenSource();
        var running = Run(stop.Token);
        await TickAsync("1000");
        (await NextAsync()).Prices[0].Price.ShouldBe(1000);
        await TickAsync("1000.99");
        await TickAsync("999.01");
        await TickAsync("1001", time: "2025-12-31T23:59:59Z");
        await TickAsync("1001");
        (await NextAsync()).Prices[0].Price.ShouldBe(1001, "0.1 % from the last that was published, and not older than what was seen");
        for (var second = 0; second < 30; second += 6)
        {
            await TickAsync("NaN");
            (await NextAsync()).Flaws.ShouldBe([new(_eth, ReadingFlawKind.PriceUnreadable)]);
            _time.Advance(TimeSpan.FromSeconds(6));
        }

        await TickAsync("1001.5", time: "2026-01-01T00:00:30Z");
        (await NextAsync()).Prices[0].Price.ShouldBe(1001.5m, "30 s have passed");
        stop.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(running);
    }

    [Fact]
    public async Task A_connection_that_is_silent_for_twice_the_expected_gap_is_dead()
    {
        var running = Run();
        await TickAsync("1000");
        await NextAsync();
        await SendAsync("{\"type\":", isWhole: false);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        running.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.2));
        (await running).Kind.ShouldBe(SourceFaultKind.Silent);
    }

    [Fact]
    public async Task Heartbeats_without_prices_keep_nothing_alive_for_ever()
    {
        var running = Run();
        for (var beat = 0; beat <= 20; beat++)
        {
            // What cannot be read is no price, but it shows that the heartbeat before it was.
            await BeatAsync();
            await TickAsync("NaN");
            await NextAsync();
            _time.Advance(TimeSpan.FromSeconds(6));
        }

        await BeatAsync();
        var fault = await running;
        (fault.Kind, fault.Detail).ShouldBe((SourceFaultKind.Silent, "The source sends heartbeats, but no prices."));
    }

    [Theory]
    [InlineData("""{"type":"error","message":"Failed to subscribe","reason":"ETH-USD is not a valid product"}""", SourceFaultKind.Refused)]
    [InlineData("<html>", SourceFaultKind.NotJson)]
    public async Task A_message_that_ends_it_is_named(string message, SourceFaultKind kind)
    {
        var running = Run();
        await SendAsync(message);
        (await running).Kind.ShouldBe(kind);
    }

    [Fact]
    public async Task A_message_without_end_is_refused()
    {
        var running = Run();
        await SendAsync(new string(' ', 70_000));
        (await running).Kind.ShouldBe(SourceFaultKind.TooLarge);
    }

    [Fact]
    public async Task A_farewell_and_a_break_are_told_apart()
    {
        var running = Run();
        await (await _socket.Task).CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "later", default);
        (await running).Kind.ShouldBe(SourceFaultKind.Closed);
    }

    [Fact]
    public async Task A_broken_connection_is_named()
    {
        var running = Run();
        (await _socket.Task).Abort();
        (await running).Kind.ShouldBe(SourceFaultKind.BrokeOff);
    }

    [Fact]
    public async Task Nobody_listening_and_nothing_to_ask_for_are_named()
    {
        (await _stream.RunAsync([new("ETH", "base")], fetch => _published.Writer.TryWrite(fetch), default)).Kind.ShouldBe(SourceFaultKind.Refused);
        (await NextAsync()).Flaws.ShouldBe([new(new("ETH", "base"), ReadingFlawKind.NotMapped)]);
        await _app.StopAsync(TestContext.Current.CancellationToken);
        (await Run()).Kind.ShouldBe(SourceFaultKind.NotReached);
    }
}
