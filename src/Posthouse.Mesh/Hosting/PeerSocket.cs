using System.Net.WebSockets;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>
/// One connection: a WebSocket whose binary messages are frames (spec/mesh/wire.md). One task reads and one writes, so that a peer that does
/// not read delays nobody; what waits for it is bounded by its <see cref="OutQueue"/>.
/// </summary>
internal sealed class PeerSocket(WebSocket socket, QueueDrops drops, TimeProvider time) : IDisposable
{
    /// <summary>How long the last frames and the goodbye may take: a peer that does not read is not waited for.</summary>
    private static readonly TimeSpan _closing = TimeSpan.FromSeconds(2);

    private readonly OutQueue _queue = new(drops);
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _something = new(0, 1);
    private readonly CancellationTokenSource _cut = new();
    private readonly long _start = time.GetTimestamp();
    private WebSocketCloseStatus? _closes;
    private bool _isOver;

    /// <summary>Puts a frame into the queue.</summary>
    /// <returns>How many older ones were dropped for it.</returns>
    public int Send(ReadOnlyMemory<byte> frame, Urgency urgency)
    {
        int dropped;
        lock (_lock)
            dropped = _queue.Add(frame, urgency, time.GetElapsedTime(_start));
        Wake();
        return dropped;
    }

    /// <summary>Closes after what waits to be sent; nothing where the connection has ended by itself.</summary>
    public void Close(WebSocketCloseStatus status)
    {
        lock (_lock)
        {
            if (_isOver)
                return;
            _closes ??= status;
            _cut.CancelAfter(_closing);
        }

        Wake();
    }

    /// <summary>Reads and writes until the connection ends.</summary>
    /// <param name="take">Takes each frame; the next is read when its task ends.</param>
    /// <param name="refuse">Told of a message that is text, and so no frame; it is the last one.</param>
    public async Task RunAsync(Func<ReadOnlyMemory<byte>, Task> take, Action refuse)
    {
        var writes = WriteAsync();
        try
        {
            await ReadAsync(take, refuse);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or PosthouseException)
        {
            // The other side is gone or does not keep to the protocol, or this node has stopped: either way it ends here.
        }

        Close(WebSocketCloseStatus.NormalClosure);
        await writes;
        await HearOutAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Whoever still sends or closes has a connection that has just ended, and hears of it next.
        lock (_lock)
            _isOver = true;
        _cut.Dispose();
        _something.Dispose();
        socket.Dispose();
    }

    private async Task ReadAsync(Func<ReadOnlyMemory<byte>, Task> take, Action refuse)
    {
        // One byte more than a frame may have: what does not fit is seen, counted and blamed as such.
        var buffer = new byte[MeshProtocol.MaxFrameBytes + 1];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), _cut.Token);
                length += part.Count;
            }
            while (!part.EndOfMessage && length < buffer.Length);
            if (part.MessageType == WebSocketMessageType.Close)
                return;
            if (part.MessageType == WebSocketMessageType.Text)
            {
                refuse();
                Close(WebSocketCloseStatus.InvalidMessageType);
                return;
            }

            // The engine keeps it, and hands it on as it is.
            await take(buffer.AsSpan(0, length).ToArray());
            if (!part.EndOfMessage)
            {
                Close(WebSocketCloseStatus.MessageTooBig);
                return;
            }
        }
    }

    /// <summary>Reads what the other side still sends, until it has heard the goodbye: a connection that is cut with something unread takes that along.</summary>
    private async Task HearOutAsync()
    {
        var rest = new byte[4096];
        try
        {
            while (socket.State == WebSocketState.CloseSent)
                await socket.ReceiveAsync(rest.AsMemory(), _cut.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // It went without a word.
        }

        socket.Abort();
    }

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                await _something.WaitAsync(_cut.Token);
                while (TryTake(out var frame))
                    await socket.SendAsync(frame, WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, _cut.Token);
                if (_closes is not { } status)
                    continue;
                await socket.CloseOutputAsync(status, null, _cut.Token);
                return;
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The reader finds the same.
            await _cut.CancelAsync();
        }
    }

    private bool TryTake(out ReadOnlyMemory<byte> frame)
    {
        lock (_lock)
            return _queue.TryTake(time.GetElapsedTime(_start), out frame);
    }

    private void Wake()
    {
        lock (_lock)
        {
            if (!_isOver && _something.CurrentCount == 0)
                _something.Release();
        }
    }
}
