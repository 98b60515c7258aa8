using System.Net;
using System.Text.RegularExpressions;
using Posthouse.AspNetCore.Dashboard.Orders;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Tests.Ivxp.Orders;
using Posthouse.Tests.Ivxp.Receipts;

namespace Posthouse.Tests.AspNetCore.Dashboard;

public sealed partial class OrderPagesTests
{
    private const string Evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

    [Fact]
    public async Task Where_nothing_is_sold_the_page_says_how_to_begin()
    {
        await using var stage = await DashboardStage.StartAsync();
        foreach (var path in new[] { "/orders", "/orders/services" })
        {
            (await stage.GetAsync(path)).ShouldSatisfyAllConditions(
                page => page.ShouldContain("Nothing is sold here."), page => page.ShouldContain("Ivxp:Services"), page => page.ShouldContain("docs/ivxp.md"), page => page.ShouldContain("<a href=\"/orders\" aria-current=\"page\">Orders</a>"));
        }
    }

    [Fact]
    public async Task An_order_is_a_line_of_time_with_what_proves_each_step()
    {
        await using var seller = await ProviderStage.StartAsync();
        await using var stage = await SellerDashboard.OfAsync(seller);
        var id = await seller.BuyAsync(endpoint: ProviderStage.Endpoint);
        var order = await seller.UntilAsync(id, OrderState.ReadyForPickup);
        var waiting = await stage.GetAsync(OrderFace.Path(id));
        foreach (var text in new[] { "result stored", "push failed", "to client.example: unreachable", "next push", "its client has not collected", "1 tried, unreachable", "content ends" }) { waiting.ShouldContain(text); }

        seller.Inbox.Answer = () => InboxWire.Response(200);
        var replayed = await stage.AnswerAsync(OrderFace.Path(id, "replay"));
        (replayed.Status, replayed.Page.Contains("A new round of pushes begins.", StringComparison.Ordinal)).ShouldBe((HttpStatusCode.Redirect, true));
        await seller.UntilAsync(id, OrderState.Posted);
        await seller.Get<ShowOrder>().DownloadedAsync(id);
        var receipt = seller.Receipt(order, "4");
        (await seller.SayAsync(receipt)).Refusal.ShouldBeNull();

        var page = WebUtility.HtmlDecode(await stage.GetAsync(OrderFace.Path(id)));
        var payment = await seller.Store.ReadAsync(read => Posthouse.Ivxp.Orders.Receipts.ShowReceipt.Payment(read, id));
        var result = await seller.Store.ReadAsync(read => OrderRows.FindDeliverable(read, id));
        foreach (var text in new[]
        {
            id, "text_echo for 5 USDC, to test", "5 USDC", seller.Client.Address.ToString(), payment!.TxHash, payment.BlockNumber + ", at ", payment.Signature!, "work begun", result!.Hash.Wire,
            $"{result.Content!.Length} bytes", result.Signature, "push again", "by the operator", "pushed", "picked up", "4 of 5", receipt.Signature!, "C1", "\"text\": \"hello\"",
        })
        {
            page.ShouldContain(text);
        }

        Words().Matches(page).Select(word => word.Groups[1].Value).ShouldBe(["quoted", "paid", "work begun", "result stored", "push failed", "push again", "pushed", "picked up", "receipt", "content ends"]);
        page.ShouldContain("arrived, 2 tried");
        page.ShouldNotContain(order.WebhookSecret!);
        page.ShouldNotContain(ProviderStage.Endpoint);
    }

    [Fact]
    public async Task A_page_that_shows_what_is_true_is_not_sent_again()
    {
        await using var seller = await ProviderStage.StartAsync();
        await using var stage = await SellerDashboard.OfAsync(seller);
        var id = (await seller.MadeAsync()).Id;
        var part = StampedPart().Match(WebUtility.HtmlDecode(await stage.GetAsync(OrderFace.Path(id)))).Groups[1].Value;
        (await stage.SendAsync(HttpMethod.Get, part)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await seller.Get<ShowOrder>().DownloadedAsync(id);
        (await stage.GetAsync(part)).ShouldSatisfyAllConditions(changed => changed.ShouldStartWith("<div id=\"order\""), changed => changed.ShouldContain("picked up"));
    }

    [Fact]
    public async Task Work_that_fails_shows_each_error_and_leads_to_its_job()
    {
        await using var seller = await ProviderStage.StartAsync(options => options with { WorkAttempts = 2 });
        await using var stage = await SellerDashboard.OfAsync(seller);
        var id = await seller.BuyAsync("broken", "1");
        await seller.PassUntilAsync(id, order => order.State is OrderState.DeliveryFailed);
        var page = WebUtility.HtmlDecode(await stage.GetAsync(OrderFace.Path(id)));
        foreach (var text in new[] { "attempt 1: This service fails every time", "attempt 2", "work failed", "The work failed", "Decide about its job", "and the money is owed", "Record a refund…" }) { page.ShouldContain(text); }
        page.ShouldContain("/queue/job?id=" + (await seller.OrderAsync(id)).WorkJob);
        WebUtility.HtmlDecode(await stage.GetAsync("/orders?state=failed")).ShouldContain(OrderFace.Short(id));
    }

    [Fact]
    public async Task Who_gives_up_an_orders_work_is_told_what_that_means_for_its_client()
    {
        await using var seller = await ProviderStage.StartAsync(options => options with { WorkAttempts = 1 });
        await using var stage = await SellerDashboard.OfAsync(seller);
        var id = await seller.BuyAsync("broken", "1");
        var job = (await seller.UntilAsync(id, OrderState.DeliveryFailed)).WorkJob!;
        var question = WebUtility.HtmlDecode(await stage.GetAsync("/queue/discard?id=" + job));
        question.ShouldContain("its client has paid 1 USDC for broken and will not be served");
        question.ShouldContain($"href=\"{OrderFace.Path(id)}\">{OrderFace.Short(id)}</a>");
        question.ShouldContain("refund is recorded");
        question.ShouldNotContain("optimistic");

        var discarded = (await stage.AnswerAsync("/queue/discard?id=" + job)).Page;
        discarded.ShouldContain("Discarded: its order will not be served, and its client is to have the money back.");
        discarded.ShouldNotContain("taken back");
    }

    [Fact]
    public async Task Work_whose_order_is_not_known_here_is_given_up_in_the_same_sense()
    {
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("work-1", "ivxp.work", "{}")]);
        await stage.FailAsync();
        (await stage.GetAsync("/queue/discard?id=work-1")).ShouldSatisfyAllConditions(page => page.ShouldContain("its client has paid and will not be served"), page => page.ShouldNotContain("optimistic"));
    }

    [Fact]
    public async Task A_dispute_keeps_the_result_for_as_long_as_it_lasts()
    {
        await using var seller = await ProviderStage.StartAsync();
        await using var stage = await SellerDashboard.OfAsync(seller);
        var order = await seller.MadeAsync();
        (await stage.GetAsync(OrderFace.Path(order.Id))).ShouldContain("content ends");
        await seller.SayAsync(seller.Dispute(order));
        (await stage.GetAsync(OrderFace.Path(order.Id))).ShouldSatisfyAllConditions(page => page.ShouldNotContain("content ends"), page => page.ShouldContain("as long as the dispute is open"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ivxp-00000000-0000-4000-8000-000000000000")]
    [InlineData("..%2F..%2Fetc")]
    [InlineData("%3Cscript%3E")]
    public async Task An_order_that_is_not_here_is_said_so(string id)
    {
        await using var seller = await ProviderStage.StartAsync(dispatches: false);
        await using var stage = await SellerDashboard.OfAsync(seller);
        foreach (var verb in OrderActionsTests.Verbs.Concat(["order", "download"]))
        {
            using var answer = await stage.SendAsync(HttpMethod.Get, $"/orders/{verb}?id={id}");
            (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Contains("ORDER_NOT_FOUND", StringComparison.Ordinal)).ShouldBe((HttpStatusCode.NotFound, true));
        }
    }

    [Fact]
    public async Task What_clients_wrote_is_text_and_nothing_else()
    {
        await using var seller = await ProviderStage.StartAsync(dispatches: false);
        await using var stage = await SellerDashboard.OfAsync(seller);
        var order = SellingTests.Order(seller.Time.GetUtcNow(), Evil, seller.Client.Address) with { ClientName = Evil, Description = Evil, DeliveryFormat = Evil, Deadline = Evil, ContactEndpoint = Evil };
        await SellingTests.AddAsync(seller.Get<OrderBook>(), order, order.CreatedAt);
        var query = Uri.EscapeDataString(Evil);
        foreach (var path in (string[])["/orders", $"/orders?service={query}&client={query}", "/orders/services", OrderFace.Path(order.Id), .. OrderActionsTests.Verbs.Select(verb => OrderFace.Path(order.Id, verb))])
        {
            var page = await stage.GetAsync(path);
            foreach (var live in new[] { "<script>alert", "<img src=x", "\"'>" }) { page.ShouldNotContain(live); }
        }

        (await stage.GetAsync("/orders")).ShouldContain("&lt;img src=x");
    }

    [Fact]
    public async Task Orders_are_found_by_state_service_and_client()
    {
        await using var seller = await ProviderStage.StartAsync(dispatches: false);
        await using var stage = await SellerDashboard.OfAsync(seller);
        var other = Wallet.Create(new Posthouse.Tests.Ivxp.SeededIds(7), Secp256k1.Best);
        var (mine, theirs, paper) = (await seller.QuoteAsync(), await seller.QuoteAsync(client: other), await seller.QuoteAsync("research"));
        await seller.Get<OrderBook>().ChangeAsync(paper, OrderEvent.QuoteExpired, OrderActor.Clock);
        foreach (var (path, ids) in new (string, string[])[]
        {
            ("/orders", [paper, theirs, mine]), ("/orders?state=quoted", [theirs, mine]), ("/orders?service=research", [paper]), ("/orders?service=research&state=quoted", []), ("/orders?state=nonsense&before=x", [paper, theirs, mine]),
            ($"/orders?client={other.Address.ToChecksum()}&part=list", [theirs]), ($"/orders?client={other.Address}&state=ended", []), ("/orders?client=bob", []),
        })
        {
            Rows(await stage.GetAsync(path)).ShouldBe(ids, path);
        }

        (await stage.GetAsync("/orders?client=bob")).ShouldContain("A client is an address");
        Chip().Matches(await stage.GetAsync("/orders")).Select(chip => chip.Groups[1].Value + chip.Groups[2].Value).ShouldBe(["All3", "Quoted2", "In work0", "Waiting0", "Delivered0", "Failed0", "Disputed0", "Ended1"]);
    }

    [Fact]
    public async Task Ten_thousand_orders_are_read_page_by_page_each_once()
    {
        await using var seller = await ProviderStage.StartAsync(dispatches: false);
        await using var stage = await SellerDashboard.OfAsync(seller);
        for (var i = 0; i < 10; i++) { await SellingTests.SeedAsync(seller.Get<OrderBook>(), 1_000, seller.Time.GetUtcNow()); }

        foreach (var (first, count) in new[] { ("/orders", 10_000), ("/orders?state=working&service=text_echo", 2_000) })
        {
            var (path, seen) = (first, new List<string>());
            for (var pages = 0; path is not null; pages++)
            {
                var page = await stage.GetAsync(path);
                seen.AddRange(Rows(page));
                path = Next().Match(page) is { Success: true } next ? WebUtility.HtmlDecode(next.Groups[1].Value) : null;
                pages.ShouldBeLessThan(count / OrderFilter.Size);
            }

            (seen.Count, seen.Distinct().Count()).ShouldBe((count, count));
        }
    }

    [Fact]
    public async Task The_catalog_says_what_each_service_earned()
    {
        await using var seller = await ProviderStage.StartAsync(dispatches: false);
        await using var stage = await SellerDashboard.OfAsync(seller);
        var (book, now) = (seller.Get<OrderBook>(), seller.Time.GetUtcNow());
        await SellingTests.AddAsync(book, SellingTests.Order(now, "text_echo", seller.Client.Address) with { Price = UsdcAmount.FromUnits(100_000) }, now, OrderEvent.PaymentVerified);
        await SellingTests.AddAsync(book, SellingTests.Order(now, "old <b>", seller.Client.Address) with { Price = UsdcAmount.FromUnits(200_000) }, now - TimeSpan.FromDays(2), OrderEvent.PaymentVerified);
        var page = await stage.GetAsync("/orders/services");
        Figures().Matches(page).Select(figure => figure.Groups[1].Value).ShouldBe(["0.1", "0.3", "0.3", "0"]);
        foreach (var text in new[] { "no longer offered", "old &lt;b&gt;", "50 USDC", "research" }) { page.ShouldContain(text); }
        (await stage.GetAsync("/orders/services?part=services")).ShouldStartWith("<section id=\"services\"");
    }

    private static IEnumerable<string> Rows(string page) => Row().Matches(page).Select(row => row.Groups[1].Value);

    [GeneratedRegex("id=\"o-([^\"]*)\"")]
    private static partial Regex Row();

    [GeneratedRegex("id=\"page-next\" rel=\"next\" href=\"([^\"]*)\"")]
    private static partial Regex Next();

    [GeneratedRegex("hx-get=\"(/orders/order[^\"]*)\"")]
    private static partial Regex StampedPart();

    [GeneratedRegex("</time>\\s*</span>\\s*<span class=\"badge [a-z]+\"><span class=\"shape\" aria-hidden=\"true\">.</span> ([^<]*)</span>")]
    private static partial Regex Words();

    [GeneratedRegex("class=\"chip\"[^>]*>([^<]*) <span class=\"count\">([^<]*)</span>")]
    private static partial Regex Chip();

    [GeneratedRegex("<span class=\"figure\"[^>]*>([^<]*)</span>")]
    private static partial Regex Figures();
}
