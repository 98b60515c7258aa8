using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Providers.Sources;

namespace Posthouse.Mesh.Hosting;

/// <summary>All connections of a node: those that it dials, and those that its HTTP edge hands over.</summary>
/// <param name="loop">Where the engine is told.</param>
/// <param name="dial">The way out.</param>
/// <param name="time">The clocks.</param>
internal sealed class PeerSockets(MeshLoop loop, ISocketDial dial, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Time for name, connection and upgrade: a third of what the engine waits for an answer.</summary>
    public static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<int, PeerSocket> _sockets = new();
    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly CancellationTokenSource _stopping = new();
    private int _last;

    /// <summary>What their queues dropped.</summary>
    public QueueDrops Drops { get; } = new();

    /// <summary>Sends a frame.</summary>
    public void Send(int link, ReadOnlyMemory<byte> frame, Urgency urgency)
    {
        if (_sockets.TryGetValue(link, out var socket) && socket.Send(frame, urgency) is > 0 and var dropped)
            loop.Post((engine, now) => engine.OnStalled(link, dropped, now));
    }

    /// <summary>Closes a connection of which the engine wants to hear no more.</summary>
    public void Close(int link, CloseReason reason)
    {
        if (_sockets.TryGetValue(link, out var socket))
            socket.Close(StatusOf(reason));
    }

    /// <summary>Opens a connection, later.</summary>
    public void Dial(string address) => Track(DialAsync(address));

    /// <summary>Serves a connection that came in, until it ends.</summary>
    /// <param name="socket">The connection, upgraded; disposed by this method.</param>
    /// <param name="from">Where it comes from; null: not known.</param>
    public Task ServeAsync(WebSocket socket, IPAddress? from)
    {
        var served = RunAsync(socket, isOutbound: false, "", GroupOf(from));
        Track(served);
        return served;
    }

    /// <summary>Closes all connections, those that come later too, and waits for them.</summary>
    public async Task CloseAsync()
    {
        await _stopping.CancelAsync();
        foreach (var socket in _sockets.Values)
            socket.Close(WebSocketCloseStatus.EndpointUnavailable);
        await Task.WhenAll(_running.Keys);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _stopping.Dispose();
    }

    private async Task DialAsync(string address)
    {
        if (_stopping.IsCancellationRequested)
            return;
        WebSocket socket;
        try
        {
            if (!PeerAddress.IsOne(address))
                throw new WebSocketException($"{address} is no address of a node.");
            using var limit = new CancellationTokenSource(DialTimeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
            socket = await dial.DialAsync(new Uri(address), both.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or HttpRequestException or SocketException)
        {
            var cause = e is OperationCanceledException ? $"no answer within {DialTimeout.TotalSeconds:0} s" : e.GetBaseException().Message.TrimEnd('.');
            loop.Post((engine, now) => engine.OnDialFailed(address, cause, now));
            return;
        }

        await RunAsync(socket, isOutbound: true, address, AddressBook.GroupOf(address));
    }

    private async Task RunAsync(WebSocket opened, bool isOutbound, string address, ulong group)
    {
        using var socket = new PeerSocket(opened, Drops, time);
        var link = Interlocked.Increment(ref _last);
        _sockets[link] = socket;
        if (_stopping.IsCancellationRequested)
            socket.Close(WebSocketCloseStatus.EndpointUnavailable);
        loop.Post((engine, now) => engine.OnPeerUp(link, isOutbound, address, group, now));
        await socket.RunAsync(
            frame => loop.AskAsync((engine, now) =>
            {
                engine.OnFrame(link, frame, now);
                return true;
            }),
            () => loop.Post((engine, now) => engine.OnText(link, now)));
        _sockets.TryRemove(link, out _);
        loop.Post((engine, now) => engine.OnPeerDown(link, now));
    }

    private void Track(Task task)
    {
        _running[task] = 0;
        _ = task.ContinueWith(ended => _running.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static ulong GroupOf(IPAddress? from) => from is null ? 0 : AddressBook.GroupOf(from.AddressFamily == AddressFamily.InterNetworkV6 ? $"ws://[{from}]" : $"ws://{from}");

    private static WebSocketCloseStatus StatusOf(CloseReason reason) => reason switch
    {
        CloseReason.Stopping => WebSocketCloseStatus.EndpointUnavailable,
        CloseReason.Banned or CloseReason.Greeting => WebSocketCloseStatus.PolicyViolation,
        _ => WebSocketCloseStatus.NormalClosure,
    };
}
