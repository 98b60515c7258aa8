using System.Net;
using System.Text.RegularExpressions;
using Posthouse.AspNetCore.Dashboard.Orders;
using Posthouse.Ivxp.Orders;
using Posthouse.Storage;
using Posthouse.Tests.Ivxp.Orders;
using Posthouse.Tests.Ivxp.Receipts;

namespace Posthouse.Tests.AspNetCore.Dashboard;

public sealed partial class OverviewTests
{
    [Fact]
    public async Task The_last_events_show_no_orders_id_whole_and_lead_to_its_page()
    {
        await using var seller = await ProviderStage.StartAsync(dispatches: false);
        await using var stage = await SellerDashboard.OfAsync(seller);
        var id = await seller.QuoteAsync();
        var page = WebUtility.HtmlDecode(await stage.GetAsync("/"));
        page.ShouldContain($"href=\"{OrderFace.Path(id)}\">{OrderFace.Short(id)}</a>");
        page.Replace(OrderFace.Path(id), "", StringComparison.Ordinal).ShouldNotContain(id);
    }

    [Fact]
    public async Task An_order_that_needs_a_decision_is_told_beside_the_jobs_that_do()
    {
        await using var seller = await ProviderStage.StartAsync(options => options with { WorkAttempts = 1 });
        await using var stage = await SellerDashboard.OfAsync(seller);
        Decisions(await stage.GetAsync("/")).ShouldBe("good: 0 nothing failed");

        await seller.SayAsync(seller.Dispute(await seller.MadeAsync()));
        seller.Pass(TimeSpan.FromMinutes(1));
        Decisions(await stage.GetAsync("/")).ShouldBe("bad: 1 1 disputed order");
        (await stage.GetAsync("/")).ShouldContain("href=\"/orders?state=disputed\"");

        var failed = await seller.BuyAsync("broken", "1");
        await seller.UntilAsync(failed, OrderState.DeliveryFailed);
        seller.Pass(TimeSpan.FromMinutes(1));
        Decisions(await stage.GetAsync("/")).ShouldBe("bad: 3 1 job, 1 disputed order, 1 failed order");
    }

    [Fact]
    public async Task A_dispute_that_was_closed_needs_no_decision_any_more()
    {
        await using var seller = await ProviderStage.StartAsync();
        await using var stage = await SellerDashboard.OfAsync(seller);
        var order = await seller.MadeAsync();
        await seller.SayAsync(seller.Dispute(order));
        await stage.AnswerAsync(OrderFace.Path(order.Id, "close"));
        Decisions(await stage.GetAsync("/")).ShouldBe("good: 0 nothing failed");
    }

    [Fact]
    public async Task What_the_server_does_for_itself_later_makes_a_queue_look_neither_full_nor_old()
    {
        await using var stage = await DashboardStage.StartAsync();
        await stage.Store.EnqueueAsync([DashboardStage.Draft("sweep-1", "ivxp.sweep") with { NotBefore = stage.Time.GetUtcNow().AddHours(1) }]);
        stage.Time.Advance(TimeSpan.FromMinutes(9));
        var fresh = await stage.GetAsync("/");
        Tile(fresh, "Waiting").ShouldBe(": 0 0 ready, 0 scheduled, 1 housekeeping");
        Tile(fresh, "Oldest open job").ShouldBe(": none");

        await stage.Store.EnqueueAsync([DashboardStage.Draft("mail-1") with { NotBefore = stage.Time.GetUtcNow().AddHours(2) }]);
        stage.Time.Advance(TimeSpan.FromMinutes(5));
        var busy = await stage.GetAsync("/");
        Tile(busy, "Waiting").ShouldBe(": 1 0 ready, 1 scheduled, 1 housekeeping");
        Tile(busy, "Oldest open job").ShouldBe(": 5m ago next is due in 1h");
    }

    private static string Decisions(string page) => Tile(page, "Need a decision");

    /// <summary>A tile as it is read: its colour, its figure and what stands below.</summary>
    private static string Tile(string page, string name)
    {
        var tile = page.Split("<div class=\"tile").Single(part => Markup().Replace(part.Split("</dt>")[0], " ").Contains(name, StringComparison.Ordinal));
        var words = Markup().Replace(tile[(tile.IndexOf("<dd>", StringComparison.Ordinal) + 4)..tile.IndexOf("</dd>", StringComparison.Ordinal)], " ");
        return $"{tile[..tile.IndexOf('"', StringComparison.Ordinal)].Trim()}: {Spaces().Replace(words, " ").Replace(" ,", ",", StringComparison.Ordinal).Trim()}";
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Markup();

    [GeneratedRegex("\\s+")]
    private static partial Regex Spaces();
}
