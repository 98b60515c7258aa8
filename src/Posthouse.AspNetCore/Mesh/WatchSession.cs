using System.Net.WebSockets;
using System.Text.Json;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Prices;

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

    /// <summary>The longest interval that a watcher may ask for.</summary>
    private const int MaxIntervalMs = 60_000;

    private static readonly TimeSpan _window = TimeSpan.FromSeconds(10);

    /// <summary>1013: it was too slow, and may come back.</summary>
    private const WebSocketCloseStatus TryAgainLater = (WebSocketCloseStatus)1013;

    private WebSocketCloseStatus _status = TryAgainLater;

    private readonly Watcher _watcher = new(null, TimeSpan.Zero, time);

    /// <summary>Serves it until it leaves, or the token ends it.</summary>
    public async Task RunAsync(long? since, CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        node.Feed.Join(_watcher, since);
        var reads = ReadAsync(ends);
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
            await CloseAsync(cancellationToken.IsCancellationRequested ? WebSocketCloseStatus.EndpointUnavailable : _status);
            await ends.CancelAsync();
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
            await SendAsync(WatchMessages.Update(news, now, node.GetStatus().ActiveProviders.Count > 0), cancellationToken);
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

    private async Task ReadAsync(CancellationTokenSource ends)
    {
        var buffer = new byte[MaxMessageBytes];
        var (began, count, length) = (time.GetTimestamp(), 0, 0);
        try
        {
            while (_status == TryAgainLater)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), ends.Token);
                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    _status = WebSocketCloseStatus.NormalClosure;
                }
                else if (!part.EndOfMessage)
                {
                    // A message may come in parts; no part may be asked for where there is no room.
                    _status = length == buffer.Length ? WebSocketCloseStatus.MessageTooBig : _status;
                }
                else
                {
                    (began, count) = time.GetElapsedTime(began) > _window ? (time.GetTimestamp(), 1) : (began, count + 1);
                    _status = count > MaxMessages ? WebSocketCloseStatus.PolicyViolation
                        : Subscribe(buffer.AsSpan(0, length)) ? _status
                        : WebSocketCloseStatus.InvalidPayloadData;
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

    /// <summary>Takes <c>{"type":"subscribe","assets":["BTC"],"minIntervalMs":500}</c>; without assets, all.</summary>
    private bool Subscribe(ReadOnlySpan<byte> message)
    {
        try
        {
            var reader = new Utf8JsonReader(message);
            using var json = JsonDocument.ParseValue(ref reader);
            var root = json.RootElement;
            if (root.GetProperty("type").GetString() != "subscribe")
                return false;
            AssetPattern[]? assets = root.TryGetProperty("assets", out var listed) && listed.ValueKind == JsonValueKind.Array
                ? [.. listed.EnumerateArray().Select(asset => new AssetPattern(asset.GetString() ?? ""))]
                : null;
            var interval = root.TryGetProperty("minIntervalMs", out var least) ? Math.Clamp(least.GetInt32(), 0, MaxIntervalMs) : 0;
            _watcher.Subscribe(assets, TimeSpan.FromMilliseconds(interval), node.Snapshot.Values);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return false;
        }
    }

    private async Task CloseAsync(WebSocketCloseStatus status)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
            await socket.CloseOutputAsync(status, null, limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Nobody is there to hear it.
        }
    }
}
