using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Live;
using Posthouse.AspNetCore.Dashboard.Locks;
using Posthouse.AspNetCore.Dashboard.Orders;
using Posthouse.AspNetCore.Dashboard.Overview;
using Posthouse.AspNetCore.Dashboard.Prices;
using Posthouse.AspNetCore.Dashboard.Queue;

namespace Posthouse.AspNetCore.Dashboard;

/// <summary>Puts the dashboard on the net.</summary>
public static class DashboardEndpoints
{
    /// <summary>
    /// Maps the dashboard at <c>/</c>: <c>/queue</c>, <c>/orders</c>, <c>/prices</c>, <c>/locks</c>, <c>/sign-in</c>, <c>/live</c> and <c>/assets</c>. Without a token
    /// only browsers on this machine are answered; see <see cref="DashboardOptions"/>. Mapped on the application itself, it also tells browsers that ask for a
    /// page that nobody has where its pages are.
    /// </summary>
    /// <param name="endpoints">Where to map.</param>
    /// <exception cref="InvalidOperationException">The dashboard was not added; the message has the line to write.</exception>
    public static IEndpointRouteBuilder MapPosthouseDashboard(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var edge = endpoints.ServiceProvider.GetService<DashboardEdge>()
            ?? throw new InvalidOperationException("The dashboard is not in this container. Add it: services.AddPosthouseDashboard();");
        OverviewPage.Map(endpoints, edge);
        QueuePage.Map(endpoints, edge);
        JobPage.Map(endpoints, edge);
        JobActions.Map(endpoints, edge, OrderWork.LossAsync);
        PauseActions.Map(endpoints, edge);
        OrdersPage.Map(endpoints, edge);
        OrderPage.Map(endpoints, edge);
        OrderActions.Map(endpoints, edge);
        PricesPage.Map(endpoints, edge);
        ProviderSwitch.Map(endpoints, edge);
        LocksPage.Map(endpoints, edge);
        SignIn.Map(endpoints, edge);
        LiveRoute.Map(endpoints, edge);
        endpoints.MapMethods("/assets/{**file}", [HttpMethods.Get, HttpMethods.Head], edge.Files());
        if (endpoints is IApplicationBuilder app) { NoSuchPage.Use(app, edge); }
        return endpoints;
    }

    /// <summary>A page, which is read.</summary>
    internal static void MapPage(this IEndpointRouteBuilder endpoints, DashboardEdge edge, string path, Func<HttpContext, Task<IResult>> answer) =>
        endpoints.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], edge.Reads(answer));

    /// <summary>An action: asked by GET, done by POST.</summary>
    internal static void MapAction(
        this IEndpointRouteBuilder endpoints, DashboardEdge edge, string path, Func<HttpContext, Task<IResult>> ask, Func<HttpContext, IFormCollection, Task<IResult>> act)
    {
        endpoints.MapPage(edge, path, ask);
        endpoints.MapPost(path, edge.Writes(path.Trim('/').Replace('/', ' '), act));
    }
}
