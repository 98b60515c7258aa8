using System.Text.Json;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Ivxp.Orders.Receipts;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Receipts;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.AspNetCore.Ivxp;
using Posthouse.Tests.Ivxp.Orders;
using Posthouse.Tests.Ivxp.Receipts;

namespace Posthouse.Tests.Ivxp.Sources;

/// <summary>
/// "Recommendations", "Next Steps" and the enhanced status of the second source document, "Service Delivery Status Tracking": one test for each line.
/// <list type="table">
/// <item><term>1.0: use polling if the client has no public server</term><description><see cref="For_1_0_a_client_without_a_server_polls_and_downloads"/></description></item>
/// <item><term>1.0: 'delivered' = provider successfully POSTed</term><description><see cref="For_1_0_delivered_means_that_the_push_succeeded"/></description></item>
/// <item><term>1.0: client should verify the deliverable immediately</term><description><see cref="For_1_0_a_client_verifies_what_it_received_at_once"/></description></item>
/// <item><term>1.1: add 'posted' status (HTTP succeeded)</term><description><see cref="For_1_1_posted_means_that_HTTP_succeeded_and_no_more"/></description></item>
/// <item><term>1.1: add 'client_confirmed' status (client signed receipt)</term><description><see cref="For_1_1_client_confirmed_means_that_the_client_signed_a_receipt"/></description></item>
/// <item><term>1.1: add delivery confirmation message; next step 1</term><description><see cref="For_1_1_the_documents_own_delivery_confirmation_is_taken"/></description></item>
/// <item><term>1.1: add content hash verification</term><description><see cref="For_1_1_a_receipt_for_other_content_is_refused"/></description></item>
/// <item><term>1.1: add dispute mechanism</term><description><see cref="For_1_1_a_client_disputes_what_it_never_received"/></description></item>
/// <item><term>1.1: enhanced statuses 'processing', 'ready', 'delivery_failed'</term><description><see cref="For_1_1_work_delivery_and_failure_have_statuses_of_their_own"/></description></item>
/// <item><term>1.1: status_details and client_satisfaction</term><description><see cref="For_1_1_a_status_tells_every_instant_and_the_satisfaction"/></description></item>
/// <item><term>Next step 2: receipt signing in the client</term><description><see cref="Next_step_2_the_client_signs_its_receipt"/></description></item>
/// <item><term>Next step 3: 'posted' vs 'confirmed' in the provider</term><description><see cref="Next_step_3_the_provider_tells_posted_from_confirmed"/></description></item>
/// </list>
/// </summary>
public sealed class StatusTrackingPriorityTests
{
    [Fact]
    public async Task For_1_0_a_client_without_a_server_polls_and_downloads()
    {
        await using var site = await ProviderSite.StartAsync();
        var id = await site.QuoteAsync();
        (await site.DeliverAsync(id, await site.PayAsync())).Status.ShouldBe(200);

        var status = await site.UntilAsync($"/ivxp/status/{id}", "delivered");

        foreach (var member in new[] { "order_id", "created_at", "service_type" })
            status.Text(member).ShouldNotBeNullOrEmpty();
        status.Body.GetProperty("price_usdc").GetDecimal().ShouldBe(5);
        (await site.SendAsync("GET", $"/ivxp/download/{id}")).Body.GetProperty("deliverable").GetProperty("content").GetProperty("text").GetString().ShouldBe("größe");
    }

    [Fact]
    public async Task For_1_0_delivered_means_that_the_push_succeeded()
    {
        await using var stage = await ProviderStage.StartAsync(options => options with { StrictV10 = true });
        var failed = await stage.BuyAsync(endpoint: ProviderStage.Endpoint, protocol: IvxpProtocol.Version10);
        await stage.UntilAsync(failed, OrderState.ReadyForPickup);
        (await StatusAsync(stage, failed)).Status.ShouldBe("delivery_failed");

        stage.Inbox.Answer = () => InboxWire.Response(200);
        var pushed = await stage.BuyAsync(endpoint: ProviderStage.Endpoint, protocol: IvxpProtocol.Version10);
        await stage.UntilAsync(pushed, OrderState.Posted);
        (await StatusAsync(stage, pushed)).Status.ShouldBe("delivered");
    }

    [Fact]
    public async Task For_1_0_a_client_verifies_what_it_received_at_once()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(200);
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint, protocol: IvxpProtocol.Version10);
        await stage.UntilAsync(id, OrderState.Posted);
        var push = JsonSerializer.Deserialize(stage.Inbox.Received.ShouldHaveSingleItem().Body.Span, IvxpJson.Wire.ServiceDelivery)!;

        ProviderClient.Check(push, id, stage.Wallet.Address, Secp256k1.Best).IsSigned.ShouldBeTrue();
        var other = push with { Deliverable = push.Deliverable with { Content = JsonContent.Parse("""{"text":"hullo"}"""u8.ToArray()) } };
        Should.Throw<PosthouseException>(() => ProviderClient.Check(other, id, stage.Wallet.Address, Secp256k1.Best)).Code.ShouldBe(ClientErrors.DeliveryUntrusted);
    }

    [Fact]
    public async Task For_1_1_posted_means_that_HTTP_succeeded_and_no_more()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(200);
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(id, OrderState.Posted);
        var status = await StatusAsync(stage, id);
        (status.Status, status.StatusDetails!.PostedAt, status.StatusDetails.DeliveredAt, status.StatusDetails.ConfirmedAt).ShouldBe(("posted", stage.Now(), null, null));
    }

    [Fact]
    public async Task For_1_1_client_confirmed_means_that_the_client_signed_a_receipt()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        (await stage.CodeAsync(stage.Receipt(order, signer: Wallet.Create(new SeededIds(7), Secp256k1.Best)))).ShouldBe(IvxpErrors.SignatureInvalid);
        (await StatusAsync(stage, order.Id)).Status.ShouldBe("ready_for_pickup");
        (await stage.CodeAsync(stage.Receipt(order))).ShouldBeNull();
        (await StatusAsync(stage, order.Id)).Status.ShouldBe("client_confirmed");
    }

    [Fact]
    public async Task For_1_1_the_documents_own_delivery_confirmation_is_taken()
    {
        await using var site = await ProviderSite.StartAsync();
        var id = await site.QuoteAsync(protocol: "IVXP/1.1");
        (await site.DeliverAsync(id, await site.PayAsync())).Status.ShouldBe(200);
        var hash = (await site.UntilAsync($"/ivxp/status/{id}", "ready_for_pickup")).Text("content_hash");
        var now = ProviderSite.Now();
        var text = $"Order: {id} | Received: true | Hash: {hash} | Timestamp: {now}";

        var answer = await site.SendAsync("POST", "/ivxp/confirm", new
        {
            protocol = "IVXP/1.1",
            message_type = "delivery_confirmation",
            timestamp = now,
            order_id = id,
            client_agent = new { name = "client_bot", wallet_address = site.Buyer.Address.ToString() },
            confirmation = new { received = true, content_hash = hash, received_at = now, satisfaction_rating = 5 },
            signature = site.Sign(text),
            signed_message = text,
        });

        (answer.Status, answer.Text("status")).ShouldBe((200, "confirmed"));
        (await site.SendAsync("GET", $"/ivxp/status/{id}")).Text("status").ShouldBe("client_confirmed");
    }

    [Fact]
    public async Task For_1_1_a_receipt_for_other_content_is_refused()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        (await stage.CodeAsync(stage.Receipt(order, hash: "sha256:" + new string('0', 64)))).ShouldBe(IvxpErrors.ContentHashMismatch);
        (await stage.OrderAsync(order.Id)).State.ShouldBe(OrderState.ReadyForPickup);
    }

    [Fact]
    public async Task For_1_1_a_client_disputes_what_it_never_received()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(200);
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        var order = await stage.UntilAsync(id, OrderState.Posted);
        (await stage.SayAsync(stage.Dispute(order, "My server was broken."))).Answer!.Status.ShouldBe("disputed");
        var status = await StatusAsync(stage, id);
        (status.Status, status.StatusDetails!.DisputedAt).ShouldBe(("disputed", stage.Now()));

        (await stage.Get<RedeliverOrder>().AnswerAsync(id, stage.Signed(SignedText.Redeliver, id), null)).Answer.ShouldNotBeNull();
        await stage.UntilAsync(id, OrderState.Posted);
        stage.Inbox.Received.Count.ShouldBe(2);
    }

    [Fact]
    public async Task For_1_1_work_delivery_and_failure_have_statuses_of_their_own()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(200);
        var good = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(good, OrderState.Posted);
        (await stage.HistoryAsync(good)).Select(step => step.Split('>')[1]).ShouldBe(["quoted", "paid", "processing", "ready", "posted"]);
        var bad = await stage.BuyAsync("broken", "1");
        await stage.PassUntilAsync(bad, order => order.State is OrderState.DeliveryFailed);
        (await StatusAsync(stage, bad)).Status.ShouldBe("delivery_failed");
    }

    [Fact]
    public async Task For_1_1_a_status_tells_every_instant_and_the_satisfaction()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(200);
        var id = await stage.QuoteAsync();
        var created = stage.Now();
        stage.Pass(TimeSpan.FromMinutes(5));
        var paid = stage.Now();
        (await stage.ProveAsync(stage.Proof(id, await stage.PayAsync(), ProviderStage.Endpoint))).Refusal.ShouldBeNull();
        var order = await stage.UntilAsync(id, OrderState.Posted);
        stage.Pass(TimeSpan.FromHours(6));
        (await stage.SayAsync(stage.Receipt(order, "5"))).Answer.ShouldNotBeNull();

        var status = await StatusAsync(stage, id);
        var times = status.StatusDetails!;
        (times.CreatedAt, times.PaidAt, times.PostedAt, times.ConfirmedAt, status.ClientSatisfaction).ShouldBe((created, paid, paid, stage.Now(), 5));
        (status.ServiceType, status.PriceUsdc).ShouldBe(("text_echo", UsdcAmount.FromUnits(5_000_000)));
    }

    /// <summary>The library's own receipt, verified by the provider and, without any network, by whoever is shown the bundle. The verb is shown by OrderVerbTests.</summary>
    [Fact]
    public async Task Next_step_2_the_client_signs_its_receipt()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        var purchase = new Purchase
        {
            Id = "p",
            Step = PurchaseStep.Confirm,
            Url = new Uri("http://provider.example/"),
            ServiceType = "text_echo",
            Description = "hello",
            Budget = order.Price,
            Client = stage.Client.Address,
            BegunAt = stage.Time.GetUtcNow(),
            OrderId = order.Id,
            Protocol = IvxpProtocol.Version11,
            ContentHash = order.ContentHash,
            Rating = 4,
        };
        var signed = JsonSerializer.Deserialize(ReceiptMessage.Write(purchase, stage.Client, "buyer", stage.Now()), IvxpJson.Wire.DeliveryConfirmation)!;

        (await stage.SayAsync(signed)).Answer!.OrderStatus.ShouldBe("client_confirmed");
        (await stage.OrderAsync(order.Id)).Satisfaction.ShouldBe(4);
        var verdict = (await stage.Get<ShowReceipt>().AnswerAsync(order.Id, default)).Answer.ShouldNotBeNull().Verify(Secp256k1.Best);
        (verdict.IsSound, verdict.Proves("receipt")).ShouldBe((true, true));
    }

    [Fact]
    public async Task Next_step_3_the_provider_tells_posted_from_confirmed()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(200);
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        var order = await stage.UntilAsync(id, OrderState.Posted);
        order.ConfirmedAt.ShouldBeNull();
        (await stage.SayAsync(stage.Receipt(order))).Answer.ShouldNotBeNull();
        var confirmed = await stage.OrderAsync(id);
        (confirmed.State, confirmed.PostedAt, confirmed.ConfirmedAt is not null).ShouldBe((OrderState.ClientConfirmed, order.PostedAt, true));
        (await stage.HistoryAsync(id))[^2..].ShouldBe(["push_succeeded>posted", "receipt_signed>client_confirmed"]);
    }

    private static async Task<OrderStatus> StatusAsync(ProviderStage stage, string id) => (await stage.Get<ShowOrder>().StatusAsync(id, null)).Answer!.Message;
}
