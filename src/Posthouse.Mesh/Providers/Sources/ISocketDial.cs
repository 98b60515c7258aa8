using System.Net.WebSockets;
using Posthouse.Connectivity;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>Opens WebSockets: the only way out of the process to a stream of prices.</summary>
internal interface ISocketDial
{
    /// <summary>Connects.</summary>
    /// <param name="address">A ws or wss address.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <exception cref="WebSocketException">The far side was not reached, or is no WebSocket.</exception>
    Task<WebSocket> DialAsync(Uri address, CancellationToken cancellationToken);
}

/// <summary>Opens WebSockets over the same guarded handlers as every request: no redirect, no proxy, no cookies.</summary>
/// <param name="invoker">Connects; owned by the caller, best one over <see cref="GuardedHandlers.Create"/>.</param>
internal sealed class SocketDial(HttpMessageInvoker invoker) : ISocketDial
{
    /// <inheritdoc/>
    public async Task<WebSocket> DialAsync(Uri address, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
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
