using System.Net.WebSockets;
using Posthouse.Mesh.Hosting;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>
/// One watcher. It gets everything once, then what changes; a slow one skips what was overtaken and hears how much. What it sends is little:
/// which assets it wants, and how often.
/// </summary>
internal sealed class WatchSession(WebSocket socket, MeshNode node, TimeProvider time) : IDisposable
{
    /// <summary>Time between two messages, at most.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>How long one message may take to leave; a watcher that does not read for so long is let go.</summary>
    public static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of a message from a watcher: a subscription to all assets of a large mesh.</summary>
    public const int MaxMessageBytes = 4 * 1024;

    /// <summary>Messages from a watcher in ten seconds; nobody changes a subscription more often.</summary>
    public const int MaxMessages = 20;

    private static readonly TimeSpan _window = TimeSpan.FromSeconds(10);

    /// <summary>How long the goodbye may take to leave, and how long its answer is waited for.</summary>
    private static readonly TimeSpan _goodbye = TimeSpan.FromSeconds(1);

    /// <summary>1013: it was too slow, and may come back.</summary>
    private const WebSocketCloseStatus TryAgainLater = (WebSocketCloseStatus)1013;

    private WebSocketCloseStatus _status = TryAgainLater;

    /// <summary>Why it ends, for who reads the close frame.</summary>
    private string? _why = "Too slow; come back with ?since=SEQ.";

    private readonly Watcher _watcher = new(null, TimeSpan.Zero, time);

    /// <summary>Serves it until it leaves, or the token ends it.</summary>
    public async Task RunAsync(long? since, CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // A read that is cancelled cuts the connection (WebSocket.ReceiveAsync), so reads outlast the server's wish to end, for the goodbye's sake.
        using var reading = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        node.Feed.Join(_watcher, since);
        var reads = ReadAsync(ends, reading.Token);
        try
        {
            var first = _watcher.Take();
            await SendAsync(WatchMessages.Initial(first.Number, since, first.Prices, node.GetStatus(), time.GetUtcNow()), ends.Token);
            await WarnAsync(first, ends.Token);
            while (true)
                await TellAsync(await _watcher.WaitAsync(Heartbeat, ends.Token), ends.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException)
        {
            // It left, does not read, or the server ends.
        }
        finally
        {
            node.Feed.Leave(_watcher);
            if (cancellationToken.IsCancellationRequested)
                (_status, _why) = (WebSocketCloseStatus.EndpointUnavailable, "The server ends.");
            await CloseAsync();
            reading.CancelAfter(_goodbye);
            await reads;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watcher.Dispose();

    private async Task TellAsync(bool isNews, CancellationToken cancellationToken)
    {
        var (news, now) = (_watcher.Take(), time.GetUtcNow());
        if (!isNews)
            await SendAsync(WatchMessages.Heartbeat(now), cancellationToken);
        if (news.Prices.Count > 0)
        {
            await SendAsync(WatchMessages.Update(news, now, node.GetStatus().ActiveProviders.Count > 0), cancellationToken);
            if (news.At is { } accepted)
                node.Delivered(accepted);
        }

        if (news.Status is { } status)
            await SendAsync(WatchMessages.Status(status, now), cancellationToken);
        await WarnAsync(news, cancellationToken);
    }

    private async Task WarnAsync(WatcherNews news, CancellationToken cancellationToken)
    {
        foreach (var warning in news.Warnings)
            await SendAsync(WatchMessages.Warning(warning, time.GetUtcNow()), cancellationToken);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(SendTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await socket.SendAsync(message, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, both.Token);
    }

    private async Task ReadAsync(CancellationTokenSource ends, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxMessageBytes];
        var (began, count, length) = (time.GetTimestamp(), 0, 0);
        try
        {
            while (_status == TryAgainLater)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    (_status, _why) = (WebSocketCloseStatus.NormalClosure, null);
                }
                else if (!part.EndOfMessage)
                {
                    // A message may come in parts; no part may be asked for where there is no room.
                    if (length == buffer.Length)
                        (_status, _why) = (WebSocketCloseStatus.MessageTooBig, "A message has at most 4096 bytes.");
                }
                else
                {
                    (began, count) = time.GetElapsedTime(began) > _window ? (time.GetTimestamp(), 1) : (began, count + 1);
                    if (count > MaxMessages)
                        (_status, _why) = (WebSocketCloseStatus.PolicyViolation, "More than 20 messages in 10 seconds.");
                    else if (Subscribe(buffer.AsSpan(0, length)) is { } wrong)
                        (_status, _why) = (WebSocketCloseStatus.InvalidPayloadData, wrong);
                    length = 0;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException)
        {
            // It left without a word.
        }

        await ends.CancelAsync();
    }

    /// <returns>What is wrong with it; null: nothing.</returns>
    private string? Subscribe(ReadOnlySpan<byte> message)
    {
        var wrong = WatchWish.TryRead(message, out var wish);
        if (wish is not null)
            _watcher.Subscribe(wish.Assets, wish.MinInterval, node.Snapshot.Values);
        return wrong;
    }

    private async Task CloseAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(_goodbye, time);
            await socket.CloseOutputAsync(_status, _why, limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Nobody is there to hear it.
        }
    }
}
