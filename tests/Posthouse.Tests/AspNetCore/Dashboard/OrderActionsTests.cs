using System.Net;
using Posthouse.AspNetCore.Dashboard.Orders;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Services;
using Posthouse.Tests.Ivxp.Orders;
using Posthouse.Tests.Ivxp.Receipts;

namespace Posthouse.Tests.AspNetCore.Dashboard;

public sealed class OrderActionsTests
{
    internal static readonly string[] Verbs = ["replay", "redeliver", "refund", "close"];

    private const string Evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

    [Fact]
    public async Task A_dispute_is_settled_once_somebody_says_so()
    {
        await using var seller = await ProviderStage.StartAsync();
        await using var stage = await SellerDashboard.OfAsync(seller);
        foreach (var (verb, said, state) in new[]
        {
            ("redeliver", "The result waits for its client again.", OrderState.ReadyForPickup), ("refund", "Recorded as refunded. Send the money yourself", OrderState.Refunded), ("close", "The dispute is closed; downloads", OrderState.DeliveryFailed),
        })
        {
            var order = await seller.MadeAsync();
            (await seller.SayAsync(seller.Dispute(order, Evil))).Refusal.ShouldBeNull();
            (await stage.GetAsync(OrderFace.Path(order.Id))).ShouldSatisfyAllConditions(page => page.ShouldContain($"id=\"{verb}\""), page => page.ShouldContain("&lt;script&gt;"), page => page.ShouldNotContain("<script>alert"));
            await stage.GetAsync(OrderFace.Path(order.Id, verb));
            (await seller.OrderAsync(order.Id)).State.ShouldBe(OrderState.Disputed, "looking changes nothing");

            (await stage.AnswerAsync(OrderFace.Path(order.Id, verb))).Page.ShouldContain(said);
            (await seller.OrderAsync(order.Id)).State.ShouldBe(state);
            if (verb != "redeliver")
            {
                (await stage.AnswerAsync(OrderFace.Path(order.Id, "close"))).ShouldSatisfyAllConditions(
                    again => again.Status.ShouldBe(HttpStatusCode.Conflict), again => again.Page.ShouldContain("INVALID_ORDER_STATE"), again => again.Page.ShouldContain($"href=\"{OrderFace.Path(order.Id)}\""));
            }
        }
    }

    [Fact]
    public async Task What_has_no_endpoint_or_no_content_is_not_pushed_again()
    {
        await using var seller = await ProviderStage.StartAsync();
        await using var stage = await SellerDashboard.OfAsync(seller);
        (await stage.AnswerAsync(OrderFace.Path((await seller.MadeAsync()).Id, "replay"))).ShouldSatisfyAllConditions(
            answer => answer.Status.ShouldBe(HttpStatusCode.Conflict), answer => answer.Page.ShouldContain("no endpoint to push to"));
        (await stage.AnswerAsync(OrderFace.Path(await seller.QuoteAsync(), "redeliver"))).ShouldSatisfyAllConditions(
            answer => answer.Status.ShouldBe(HttpStatusCode.Conflict), answer => answer.Page.ShouldContain("Nothing was made for this order"));
    }

    [Fact]
    public async Task A_form_without_this_servers_proof_changes_nothing()
    {
        await using var seller = await ProviderStage.StartAsync();
        await using var stage = await SellerDashboard.OfAsync(seller);
        var order = await seller.MadeAsync();
        await seller.SayAsync(seller.Dispute(order));
        foreach (var verb in Verbs)
        {
            using var forged = await stage.PostAsync("/orders/" + verb, [new("order", order.Id)]);
            using var foreign = await stage.PostAsync("/orders/" + verb, DashboardStage.Hidden(await stage.GetAsync(OrderFace.Path(order.Id, verb))), ("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site"));
            (forged.StatusCode, foreign.StatusCode).ShouldBe((HttpStatusCode.BadRequest, HttpStatusCode.Forbidden));
        }

        (await seller.OrderAsync(order.Id)).State.ShouldBe(OrderState.Disputed);
    }

    [Fact]
    public async Task A_result_is_saved_as_a_file_and_counts_as_no_delivery()
    {
        var offer = new ServiceOffer("page", UsdcAmount.FromUnits(5_000_000), new Work(() => new Deliverable("page", ContentText.Of(("body", Evil)), "html")));
        await using var seller = await ProviderStage.StartAsync(options => options with { Services = [offer] });
        await using var stage = await SellerDashboard.OfAsync(seller);
        var order = await seller.MadeAsync("page");
        using var file = await stage.SendAsync(HttpMethod.Get, OrderFace.Path(order.Id, "download"));
        file.Content.Headers.ContentType!.ToString().ShouldBe("application/octet-stream");
        (file.Content.Headers.ContentDisposition!.DispositionType, file.Content.Headers.ContentDisposition.FileName).ShouldBe(("attachment", order.Id + ".json"));
        file.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        file.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'");
        (await file.Content.ReadAsByteArrayAsync()).ShouldBe(await seller.ContentAsync(order.Id));
        (await seller.OrderAsync(order.Id)).State.ShouldBe(OrderState.ReadyForPickup);
        (await stage.GetAsync(OrderFace.Path(order.Id))).ShouldNotContain("<img src=x");

        using var nothing = await stage.SendAsync(HttpMethod.Get, OrderFace.Path(await seller.QuoteAsync("page"), "download"));
        nothing.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private sealed class Work(Func<Deliverable> make) : IServiceHandler
    {
        public Task<Deliverable> WorkAsync(ServiceWork order, CancellationToken cancellationToken) => Task.FromResult(make());
    }
}
