using Microsoft.AspNetCore.Http;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Wire;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>Takes the connections of other nodes. Who they are they prove inside; a browser's page is never one.</summary>
internal static class PeerRoute
{
    public static async Task AnswerAsync(HttpContext context, MeshNode node)
    {
        if (!context.WebSockets.IsWebSocketRequest || !context.WebSockets.WebSocketRequestedProtocols.Contains(MeshProtocol.Subprotocol))
        {
            await MeshAnswers.FailAsync(context, StatusCodes.Status400BadRequest, MeshErrors.BadRequest, $"Nodes of the price mesh connect here, with the WebSocket subprotocol {MeshProtocol.Subprotocol}.");
            return;
        }

        if (context.Request.Headers.Origin.Count > 0)
        {
            await MeshAnswers.FailAsync(context, StatusCodes.Status403Forbidden, MeshErrors.OriginRefused, "A web page is no node.");
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = MeshProtocol.Subprotocol,
            KeepAliveInterval = PeerLiveness.Every,
            KeepAliveTimeout = PeerLiveness.Within,
        });
        await node.ServePeerAsync(socket, context.Connection.RemoteIpAddress);
    }
}
