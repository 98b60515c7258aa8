using System.Globalization;
using Microsoft.AspNetCore.Http;
using Posthouse.Mesh.Hosting;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>Takes watchers: pages and programs that want prices as they change.</summary>
internal static class WatchRoute
{
    public static async Task AnswerAsync(HttpContext context, MeshNode node, MeshEdge edge)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await MeshAnswers.FailAsync(context, StatusCodes.Status400BadRequest, MeshErrors.BadRequest, "This is a WebSocket; GET /api/mesh/prices answers once.");
            return;
        }

        var given = context.Request.Query["since"].ToString();
        var number = 0L;
        if (given.Length > 0 && !long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            await MeshAnswers.FailAsync(context, StatusCodes.Status400BadRequest, MeshErrors.BadRequest, "since is the seq of the last message that was read.");
            return;
        }

        using var place = edge.Watchers.Enter(context.Connection.RemoteIpAddress);
        if (place is null)
        {
            await MeshAnswers.FailAsync(context, StatusCodes.Status429TooManyRequests, MeshErrors.TooManyConnections, "Too many watchers from this address, or at all.", TimeSpan.FromSeconds(30));
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, edge.Stopping);
        using var session = new WatchSession(socket, node, edge.Time);
        await session.RunAsync(given.Length > 0 ? number : null, ends.Token);
    }
}
