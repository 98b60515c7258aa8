using System.Net;
using Posthouse.AspNetCore.Dashboard.Orders;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.AspNetCore.Dashboard;

public sealed class OverviewTests
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
}
