using System.Text.Json;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Notices;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Tests.AspNetCore.Ivxp;
using Posthouse.Tests.Ivxp.Orders;
using Posthouse.Tests.Ivxp.Receipts;

namespace Posthouse.Tests.Ivxp.Sources;

/// <summary>
/// "Implementation Priority" of the first source document, "What Happens When Client is Offline?": one test for each line.
/// <list type="table">
/// <item><term>Must 1: save deliverable before attempting delivery</term><description><see cref="Must_1_the_deliverable_is_saved_before_delivery_is_attempted"/></description></item>
/// <item><term>Must 2: provide /ivxp/download endpoint</term><description><see cref="Must_2_there_is_a_download_endpoint"/></description></item>
/// <item><term>Must 3: status 'ready_for_pickup' when P2P fails</term><description><see cref="Must_3_the_status_is_ready_for_pickup_when_the_push_fails"/></description></item>
/// <item><term>Should 4: retry P2P delivery (2-3 times over 30 minutes)</term><description><see cref="Should_4_a_push_is_retried_three_times_over_half_an_hour"/></description></item>
/// <item><term>Should 5: e-mail notification when client offline</term><description><see cref="Should_5_a_client_that_is_away_gets_an_email"/></description></item>
/// <item><term>Nice 6: expiry/cleanup after 7 days</term><description><see cref="Nice_6_what_nobody_collects_is_cleaned_up_after_seven_days"/></description></item>
/// <item><term>Nice 7: on-chain event notification</term><description><see cref="Nice_7_the_chain_is_told"/></description></item>
/// <item><term>Nice 8: push notification service</term><description><see cref="Nice_8_a_notification_service_is_told_and_told_again_until_it_hears"/></description></item>
/// </list>
/// </summary>
public sealed class OfflineClientPriorityTests
{
    [Fact]
    public async Task Must_1_the_deliverable_is_saved_before_delivery_is_attempted()
    {
        var seen = new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
        AwayWire? client = null;
        await using var stage = await ProviderStage.StartAsync(exchanges: wires => wires with { Push = new ExchangeTo(() => client!) });
        string? id = null;
        client = new AwayWire(stage.Time, async () => seen.TrySetResult((await stage.Get<ShowOrder>().DownloadAsync(id!, null, default)).Answer?.Content));
        id = await stage.QuoteAsync();
        (await stage.ProveAsync(stage.Proof(id, await stage.PayAsync(), ProviderStage.Endpoint))).Refusal.ShouldBeNull();

        // While the first push is on its way, a download has it already.
        var body = (await seen.Task.WaitAsync(TimeSpan.FromSeconds(30))).ShouldNotBeNull();
        JsonSerializer.Deserialize(body, IvxpJson.Wire.ServiceDelivery)!.Deliverable.Content.ToString().ShouldBe("""{"text":"hello"}""");
        (await stage.OrderAsync(id)).PushAttempts.ShouldBe(0);
    }

    [Fact]
    public async Task Must_2_there_is_a_download_endpoint()
    {
        await using var site = await ProviderSite.StartAsync();
        var id = await site.QuoteAsync("research");
        (await site.DeliverAsync(id, await site.PayAsync("50"))).Status.ShouldBe(200);
        await site.UntilAsync($"/ivxp/status/{id}", "delivered");

        var answer = await site.SendAsync("GET", $"/ivxp/download/{id}");

        (answer.Status, answer.Text("protocol"), answer.Text("message_type"), answer.Text("order_id")).ShouldBe((200, "IVXP/1.0", "service_delivery", id));
        answer.Body.GetProperty("deliverable").GetProperty("content").GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        answer.Text("completed_at").ShouldNotBeNullOrEmpty();
        var unknown = await site.SendAsync("GET", "/ivxp/download/ivxp-00000000-0000-4000-8000-000000000000");
        (unknown.Status, unknown.Text("message")).ShouldBe((404, "Order not found"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task Must_3_the_status_is_ready_for_pickup_when_the_push_fails(int answer)
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = answer == 0 ? null : () => InboxWire.Response(answer);
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(id, order => order.PushAttempts == 1);
        (await stage.Get<ShowOrder>().StatusAsync(id, null)).Answer!.Message.Status.ShouldBe("ready_for_pickup");
    }

    [Fact]
    public async Task Should_4_a_push_is_retried_three_times_over_half_an_hour()
    {
        await using var stage = await ProviderStage.StartAsync();
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        var order = await stage.UntilAsync(id, one => one.PushAttempts == 1);
        for (var attempts = 2; attempts <= 4; attempts++)
        {
            await stage.ToNextPushAsync(id);
            order = await stage.UntilAsync(id, one => one.PushAttempts == attempts);
        }
        (stage.Time.GetUtcNow() - order.ReadyAt!.Value).TotalMinutes.ShouldBeInRange(15, 30);
        stage.Inbox.Received.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Should_5_a_client_that_is_away_gets_an_email()
    {
        var post = new Postbag();
        await using var stage = await ProviderStage.StartAsync(
            options => options with { Notices = new NoticeOptions { LinkBase = () => new Uri("https://provider.example/"), Smtp = new SmtpOptions("mail.example", "orders@provider.example") } }, mail: post);
        var request = new ServiceRequest(IvxpProtocol.Version11, IvxpProtocol.MessageTypes.Request, stage.Now(),
            new ClientAgent("test", stage.Client.Address.ToString(), Email: "ann@client.example"), new RequestedWork("text_echo", "hello", UsdcAmount.FromUnits(5_000_000)));
        var id = (await stage.Get<RequestQuote>().AnswerAsync(request)).Answer!.OrderId;
        (await stage.ProveAsync(stage.Proof(id, await stage.PayAsync(), ProviderStage.Endpoint))).Refusal.ShouldBeNull();
        await stage.UntilAsync(id, order => order.NotifiedAt is not null);

        var mail = post.Sent.ShouldHaveSingleItem();
        (mail.To, mail.Subject).ShouldBe(("ann@client.example", $"Service Ready: {id}"));
        foreach (var part in new[] { id, "text_echo", $"https://provider.example/ivxp/download/{id}", $"https://provider.example/ivxp/status/{id}" })
            mail.Body.ShouldContain(part);
        (await stage.OrderAsync(id)).State.ShouldBe(OrderState.ReadyForPickup);
        (await stage.Get<ShowOrder>().StatusAsync(id, null)).Answer!.Message.StatusDetails!.NotificationSent.ShouldBe(true);
    }

    [Fact]
    public async Task Nice_6_what_nobody_collects_is_cleaned_up_after_seven_days()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        await stage.SweepAsync();
        stage.Pass(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(2));
        await stage.SweepAsync();
        (await stage.ContentAsync(order.Id)).ShouldNotBeNull();
        stage.Pass(TimeSpan.FromMinutes(5));
        await stage.PassUntilAsync(order.Id, kept => kept.State == OrderState.ExpiredRetention);

        (await stage.ContentAsync(order.Id)).ShouldBeNull();
        (await stage.Get<ShowOrder>().StatusAsync(order.Id, null)).Answer!.Message.Status.ShouldBe("expired");
        (await stage.Get<ShowOrder>().DownloadAsync(order.Id, null, default)).Refusal!.Code.ShouldBe(IvxpErrors.OrderExpired);
    }

    /// <summary>What the job sends, and how a client watches for it, is shown on a real chain by AnnouncementTests.</summary>
    [Fact]
    public async Task Nice_7_the_chain_is_told()
    {
        await using var stage = await ProviderStage.StartAsync(options => options with { Contract = new ContractOptions(EthereumAddress.Parse("0x" + new string('c', 40))) });
        var away = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.PassUntilAsync(away, order => order.PushAttempts == 2);
        stage.Inbox.Answer = () => InboxWire.Response(200);
        await stage.UntilAsync(await stage.BuyAsync(endpoint: ProviderStage.Endpoint), OrderState.Posted);

        var told = (await stage.Get<IJobStore>().ListAsync(new JobQuery())).Where(job => job.Name == "ivxp.announce").ToList();
        System.Text.Encoding.UTF8.GetString(told.ShouldHaveSingleItem().Payload).ShouldContain(away);
    }

    [Fact]
    public async Task Nice_8_a_notification_service_is_told_and_told_again_until_it_hears()
    {
        var service = new InboxWire();
        await using var stage = await ProviderStage.StartAsync(
            options => options with { Notices = new NoticeOptions { Webhook = new WebhookOptions(new Uri("https://notify.example/hook"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") } },
            exchanges: wires => wires with { Notices = service });
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.PassUntilAsync(id, _ => service.Received.Count >= 1);
        service.Answer = () => InboxWire.Response(204);
        var before = service.Received.Count;
        await stage.PassUntilAsync(id, _ => service.Received.Count > before);

        var notice = JsonSerializer.Deserialize(service.Received[^1].Body.Span, IvxpJson.Wire.OrderNotice)!;
        (notice.Type, notice.Data.OrderId).ShouldBe(("order.ready", id));
    }

    private sealed class Postbag : IMailPost
    {
        public List<MailText> Sent { get; } = [];

        public Task<Failure?> SendAsync(MailText mail, CancellationToken cancellationToken)
        {
            Sent.Add(mail);
            return Task.FromResult<Failure?>(null);
        }
    }
}
