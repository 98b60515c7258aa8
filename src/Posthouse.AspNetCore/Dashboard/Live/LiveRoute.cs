using System.Net.Mime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Posthouse.AspNetCore.Dashboard.Shell;

namespace Posthouse.AspNetCore.Dashboard.Live;

/// <summary>The one stream of server-sent events that an open page follows.</summary>
internal static class LiveRoute
{
    public const string Path = "/live";

    public static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge)
    {
        endpoints.MapGet(Path, edge.Reads(_ => Task.FromResult<IResult>(edge.Live.Join() is { } stream ? new Events(stream, edge) : Full())));
        // A browser tells nobody why a stream was refused: a page whose stream was asks here.
        endpoints.MapMethods(Path, [HttpMethods.Head], edge.Reads(_ => Task.FromResult(edge.Live.IsFull ? Full() : Results.Ok())));
    }

    private static Page Full() =>
        DashboardEdge.Failed(StatusCodes.Status503ServiceUnavailable, DashboardErrors.StreamsFull, "As many pages are followed as the server follows at once. Close some.");

    private sealed class Events(LiveFeed.Stream stream, DashboardEdge edge) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            using var place = stream;
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, edge.Stopping);
            httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            httpContext.Response.ContentType = MediaTypeNames.Text.EventStream;
            // Asks nginx and its kin to pass each event on at once.
            httpContext.Response.Headers["X-Accel-Buffering"] = "no";
            try
            {
                while (true)
                {
                    var next = await place.NextAsync(ends.Token);
                    // A session may end while its page is open; asked why the stream did, the server then wants the token.
                    if (!edge.Sessions.Includes(httpContext)) { return; }
                    await httpContext.Response.Body.WriteAsync(next, ends.Token);
                    await httpContext.Response.Body.FlushAsync(ends.Token);
                }
            }
            catch (OperationCanceledException) when (ends.IsCancellationRequested)
            {
                // The page was closed, or the server ends.
            }
        }
    }
}
