using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Posthouse.AspNetCore.Dashboard.Shell;

namespace Posthouse.AspNetCore.Dashboard;

/// <summary>
/// Tells a browser that asks for a page that nobody has where the pages are. It is no fallback route: such a one would answer in the place of
/// 405 as well. Programs and what they ask for are answered as ever, and so is whoever may not look at the dashboard: the rest of the application is not its own.
/// </summary>
internal static class NoSuchPage
{
    /// <summary>Where programs ask, whether or not anything is mapped there.</summary>
    private static readonly PathString[] _programs = ["/api", "/ivxp", "/ws", "/health", "/metrics", "/.well-known", "/live", "/assets"];

    /// <summary>Puts it behind everything that may know the page.</summary>
    public static void Use(IApplicationBuilder app, DashboardEdge edge)
    {
        var answer = edge.Reads(_ => Task.FromResult<IResult>(
            DashboardEdge.Failed(StatusCodes.Status404NotFound, DashboardErrors.PageUnknown, "There is no such page here. The navigation above leads to those that are.", Room.Overview.Path)));
        app.Use(async (context, next) =>
        {
            await next(context);
            if (IsLost(context) && edge.Admits(context)) { await answer(context); }
        });
    }

    private static bool IsLost(HttpContext context) =>
        context.Response is { StatusCode: StatusCodes.Status404NotFound, HasStarted: false, ContentLength: null }
        && context.GetEndpoint() is null
        && HttpMethods.IsGet(context.Request.Method)
        && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
        && !_programs.Any(program => context.Request.Path.StartsWithSegments(program));
}
