using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Tests.Connectivity;

public sealed class HttpExchangeTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualTimeProvider _time = new();
    private readonly HttpMessageInvoker _invoker = new(GuardedHandlers.Create(TimeSpan.FromMilliseconds(300)));
    private WebApplication _far = null!;
    private Uri _address = null!;
    private int _redirectedTo;

    private HttpExchange Exchange => new(_invoker, _time);

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _far = builder.Build();
        _far.MapPost("/echo", async context =>
        {
            context.Response.Headers["X-Seen"] = $"{context.Request.ContentType} {context.Request.Headers["Idempotency-Key"]}";
            context.Response.Headers.Append("X-Two", "a");
            context.Response.Headers.Append("X-Two", "b");
            context.Response.StatusCode = 201;
            await context.Request.Body.CopyToAsync(context.Response.Body);
        });
        _far.MapGet("/moved", () => Results.Redirect("/elsewhere"));
        _far.MapGet("/elsewhere", () => Interlocked.Increment(ref _redirectedTo));
        _far.MapGet("/busy", (HttpContext context) =>
        {
            context.Response.Headers.RetryAfter = "17";
            context.Response.Headers.SetCookie = "a=b";
            return Results.StatusCode(503);
        });
        _far.MapGet("/cookies", (HttpContext context) => context.Request.Headers.Cookie.ToString());
        _far.MapGet("/bytes/{count:int}", async (HttpContext context, int count, bool chunked) =>
        {
            context.Response.ContentLength = chunked ? null : count;
            await context.Response.Body.WriteAsync(new byte[count], context.RequestAborted);
        });
        _far.MapGet("/stall", async context =>
        {
            await context.Response.WriteAsync("begin");
            await context.Response.Body.FlushAsync();
            _stalled.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        _far.MapGet("/cut", async context =>
        {
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await _far.StartAsync();
        _address = new Uri(_far.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _invoker.Dispose();
        await _far.DisposeAsync();
    }

    private ExchangeRequest Get(string path) => new(HttpMethod.Get, new Uri(_address, path));

    [Fact]
    public async Task A_request_arrives_as_given_and_its_answer_comes_back_whole()
    {
        var answer = await Exchange.SendAsync(new ExchangeRequest(HttpMethod.Post, new Uri(_address, "/echo"))
        {
            Headers = [new("Idempotency-Key", "msg-1")],
            Body = "{\"a\":1}"u8.ToArray(),
        });
        answer.StatusCode.ShouldBe(201);
        answer.IsSuccess.ShouldBeTrue();
        Encoding.UTF8.GetString(answer.Body.Span).ShouldBe("{\"a\":1}");
        answer.Headers["x-seen"].ShouldBe("application/json msg-1");
        answer.Headers["X-Two"].ShouldBe("a, b");
    }

    [Fact]
    public async Task A_redirect_is_an_answer_and_not_followed()
    {
        var answer = await Exchange.SendAsync(Get("/moved"));
        answer.StatusCode.ShouldBe(302);
        answer.Headers["Location"].ShouldBe("/elsewhere");
        _redirectedTo.ShouldBe(0);
    }

    [Fact]
    public async Task Retry_after_is_there_for_the_classifier()
    {
        var failure = FailureClassifier.FromResponse(await Exchange.SendAsync(Get("/busy")), _time.GetUtcNow());
        failure.Kind.ShouldBe(FailureKind.Throttled);
        failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(17));
    }

    [Fact]
    public async Task Cookies_are_not_kept()
    {
        await Exchange.SendAsync(Get("/busy"));
        (await Exchange.SendAsync(Get("/cookies"))).Body.Length.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_longer_than_allowed_is_refused_announced_or_not(bool chunked)
    {
        var request = Get($"/bytes/1001?chunked={chunked}") with { MaxResponseBytes = 1000 };
        var refused = await Should.ThrowAsync<HttpRequestException>(Exchange.SendAsync(request));
        refused.HttpRequestError.ShouldBe(HttpRequestError.ConfigurationLimitExceeded);
        FailureClassifier.Instance.Classify(refused).Kind.ShouldBe(FailureKind.Permanent);
        (await Exchange.SendAsync(Get($"/bytes/1000?chunked={chunked}") with { MaxResponseBytes = 1000 })).Body.Length.ShouldBe(1000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_whose_text_does_not_matter_is_cut(bool chunked)
    {
        var answer = await Exchange.SendAsync(Get($"/bytes/100000?chunked={chunked}") with { MaxResponseBytes = 1000, CutsLongAnswer = true });
        (answer.StatusCode, answer.Body.Length).ShouldBe((200, 1000));
    }

    [Fact]
    public async Task A_body_that_stalls_ends_at_the_limit_of_the_whole_exchange()
    {
        var sending = Exchange.SendAsync(Get("/stall") with { Timeout = TimeSpan.FromSeconds(30) });
        await _stalled.Task;
        _time.Advance(TimeSpan.FromSeconds(29));
        sending.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        var late = await Should.ThrowAsync<TimeoutException>(sending);
        FailureClassifier.Instance.Classify(late).Kind.ShouldBe(FailureKind.Transient);
    }

    [Fact]
    public async Task The_callers_token_ends_it_as_a_cancellation()
    {
        using var stop = new CancellationTokenSource();
        var sending = Exchange.SendAsync(Get("/stall"), stop.Token);
        await _stalled.Task;
        stop.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(sending);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_transient()
    {
        var broken = await Should.ThrowAsync<HttpRequestException>(Exchange.SendAsync(Get("/cut")));
        FailureClassifier.Instance.Classify(broken).Kind.ShouldBe(FailureKind.Transient);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_not_reached()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var refused = await Should.ThrowAsync<HttpRequestException>(Exchange.SendAsync(To("http", taken)));
        FailureClassifier.Instance.Classify(refused).Kind.ShouldBe(FailureKind.NotReached);
    }

    [Fact]
    public async Task A_handshake_that_is_never_answered_is_not_reached()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        var late = await Should.ThrowAsync<HttpRequestException>(Exchange.SendAsync(To("https", silent)));
        FailureClassifier.Instance.Classify(late).Kind.ShouldBe(FailureKind.NotReached);
    }

    [Theory]
    [InlineData("X-Evil", "a\r\nHost: other")]
    [InlineData("Content-Type", "text/plain")]
    [InlineData("bad name", "x")]
    public async Task A_field_that_would_change_the_request_is_refused(string name, string value) =>
        await Should.ThrowAsync<ArgumentException>(Exchange.SendAsync(Get("/busy") with { Headers = [new(name, value)] }));

    [Theory]
    [InlineData("file:///etc/hostname")]
    [InlineData("/relative")]
    public async Task Only_http_addresses_are_dialled(string address) => await Should.ThrowAsync<ArgumentException>(
        Exchange.SendAsync(new ExchangeRequest(HttpMethod.Get, new Uri(address, address[0] == '/' ? UriKind.Relative : UriKind.Absolute))));

    private static ExchangeRequest To(string scheme, Socket socket) =>
        new(HttpMethod.Get, new Uri($"{scheme}://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}/"));
}
