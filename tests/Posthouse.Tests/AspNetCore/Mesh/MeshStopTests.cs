using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Mesh;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.AspNetCore.Mesh;

/// <summary>A server that stops while others are connected with it.</summary>
public sealed class MeshStopTests : IDisposable
{
    /// <summary>The web server waits for connections for 30 seconds; a peer that says nothing is waited for for two.</summary>
    private static readonly TimeSpan _soon = TimeSpan.FromSeconds(10);

    private readonly TempFolder _folder = TempFolder.InMemory();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Who_watches_and_who_is_connected_hear_that_the_server_ends_and_it_ends_soon()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMesh(new MeshOptions { Folder = _folder.Path, Trust = TrustMode.Open });
        await using var app = builder.Build();
        app.MapMesh();
        await app.StartAsync();
        var address = app.Urls.First().Replace("http:", "ws:", StringComparison.Ordinal);
        using var watcher = new ClientWebSocket();
        await watcher.ConnectAsync(new Uri(address + "/ws"), default);
        using var peer = new ClientWebSocket();
        peer.Options.AddSubProtocol(MeshProtocol.Subprotocol);
        await peer.ConnectAsync(new Uri(address + MeshProtocol.GossipPath), default);
        // Both are served now.
        await watcher.ReceiveAsync(new byte[1 << 16], default);
        await peer.ReceiveAsync(new byte[1 << 16], default);

        var (first, second) = (EndOfAsync(watcher), EndOfAsync(peer));
        await app.StopAsync().WaitAsync(_soon);
        (await first).ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
        (await second).ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
    }

    private static async Task<WebSocketCloseStatus?> EndOfAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1 << 16];
        while ((await socket.ReceiveAsync(buffer, default)).MessageType != WebSocketMessageType.Close)
        {
            // What was said before.
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        return socket.CloseStatus;
    }
}
