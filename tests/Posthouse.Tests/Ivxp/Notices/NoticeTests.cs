using System.Text.Json;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Notices;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Jobs;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.Ivxp.Notices;

/// <summary>Who is told when a result waits, through the real store and dispatcher; the mail server is the test's.</summary>
public sealed class NoticeTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static readonly Uri _public = new("https://provider.example/base/");
    private static readonly SmtpOptions _smtp = new("mail.example", "orders@provider.example");

    [Fact]
    public async Task A_client_that_is_away_is_told_once_by_mail_with_order_service_and_links()
    {
        var post = new FakePost();
        await using var stage = await StartAsync(post);
        var id = await BuyAsync(stage, "ann@client.example");
        var order = await stage.UntilAsync(id, one => one.NotifiedAt is not null);

        var mail = post.Sent.ShouldHaveSingleItem();
        (mail.To, mail.Subject).ShouldBe(("ann@client.example", $"Service Ready: {id}"));
        foreach (var part in new[] { id, "text_echo", $"https://provider.example/base/ivxp/download/{id}", $"https://provider.example/base/ivxp/status/{id}" })
            mail.Body.ShouldContain(part);
        order.State.ShouldBe(OrderState.ReadyForPickup);
        var status = (await stage.Get<ShowOrder>().StatusAsync(id, null)).Answer!.Message;
        status.StatusDetails!.NotificationSent.ShouldBe(true);
        JsonSerializer.Serialize(status, IvxpJson.Wire.OrderStatus).ShouldNotContain("ann@");
        stage.LoggedIds.ShouldContain(2051);

        // Away a second time, after a replay: once per order is enough.
        await stage.Get<OrderBook>().WriteAsync(write => Redelivery.Begin(write, id, TimeSpan.FromDays(7), OrderActor.Operator, "replay").Answer);
        await stage.UntilAsync(id, one => one.PushAttempts == 2 && one.State is OrderState.ReadyForPickup);
        await stage.PassUntilAsync(id, one => one.PushAttempts == 3);
        post.Sent.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_has_its_result_or_gave_no_address_gets_no_mail()
    {
        var post = new FakePost();
        await using var stage = await StartAsync(post);
        stage.Inbox.Answer = () => InboxWire.Response(200);
        await stage.UntilAsync(await BuyAsync(stage, "ann@client.example"), OrderState.Posted);
        stage.Inbox.Answer = null;
        var without = await BuyAsync(stage, null);
        await stage.UntilAsync(without, one => one.PushAttempts == 1);
        await stage.PassUntilAsync(without, one => one.PushAttempts == 2);
        post.Sent.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mail_server_that_is_away_is_asked_again_and_holds_nothing_up()
    {
        var post = new FakePost { Next = new Failure(FailureKind.NotReached, "The mail server was not reached.") };
        await using var stage = await StartAsync(post);
        var id = await BuyAsync(stage, "ann@client.example");
        await stage.UntilAsync(id, OrderState.ReadyForPickup);
        (await stage.Get<ShowOrder>().DownloadAsync(id, null, default)).Answer!.Content.ShouldNotBeNull();
        await stage.PassUntilAsync(id, _ => post.Asked >= 3);
        post.Next = null;
        await stage.PassUntilAsync(id, one => one.NotifiedAt is not null);
        (post.Sent.Count, stage.LoggedIds.Contains(2052)).ShouldBe((1, true));
    }

    [Theory]
    [InlineData("a@b.example", true)]
    [InlineData("a+b@b.example", true)]
    [InlineData("a@b.example,evil@x.example", false)]
    [InlineData("a@b.example;evil@x.example", false)]
    [InlineData("Ann <a@b.example>", false)]
    [InlineData("a@b.example\r\nBcc: evil@x.example", false)]
    [InlineData("a@b.example\nRCPT TO:<evil@x.example>", false)]
    [InlineData("\"a b\"@b.example", false)]
    [InlineData("a@b.example\u0000", false)]
    [InlineData("a b@b.example", false)]
    [InlineData("a(b)@b.example", false)]
    [InlineData("größe@b.example", false)]
    [InlineData("a@größe.example", false)]
    [InlineData("a@b@c.example", false)]
    [InlineData(".a@b.example", false)]
    [InlineData("a..b@b.example", false)]
    [InlineData("a@[127.0.0.1]", false)]
    [InlineData("a@-b.example", false)]
    [InlineData("a@b.example\n", false)]
    [InlineData("a@", false)]
    [InlineData("", false)]
    public async Task Mail_goes_to_one_plain_address_or_nowhere(string address, bool expected)
    {
        EmailAddress.IsValid(address).ShouldBe(expected);
        if (!expected)
        {
            // Refused before anybody is dialled: nobody listens at this port.
            var failure = await new SmtpPost(_smtp with { Host = "127.0.0.1", Port = 1 }, TimeProvider.System).SendAsync(new MailText(address, "S", "B", "id"), CancellationToken.None);
            failure!.Kind.ShouldBe(FailureKind.Permanent);
        }
    }

    [Fact]
    public async Task The_operators_webhook_is_told_of_the_wait_and_of_every_later_change_signed_and_in_frames()
    {
        var hook = new InboxWire { Answer = () => InboxWire.Response(204) };
        await using var stage = await ProviderStage.StartAsync(options => options with
        {
            Notices = new NoticeOptions { LinkBase = () => _public, Webhook = new WebhookOptions(new Uri("http://10.0.0.1/hook"), Secret) },
        }, exchanges: wires => wires with { Notices = hook });
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(id, OrderState.ReadyForPickup);
        await stage.Get<ShowOrder>().DownloadedAsync(id);
        await UntilAsync(stage, id, () => hook.Received.Count == 2);

        var notices = hook.Received.Select(request => JsonSerializer.Deserialize(request.Body.Span, IvxpJson.Wire.OrderNotice)!).OrderBy(notice => notice.Data.Version).ToList();
        notices.Select(notice => notice.Type).ShouldBe(["order.ready", "order.delivered"]);
        notices[0].Data.DownloadUrl.ShouldBe($"https://provider.example/base/ivxp/download/{id}");
        foreach (var request in hook.Received)
        {
            var fields = request.Headers.ToDictionary(header => header.Key, header => header.Value);
            var then = DateTimeOffset.FromUnixTimeSeconds(long.Parse(fields["webhook-timestamp"]));
            fields["webhook-signature"].ShouldBe(WebhookSignature.Fields(Secret, fields["webhook-id"], then, request.Body.Span)[2].Value);
        }
        hook.Received.Select(request => request.Headers[0].Value).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_webhook_that_is_away_gets_the_same_notice_later_under_the_same_id()
    {
        var hook = new InboxWire();
        await using var stage = await ProviderStage.StartAsync(
            options => options with { Notices = new NoticeOptions { Webhook = new WebhookOptions(new Uri("http://10.0.0.1/hook"), Secret) } }, exchanges: wires => wires with { Notices = hook });
        var id = await stage.BuyAsync();
        await stage.UntilAsync(id, OrderState.ReadyForPickup);
        await stage.PassUntilAsync(id, _ => hook.Received.Count >= 2);
        hook.Received.Select(request => request.Headers[0].Value).Distinct().ShouldHaveSingleItem();
        stage.LoggedIds.ShouldContain(2053);
    }

    private static Task<ProviderStage> StartAsync(FakePost post) => ProviderStage.StartAsync(
        options => options with { Notices = new NoticeOptions { LinkBase = () => _public, Smtp = _smtp } }, mail: post);

    private static async Task<string> BuyAsync(ProviderStage stage, string? email)
    {
        var id = await stage.QuoteAsync();
        // As a request that names an address stores it.
        await stage.Store.WriteAsync(write => write.Execute("UPDATE ivxp_order SET client_email = $2 WHERE order_id = $1", id, email));
        (await stage.ProveAsync(stage.Proof(id, await stage.PayAsync(), ProviderStage.Endpoint))).Refusal.ShouldBeNull();
        return id;
    }

    private static async Task UntilAsync(ProviderStage stage, string id, Func<bool> holds) => await stage.PassUntilAsync(id, _ => holds());

    private sealed class FakePost : IMailPost
    {
        private readonly List<MailText> _sent = [];
        private int _asked;

        public Failure? Next { get; set; }

        public int Asked => Volatile.Read(ref _asked);

        public IReadOnlyList<MailText> Sent
        {
            get
            {
                lock (_sent)
                    return [.. _sent];
            }
        }

        public Task<Failure?> SendAsync(MailText mail, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            if (Next is null)
            {
                lock (_sent)
                    _sent.Add(mail);
            }
            return Task.FromResult(Next);
        }
    }
}
