using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Diagnostics;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Selling;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.AspNetCore.Dashboard.Orders;

/// <summary>Orders as a list.</summary>
/// <param name="Filter">Which orders.</param>
/// <param name="Sales">How many stand where, a moment ago.</param>
/// <param name="Orders">One page of them.</param>
/// <param name="Next">The page after; null: there is none.</param>
/// <param name="Now">When.</param>
internal sealed record OrdersView(OrderFilter Filter, Sales Sales, IReadOnlyList<Order> Orders, OrderFilter? Next, DateTimeOffset Now);

/// <summary>A service of the catalog, or one that was sold before.</summary>
/// <param name="Price">What it costs; null: it is no longer offered.</param>
/// <param name="Sales">What became of its orders.</param>
internal sealed record CatalogRow(UsdcAmount? Price, ServiceSales Sales);

/// <summary>The catalog.</summary>
/// <param name="Rows">Those that are offered first, in their order.</param>
/// <param name="Total">All together.</param>
internal sealed record CatalogView(IReadOnlyList<CatalogRow> Rows, ServiceSales Total);

/// <summary><c>/orders</c>: those that changed last first; <c>/orders/services</c>: what is sold, and what it earned.</summary>
internal static class OrdersPage
{
    public const string Services = "/orders/services";

    public static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge)
    {
        endpoints.MapPage(edge, Room.Orders.Path, context => SoldAsync(context, async book =>
        {
            var view = await LookAsync(context.RequestServices, book, OrderFilter.Of(context.Request.Query), edge.Time.GetUtcNow());
            return context.Request.Query["part"] == "list" ? new Part(OrderTable.Of(view)) : new Page("Orders", Room.Orders, OrderTable.Page(view));
        }));
        endpoints.MapPage(edge, Services, context => SoldAsync(context, async _ =>
        {
            var view = Catalog(await context.RequestServices.GetRequiredService<Reading<Sales>>().GetAsync(), context.RequestServices.GetRequiredService<IvxpOptions>());
            return context.Request.Query["part"] == "services" ? new Part(CatalogTable.Of(view)) : new Page("Catalog and earnings", Room.Orders, CatalogTable.Of(view));
        }));
    }

    /// <summary>The answer of a seller; where nothing is sold, how to begin.</summary>
    private static Task<IResult> SoldAsync(HttpContext context, Func<OrderBook, Task<IResult>> answer) => context.RequestServices.GetService<OrderBook>() is { } book
        ? answer(book)
        : Task.FromResult<IResult>(new Page("Orders", Room.Orders, CatalogTable.Nothing()) { IsLive = false });

    private static async Task<OrdersView> LookAsync(IServiceProvider services, OrderBook book, OrderFilter filter, DateTimeOffset now)
    {
        var sales = await services.GetRequiredService<Reading<Sales>>().GetAsync();
        var orders = filter.IsClientWrong ? [] : await book.ReadAsync(read => SellerOrders.List(read, filter.Query));
        var shown = orders.Take(OrderFilter.Size).ToList();
        return new(filter, sales, shown, orders.Count > shown.Count ? filter with { Before = shown[^1].ChangeNo } : null, now);
    }

    /// <summary>What is offered, sold or not, and what was sold before.</summary>
    internal static CatalogView Catalog(Sales sales, IvxpOptions options)
    {
        var sold = sales.Services.ToDictionary(one => one.Service, StringComparer.Ordinal);
        var offered = options.Services.Select(offer => new CatalogRow(offer.Price, sold.GetValueOrDefault(offer.Type) ?? new ServiceSales(offer.Type)));
        return new([.. offered, .. sales.Services.Where(one => options.Offer(one.Service) is null).Select(one => new CatalogRow(null, one))], sales.Total);
    }
}
