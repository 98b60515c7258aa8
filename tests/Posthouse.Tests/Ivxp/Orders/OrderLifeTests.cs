using System.Text.Json;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Receipts;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Services;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.Tests.Ivxp.Orders;

/// <summary>An order from payment to delivery, through the real store and dispatcher.</summary>
public sealed class OrderLifeTests
{
    [Fact]
    public async Task Work_result_signature_state_and_push_are_one_commit_and_the_client_gets_it()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(200);
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);

        var order = await stage.UntilAsync(id, OrderState.Posted);

        (await stage.HistoryAsync(id)).ShouldBe(["requested>quoted", "payment_verified>paid", "work_started>processing", "stored_for_push>ready", "push_succeeded>posted"]);
        var push = stage.Inbox.Received.ShouldHaveSingleItem();
        push.Uri.ShouldBe(new Uri(ProviderStage.Endpoint));
        push.ContentType.ShouldBe("application/json");
        var message = JsonSerializer.Deserialize(push.Body.Span, IvxpJson.Wire.ServiceDelivery)!;
        ProviderClient.Check(message, id, stage.Wallet.Address, Secp256k1.Best).IsSigned.ShouldBeTrue();
        message.Deliverable.Content.ToString().ShouldBe("""{"text":"hello"}""");
        message.CompletedAt.ShouldBe(WireTime.Write(order.CompletedAt!.Value));
        stage.LoggedIds.Where(logged => logged is >= 2020 and < 2030).ShouldBe([2020, 2021]);
    }

    [Fact]
    public async Task Without_an_endpoint_the_result_waits_and_a_download_delivers_it_once()
    {
        await using var stage = await ProviderStage.StartAsync();
        var id = await stage.BuyAsync();
        await stage.UntilAsync(id, OrderState.ReadyForPickup);
        stage.LoggedIds.ShouldContain(2026);

        var show = stage.Get<ShowOrder>();
        (await show.DownloadAsync(id, null, default)).Answer!.Content.ShouldNotBeNull();
        (await stage.OrderAsync(id)).State.ShouldBe(OrderState.ReadyForPickup);
        await show.DownloadedAsync(id);
        var first = (await stage.OrderAsync(id)).DeliveredAt;
        stage.Time.Advance(TimeSpan.FromHours(1));
        await show.DownloadedAsync(id);

        var order = await stage.OrderAsync(id);
        (order.State, order.DeliveredAt).ShouldBe((OrderState.Delivered, first));
    }

    [Fact]
    public async Task A_client_that_is_away_finds_it_ready_for_pickup_and_gets_the_push_when_it_is_back()
    {
        await using var stage = await ProviderStage.StartAsync();
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        var away = await stage.UntilAsync(id, OrderState.ReadyForPickup);
        (away.PushAttempts, away.LastError, away.Push).ShouldBe((1, "unreachable", PushState.Scheduled));
        var status = (await stage.Get<ShowOrder>().StatusAsync(id, null)).Answer!.Message;
        (status.Status, status.StatusV11, status.StatusDetails!.DeliveryAttempts, status.StatusDetails.Push).ShouldBe(("ready_for_pickup", "ready_for_pickup", 1, "scheduled"));
        WireTime.TryParse(status.StatusDetails.NextAttemptAt, out var next).ShouldBeTrue();
        // A minute, give or take a fifth.
        (next - stage.Time.GetUtcNow()).TotalSeconds.ShouldBeInRange(48, 72);
        stage.LoggedIds.Where(logged => logged is >= 2020 and < 2030).ShouldBe([2020, 2022, 2025, 2023]);

        stage.Inbox.Answer = () => InboxWire.Response(204);
        await stage.PassUntilAsync(id, order => order.State is OrderState.Posted);

        var pushes = stage.Inbox.Received;
        pushes.Select(push => push.Headers.Single(header => header.Key == "IVXP-Attempt").Value).ShouldBe(["1", "2"]);
        pushes.Select(push => push.Headers.Single(header => header.Key == "IVXP-Delivery-Id").Value).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Six_pushes_then_daily_until_the_retention_is_over()
    {
        await using var stage = await ProviderStage.StartAsync(options => options with { Retention = TimeSpan.FromDays(3) });
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        double[] minutes = [1, 5, 15, 60, 120, 1440, 1440];
        for (var attempts = 1; attempts <= minutes.Length; attempts++)
        {
            await stage.UntilAsync(id, order => order.PushAttempts == attempts);
            var wait = await stage.ToNextPushAsync(id);
            // Give or take a fifth.
            wait.TotalMinutes.ShouldBeInRange(minutes[attempts - 1] * 0.8, minutes[attempts - 1] * 1.2);
        }
        stage.LoggedIds.Count(logged => logged == 2024).ShouldBe(1);
        await stage.UntilAsync(id, order => order.PushAttempts == minutes.Length + 1);
        stage.Pass(TimeSpan.FromDays(3));

        var ended = await stage.UntilAsync(id, order => order.Push == PushState.Exhausted);

        ended.State.ShouldBeOneOf(OrderState.ReadyForPickup, OrderState.ExpiredRetention);
        await stage.PassUntilAsync(id, kept => kept.State == OrderState.ExpiredRetention);
        // With short waits one more falls due before the end; the jump of the clock passes over it, unless it is quick.
        stage.Inbox.Received.Count.ShouldBeInRange(minutes.Length + 1, minutes.Length + 2);
    }

    [Fact]
    public async Task Gone_ends_the_pushes_and_a_download_too()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(410);
        var gone = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        var order = await stage.UntilAsync(gone, OrderState.ReadyForPickup);
        (order.Push, order.LastError).ShouldBe((PushState.Disabled, "http_4xx"));

        stage.Inbox.Answer = null;
        var collected = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(collected, OrderState.ReadyForPickup);
        await stage.Get<ShowOrder>().DownloadedAsync(collected);
        var before = stage.Inbox.Received.Count;
        for (var i = 0; i < 20; i++)
        {
            stage.Pass(TimeSpan.FromMinutes(1));
            await stage.OrderAsync(collected);
        }
        await stage.UntilAsync(collected, o => o.State is OrderState.Delivered);
        stage.Inbox.Received.Count.ShouldBe(before);
    }

    [Fact]
    public async Task A_client_that_says_when_to_come_back_is_asked_then()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(429, ("Retry-After", "7200"));
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(id, OrderState.ReadyForPickup);
        WireTime.TryParse((await stage.Get<ShowOrder>().StatusAsync(id, null)).Answer!.Message.StatusDetails!.NextAttemptAt, out var next).ShouldBeTrue();
        (next - stage.Time.GetUtcNow()).ShouldBe(TimeSpan.FromHours(2), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_private_endpoint_never_harms_a_paid_order()
    {
        await using var stage = await ProviderStage.StartAsync();
        var id = await stage.BuyAsync(endpoint: "http://127.0.0.1:6066/inbox");
        var order = await stage.UntilAsync(id, OrderState.ReadyForPickup);
        (order.Push, order.LastError, order.PushAttempts).ShouldBe((PushState.Disabled, "not_allowed", 0));
        stage.Inbox.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Work_that_fails_every_time_ends_as_delivery_failed_and_downloads_say_so()
    {
        await using var stage = await ProviderStage.StartAsync();
        var id = await stage.BuyAsync("broken", "1");
        await stage.PassUntilAsync(id, order => order.State is OrderState.DeliveryFailed);
        (await stage.Get<ShowOrder>().DownloadAsync(id, null, default)).Refusal!.Code.ShouldBe(IvxpErrors.InternalError);
        stage.LoggedIds.Count(logged => logged == 2012).ShouldBe(8);
    }

    [Fact]
    public async Task Work_that_failed_for_good_is_done_after_all_when_the_operator_has_mended_the_service_and_retries_it()
    {
        var service = new MendableService();
        await using var stage = await ProviderStage.StartAsync(options => options with { WorkAttempts = 2, Services = [new ServiceOffer("text_echo", UsdcAmount.FromUnits(5_000_000), service)] });
        var id = await stage.BuyAsync();
        await stage.PassUntilAsync(id, order => order.State is OrderState.DeliveryFailed);
        var work = (await stage.Get<IJobStore>().ListAsync(new JobQuery())).Single(job => job.Name == "ivxp.work");

        service.IsMended = true;
        await stage.Get<JobQueue>().RetryAsync(work.Id);

        (await stage.UntilAsync(id, OrderState.ReadyForPickup)).LastError.ShouldBeNull();
        (await stage.Get<ShowOrder>().DownloadAsync(id, null, default)).Answer!.Content.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_money_of_an_order_that_failed_may_be_given_back_and_its_work_is_then_not_begun_again()
    {
        await using var stage = await ProviderStage.StartAsync();
        var id = await stage.BuyAsync("broken", "1");
        await stage.PassUntilAsync(id, order => order.State is OrderState.DeliveryFailed);
        (await stage.Store.WriteAsync(write => ResolveDispute.Apply(write, id, Resolution.Refund, TimeSpan.FromDays(7)))).Answer!.State.ShouldBe(OrderState.Refunded);
        var jobs = stage.Get<IJobStore>();
        var work = (await jobs.ListAsync(new JobQuery())).Single(job => job.Name == "ivxp.work");
        await stage.Get<JobQueue>().RetryAsync(work.Id);

        JobRecord again;
        using var net = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        for (var position = await jobs.LastPositionAsync(); (again = (await jobs.GetAsync(work.Id))!).State is JobState.Pending or JobState.Running; position = await jobs.LastPositionAsync())
            await jobs.ChangedAsync(position, net.Token);

        (again.State, again.Reason).ShouldBe((JobState.Dead, DeadReason.Rejected));
        again.Failure!.Message.ShouldContain("refunded");
        (await stage.OrderAsync(id)).State.ShouldBe(OrderState.Refunded);
    }

    [Theory]
    [InlineData(IvxpProtocol.Version10, null, "delivered")]
    [InlineData(IvxpProtocol.Version10, "1.1", "ready_for_pickup")]
    [InlineData(IvxpProtocol.Version11, null, "ready_for_pickup")]
    [InlineData(IvxpProtocol.Version11, "1.0", "delivered")]
    public async Task A_status_speaks_the_words_of_its_reader(string protocol, string? header, string expected)
    {
        await using var stage = await ProviderStage.StartAsync();
        var id = await stage.BuyAsync(protocol: protocol);
        await stage.UntilAsync(id, OrderState.ReadyForPickup);
        var status = (await stage.Get<ShowOrder>().StatusAsync(id, header)).Answer!.Message;
        (status.Status, status.StatusV11).ShouldBe((expected, "ready_for_pickup"));
    }

    [Theory]
    [InlineData(false, "delivered")]
    [InlineData(true, "delivery_failed")]
    public async Task Strict_1_0_shows_a_failed_push(bool strict, string expected)
    {
        await using var stage = await ProviderStage.StartAsync(options => options with { StrictV10 = strict });
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint, protocol: IvxpProtocol.Version10);
        await stage.UntilAsync(id, OrderState.ReadyForPickup);
        (await stage.Get<ShowOrder>().StatusAsync(id, null)).Answer!.Message.Status.ShouldBe(expected);
    }

    [Fact]
    public async Task Too_early_is_404_for_1_1_and_202_for_1_0()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var show = stage.Get<ShowOrder>();
        var refusal = (await show.DownloadAsync(await stage.QuoteAsync(), null, default)).Refusal!;
        (refusal.Code, refusal.Message).ShouldBe((IvxpErrors.DeliverableNotReady, "Service not ready"));
        (await show.DownloadAsync(await stage.QuoteAsync(protocol: IvxpProtocol.Version10), null, default)).Answer!.NotReady!.Status.ShouldBe("pending_payment");
        (await show.DownloadAsync(await stage.BuyAsync(protocol: IvxpProtocol.Version10), null, default)).Answer!.NotReady!.Status.ShouldBe("processing");
        (await show.DownloadAsync("ivxp-00000000-0000-4000-8000-000000000000", null, default)).Refusal!.Message.ShouldBe("Order not found");
    }

    [Fact]
    public async Task The_law_refuses_and_nothing_changes()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var id = await stage.QuoteAsync();
        (await stage.Get<OrderBook>().ChangeAsync(id, OrderEvent.Downloaded, OrderActor.Client)).ShouldBeNull();
        (await stage.HistoryAsync(id)).ShouldBe(["requested>quoted"]);
    }

    [Fact]
    public async Task Somebody_elses_change_in_between_is_a_conflict_and_a_stale_writer_changes_nothing()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var id = await stage.QuoteAsync();
        var stale = await stage.OrderAsync(id);
        await stage.Get<OrderBook>().ChangeAsync(id, OrderEvent.QuoteExpired, OrderActor.Clock);
        var conflict = await Should.ThrowAsync<PosthouseException>(() =>
            stage.Store.WriteAsync(write => OrderBook.Change(write, stale, OrderEvent.QuoteExpired, OrderActor.Clock)));
        conflict.Code.ShouldBe(ErrorCodes.Conflict);
    }

    [Fact]
    public async Task More_open_quotes_than_allowed_are_refused()
    {
        await using var stage = await ProviderStage.StartAsync(options => options with { MaxOpenQuotes = 1 }, dispatches: false);
        await stage.QuoteAsync();
        var request = new ServiceRequest(IvxpProtocol.Version11, IvxpProtocol.MessageTypes.Request, WireTime.Write(stage.Time.GetUtcNow()),
            new ClientAgent("test", stage.Client.Address.ToString()), new RequestedWork("text_echo", "hello", UsdcAmount.FromUnits(5_000_000)));
        (await stage.Get<RequestQuote>().AnswerAsync(request)).Refusal!.Code.ShouldBe(IvxpErrors.RateLimited);
    }

    private sealed class MendableService : IServiceHandler
    {
        public bool IsMended { get; set; }

        public Task<Deliverable> WorkAsync(ServiceWork work, CancellationToken cancellationToken) => IsMended
            ? Task.FromResult(new Deliverable(work.ServiceType, ContentText.Of(("text", work.Description)), "json"))
            : throw new ServiceFailedException("not yet");
    }
}
