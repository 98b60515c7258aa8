using System.Net.WebSockets;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>Opens connections to other nodes over the guarded handlers: no redirect, no proxy, no cookies.</summary>
/// <param name="invoker">Connects; owned by the caller.</param>
internal sealed class PeerDial(HttpMessageInvoker invoker) : ISocketDial
{
    /// <inheritdoc/>
    public async Task<WebSocket> DialAsync(Uri address, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol(MeshProtocol.Subprotocol);
            (socket.Options.KeepAliveInterval, socket.Options.KeepAliveTimeout) = (PeerLiveness.Every, PeerLiveness.Within);
            await socket.ConnectAsync(address, invoker, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
