using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>Somebody who watches prices over <c>/ws</c>, and keeps all that was said.</summary>
internal sealed class PriceWatcher : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly byte[] _buffer = new byte[256 << 10];

    private PriceWatcher()
    {
    }

    /// <summary>What was heard so far, oldest first.</summary>
    public List<JsonElement> Heard { get; } = [];

    /// <summary>The number of the last prices that were heard.</summary>
    public long Number => Heard.Where(message => message.TryGetProperty("seq", out _)).Select(message => message.GetProperty("seq").GetInt64()).LastOrDefault();

    public static async Task<PriceWatcher> ConnectAsync(HttpMessageInvoker invoker, long? since)
    {
        var watcher = new PriceWatcher();
        var query = since is { } last ? string.Create(CultureInfo.InvariantCulture, $"?since={last}") : "";
        await watcher._socket.ConnectAsync(new Uri("ws://node/ws" + query), invoker, watcher._stopping.Token);
        return watcher;
    }

    /// <summary>Whether a message is a warning with this code.</summary>
    public static bool Warns(JsonElement message, string code) => Type(message) == "MeshWarning" && message.GetProperty("data").GetProperty("code").GetString() == code;

    /// <summary>What kind of message it is.</summary>
    public static string Type(JsonElement message) => message.GetProperty("type").GetString()!;

    /// <summary>Listens until a message is the sought one.</summary>
    public async Task<JsonElement> HearsAsync(Func<JsonElement, bool> sought)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(_patience);
        while (true)
        {
            var message = await NextAsync(patience.Token);
            if (sought(message)) { return message; }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
        _stopping.Dispose();
    }

    private async Task<JsonElement> NextAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            length += part.Count;
        }
        while (!part.EndOfMessage);
        part.MessageType.ShouldBe(WebSocketMessageType.Text, $"{_socket.CloseStatus}: {_socket.CloseStatusDescription}");
        using var json = JsonDocument.Parse(_buffer.AsMemory(0, length));
        Heard.Add(json.RootElement.Clone());
        return Heard[^1];
    }
}
