using System.Text.Json;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Services;
using Posthouse.Storage;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.Ivxp.Push;

/// <summary>The traps of pushing, one test each. That of private addresses has its own: EgressGuardTests, and EgressNamespaceTests with a real resolver.</summary>
public sealed class PushTrapTests
{
    [Theory]
    [InlineData(301, "not_allowed")]
    [InlineData(307, "not_allowed")]
    [InlineData(400, "http_4xx")]
    [InlineData(401, "http_4xx")]
    [InlineData(404, "http_4xx")]
    [InlineData(410, "http_4xx")]
    [InlineData(500, "http_5xx")]
    [InlineData(503, "http_5xx")]
    [InlineData(0, "unreachable")] // Refused, as far as the handler tells.
    [InlineData(-1, "unreachable")] // Filtered.
    [InlineData(-2, "timeout")]
    public async Task Port_scan_through_our_answers(int answer, string expected)
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = answer switch
        {
            0 => () => throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused (10.0.0.1:22)"),
            -1 => () => throw new HttpRequestException(HttpRequestError.ConnectionError, "No connection to 10.0.0.1 in time."),
            -2 => () => throw new TimeoutException("SSH-2.0-OpenSSH_9.2"),
            _ => () => InboxWire.Response(answer, ("Server", "secret-server/1.0"), ("Location", "http://127.0.0.1/secret")),
        };
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(id, OrderState.ReadyForPickup);

        var status = (await stage.Get<ShowOrder>().StatusAsync(id, null)).Answer!.Message;

        status.StatusDetails!.LastError.ShouldBe(expected);
        var text = JsonSerializer.Serialize(status, IvxpJson.Wire.OrderStatus);
        foreach (var secret in new[] { "10.0.0.1", "refused", "SSH", "secret", "127.0.0.1", "client.example" })
            text.ShouldNotContain(secret, Case.Insensitive);
    }

    [Fact]
    public async Task Endpoint_as_a_denial_weapon()
    {
        await using var stage = await ProviderStage.StartAsync(options => options with { Push = new PushOptions { PerHostPerMinute = 2 } });
        stage.Inbox.Answer = () => InboxWire.Response(200);
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await stage.BuyAsync(endpoint: ProviderStage.Endpoint));
        await UntilHeldBackAsync(stage, 3);

        // Two in this minute; what waits costs no attempt, and is offered for pickup once it waits longer than a push takes.
        stage.Inbox.Received.Count.ShouldBe(2);
        foreach (var id in ids)
            await stage.PassUntilAsync(id, order => order.State is OrderState.Posted);
        stage.Inbox.Received.Count.ShouldBe(5);
        foreach (var id in ids)
            (await stage.OrderAsync(id)).PushAttempts.ShouldBe(1);
    }

    [Theory]
    [InlineData("http://localhost:6066/ivxp/receive")]
    [InlineData("http://127.0.0.1:6066/ivxp/receive")]
    [InlineData("http://[::1]/")]
    [InlineData("ftp://client.example/")]
    [InlineData("http://user:word@client.example/")]
    [InlineData("not an address")]
    [InlineData("http://")]
    [InlineData("javascript:alert(1)")]
    public async Task Bad_endpoint_kills_a_paid_order(string endpoint)
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused",
            new PosthouseException(Posthouse.Ivxp.Egress.EgressGuard.Refused, "not public"));
        var id = await stage.BuyAsync(endpoint: endpoint);

        var order = await stage.UntilAsync(id, OrderState.ReadyForPickup);

        (order.Push, order.LastError).ShouldBe((PushState.Disabled, "not_allowed"));
        (await stage.Get<ShowOrder>().DownloadAsync(id, null, default)).Answer!.Content.ShouldNotBeNull();
        var events = await stage.Store.ReadAsync(read => read.Query("SELECT kind FROM event WHERE room = 'ivxp' AND subject = $1", row => row.Text(0), id));
        events.ShouldContain("push_disabled");
    }

    [Fact]
    public async Task Large_deliverable_vs_callback_limit()
    {
        await using var stage = await ProviderStage.StartAsync(options => options with { Services = [Essay(100_000), Essay(300_000, "large")] });
        stage.Inbox.Answer = () => InboxWire.Response(200);
        var small = await stage.BuyAsync("essay", endpoint: "http://client.example/ivxp/callback");
        await stage.UntilAsync(small, OrderState.Posted);
        var large = await stage.BuyAsync("large", endpoint: "http://client.example/ivxp/callback");
        var left = await stage.UntilAsync(large, OrderState.ReadyForPickup);
        (left.Push, left.PushAttempts).ShouldBe((PushState.Disabled, 0));

        // Other receivers have no such limit.
        await stage.UntilAsync(await stage.BuyAsync("large", endpoint: ProviderStage.Endpoint), OrderState.Posted);
        stage.Inbox.Received.Count.ShouldBe(2);
    }

    private static async Task UntilHeldBackAsync(ProviderStage stage, int times)
    {
        var jobs = stage.Get<IJobStore>();
        using var net = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var position = await jobs.LastPositionAsync();
            if ((await jobs.CountAsync()) is { Ready: 0, Running: 0 } && stage.LoggedIds.Count(id => id == 2050) >= times)
                return;
            await Task.WhenAny(jobs.ChangedAsync(position, net.Token), Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, net.Token));
            net.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Quotes, which double in JSON and double again in JSON within a string.</summary>
    private static ServiceOffer Essay(int length, string type = "essay") =>
        DevOffers.All(TimeProvider.System)[0] with { Type = type, Handler = new EssayHandler(length) };

    private sealed class EssayHandler(int length) : IServiceHandler
    {
        public Task<Deliverable> WorkAsync(ServiceWork work, CancellationToken cancellationToken) => Task.FromResult(
            new Deliverable("essay", ContentText.Of(("text", new string('"', length))), "json"));
    }
}
