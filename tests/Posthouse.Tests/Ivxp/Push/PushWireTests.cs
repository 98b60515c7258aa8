using System.Text;
using System.Text.Json;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Services;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.Ivxp.Push;

/// <summary>What a push carries, receiver by receiver, and what an answer makes of it.</summary>
public sealed class PushWireTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static readonly Func<IvxpOptions, IvxpOptions> _aSecondLater =
        options => options with { Push = new PushOptions { Delays = [TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)] } };

    [Fact]
    public async Task The_originals_callback_gets_the_content_as_its_json_string_under_the_hash_it_checks()
    {
        var (order, body) = await PushedAsync("http://client.example/ivxp/callback");
        var deliverable = body.GetProperty("deliverable");
        deliverable.GetProperty("content").GetString().ShouldBe("""{"text":"hello"}""");
        deliverable.GetProperty("format").GetString().ShouldBe("json");
        deliverable.GetProperty("content_hash").GetString().ShouldBe(ContentHash.OfText("""{"text":"hello"}"""));
        body.GetProperty("order_id").GetString().ShouldBe(order);
    }

    [Fact]
    public async Task A_content_that_is_a_string_is_its_own_json_string_and_has_two_hashes()
    {
        var (_, body) = await PushedAsync("http://client.example/ivxp/callback", text: "größe");
        var deliverable = body.GetProperty("deliverable");
        deliverable.GetProperty("content").GetString().ShouldBe("größe");
        deliverable.GetProperty("content_hash").GetString().ShouldBe(ContentHash.OfText("größe"));
        body.GetProperty("content_hash").GetString().ShouldBe("sha256:" + ContentHash.OfText("\"größe\""));
    }

    [Fact]
    public async Task Every_other_receiver_gets_the_content_as_it_is_with_the_raw_hash_beside_it()
    {
        foreach (var endpoint in new[] { "http://client.example/ivxp/receive", "http://client.example/ivxp/callback/x", "http://client.example/" })
        {
            var (_, body) = await PushedAsync(endpoint);
            body.GetProperty("deliverable").GetProperty("content").GetProperty("text").GetString().ShouldBe("hello");
            body.GetProperty("deliverable").GetProperty("content_hash").GetString().ShouldBe(ContentHash.OfText("""{"text":"hello"}"""));
        }
    }

    [Fact]
    public async Task A_push_is_signed_with_the_orders_secret_under_one_id_and_a_fresh_time()
    {
        await using var stage = await ProviderStage.StartAsync(_aSecondLater);
        var id = await PaidWithSecretAsync(stage, Secret);
        await stage.PassUntilAsync(id, order => order.State is OrderState.ReadyForPickup);
        stage.Inbox.Answer = () => InboxWire.Response(200);
        await stage.PassUntilAsync(id, order => order.State is OrderState.Posted);

        var pushes = stage.Inbox.Received;
        pushes.Count.ShouldBe(2);
        var times = new HashSet<string>();
        foreach (var push in pushes)
        {
            var fields = push.Headers.ToDictionary(header => header.Key, header => header.Value);
            fields["webhook-id"].ShouldBe(fields["IVXP-Delivery-Id"]);
            times.Add(fields["webhook-timestamp"]).ShouldBeTrue();
            var then = DateTimeOffset.FromUnixTimeSeconds(long.Parse(fields["webhook-timestamp"]));
            fields["webhook-signature"].ShouldBe(WebhookSignature.Fields(Secret, fields["webhook-id"], then, push.Body.Span)[2].Value);
        }
        pushes.Select(push => push.Headers.Single(header => header.Key == "webhook-id").Value).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Without_a_secret_nothing_is_signed()
    {
        await using var stage = await ProviderStage.StartAsync(_aSecondLater);
        stage.Inbox.Answer = () => InboxWire.Response(200);
        var id = await PaidWithSecretAsync(stage, null);
        await stage.PassUntilAsync(id, order => order.State is OrderState.Posted);
        stage.Inbox.Received.ShouldHaveSingleItem().Headers.Select(header => header.Key).ShouldBe(["IVXP-Delivery-Id", "IVXP-Attempt"]);
    }

    [Theory]
    [InlineData(429, "7200", 7200)]
    [InlineData(503, "7200", 7200)]
    [InlineData(503, "99999999", 86_400)] // At most a day.
    [InlineData(429, "1", 60)] // The plan, where the client asks for less.
    [InlineData(500, null, 60)]
    public async Task Retry_After_lengthens_the_wait_up_to_a_day(int status, string? asked, int expectedSeconds)
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => asked is null ? InboxWire.Response(status) : InboxWire.Response(status, ("Retry-After", asked));
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(id, OrderState.ReadyForPickup);
        (await stage.ToNextPushAsync(id)).TotalSeconds.ShouldBeInRange(expectedSeconds * (expectedSeconds > 60 ? 0.99 : 0.8), expectedSeconds * (expectedSeconds > 60 ? 1.01 : 1.2));
    }

    [Fact]
    public async Task A_push_lasts_thirty_seconds_and_an_answers_body_is_cut_not_read()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(200);
        await stage.UntilAsync(await stage.BuyAsync(endpoint: ProviderStage.Endpoint), OrderState.Posted);
        var push = stage.Inbox.Received.ShouldHaveSingleItem();
        (push.Timeout, push.CutsLongAnswer, push.MaxResponseBytes).ShouldBe((TimeSpan.FromSeconds(30), true, 4096));
    }

    [Fact]
    public async Task The_contact_endpoint_of_the_request_is_the_default()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(200);
        var request = new ServiceRequest(IvxpProtocol.Version11, IvxpProtocol.MessageTypes.Request, WireTime.Write(stage.Time.GetUtcNow()),
            new ClientAgent("test", stage.Client.Address.ToString(), "http://contact.example/ivxp/callback"), new RequestedWork("text_echo", "hello", UsdcAmount.FromUnits(5_000_000)));
        var id = (await stage.Get<RequestQuote>().AnswerAsync(request)).Answer!.OrderId;
        (await stage.ProveAsync(stage.Proof(id, await stage.PayAsync()))).Refusal.ShouldBeNull();
        await stage.UntilAsync(id, OrderState.Posted);
        stage.Inbox.Received.ShouldHaveSingleItem().Uri.Host.ShouldBe("contact.example");
    }

    [Fact]
    public async Task The_last_push_before_the_retention_ends_says_so_in_log_list_and_events()
    {
        await using var stage = await ProviderStage.StartAsync(options => options with { Retention = TimeSpan.FromDays(1), Push = new PushOptions { Delays = [TimeSpan.Zero, TimeSpan.FromMinutes(1)] } });
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        var order = await stage.PassUntilAsync(id, one => one.Push == PushState.Exhausted);
        (order.State, order.PushAttempts, order.LastError).ShouldBe((OrderState.ReadyForPickup, 2, "unreachable"));
        stage.LoggedIds.Where(logged => logged is >= 2020 and < 2030).ShouldBe([2020, 2022, 2025, 2023, 2020, 2022, 2024, 2027]);
        (await stage.Store.ReadAsync(read => OrderRows.FailedPushes(read, null, null))).ShouldHaveSingleItem().Id.ShouldBe(id);
        var ended = await stage.Store.ReadAsync(read => read.QueryFirst(
            "SELECT body FROM event WHERE room = 'ivxp' AND subject = $1 AND kind = 'push_exhausted'", row => Encoding.UTF8.GetString(row.Bytes(0)), id));
        ended.ShouldBe($$"""{"version":{{order.Version}},"to":"ready_for_pickup","attempts":2,"error":"unreachable"}""");
    }

    private static async Task<string> PaidWithSecretAsync(ProviderStage stage, string? secret)
    {
        // The secret is made where the payment is taken; the test puts its own in that place before the first push.
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(id, OrderState.Ready);
        await stage.Store.WriteAsync(write => write.Execute("UPDATE ivxp_order SET webhook_secret = $2 WHERE order_id = $1", id, secret));
        return id;
    }

    private static async Task<(string Order, JsonElement Body)> PushedAsync(string endpoint, string? text = null)
    {
        await using var stage = await ProviderStage.StartAsync(options => text is null ? options : options with { Services = [options.Services[0] with { Handler = new TextHandler(text) }] });
        stage.Inbox.Answer = () => InboxWire.Response(200);
        var id = await stage.BuyAsync(endpoint: endpoint);
        await stage.UntilAsync(id, OrderState.Posted);
        return (id, JsonDocument.Parse(stage.Inbox.Received.ShouldHaveSingleItem().Body).RootElement);
    }

    private sealed class TextHandler(string text) : IServiceHandler
    {
        public Task<Deliverable> WorkAsync(ServiceWork work, CancellationToken cancellationToken) => Task.FromResult(
            new Deliverable("text", JsonContent.Parse(JsonSerializer.SerializeToUtf8Bytes(text))));
    }
}
