using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Posthouse.AspNetCore.Dashboard.Shell;

/// <summary>A whole page.</summary>
/// <param name="Title">Its heading, and the window's title.</param>
/// <param name="Room">The page of the navigation to which it belongs; null: none.</param>
/// <param name="Body">What stands below the heading.</param>
internal sealed record Page(string Title, Room? Room, RenderFragment Body) : IResult
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>What was just done; it is told once, and the keyboard's focus goes there.</summary>
    public string? Done { get; init; }

    /// <summary>Whether what is shown is followed while the page is open.</summary>
    public bool IsLive { get; init; } = true;

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var edge = httpContext.RequestServices.GetRequiredService<DashboardEdge>();
        var frame = new Frame(this, edge.Assets, edge.Time.GetUtcNow(), CanSignOut: edge.Sessions.AreNeeded && edge.Sessions.Includes(httpContext));
        return Html.WriteAsync(httpContext, Status, Document.Of(frame));
    }
}

/// <summary>What stands around a page.</summary>
/// <param name="Page">The page.</param>
/// <param name="Assets">The files that it loads.</param>
/// <param name="Now">The server's time, from which the browser counts ages.</param>
/// <param name="CanSignOut">Whether there is a session to end.</param>
internal sealed record Frame(Page Page, Assets.AssetCatalog Assets, DateTimeOffset Now, bool CanSignOut);

/// <summary>A part of a page, which is put in the place of the one that a browser shows.</summary>
/// <param name="Body">The part, from its own element on.</param>
internal sealed record Part(RenderFragment Body) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext) => Html.WriteAsync(httpContext, StatusCodes.Status200OK, Body);
}
