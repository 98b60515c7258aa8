using System.Net.WebSockets;
using System.Text.Json;
using Posthouse.Cli.Output;
using Posthouse.Mesh;
using Posthouse.Mesh.Prices;

namespace Posthouse.Cli.Hosting;

/// <summary>Follows prices over a node's WebSocket: a line for each change, and one where the mesh changes. A lost connection is made again for as long as it takes.</summary>
internal sealed class PriceWatch(MeshSite site, string[] assets)
{
    /// <summary>Bytes of one message: all prices of a large mesh.</summary>
    private const int MaxMessageBytes = 16 << 20;

    private static readonly TimeSpan _firstWait = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> _wanted = new(assets, StringComparer.OrdinalIgnoreCase);
    private long? _number;

    /// <summary>Follows until it is cancelled.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var wait = _firstWait;
        while (true)
        {
            try
            {
                await FollowAsync(() => wait = _firstWait, cancellationToken);
            }
            catch (Exception e) when (e is WebSocketException or IOException or HttpRequestException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_number is null && wait == _firstWait) { throw new PosthouseException(MeshErrors.Unreachable, $"The server at {site.Address} does not let prices be watched: {e.Message.TrimEnd('.')}. Is it running?", e); }
            }

            site.Error.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{site.Terminal.WarningMark} Connection lost; trying again in {wait.TotalSeconds:0.#} s"));
            await Task.Delay(wait, site.Time, cancellationToken);
            wait = wait * 2 < _longestWait ? wait * 2 : _longestWait;
        }
    }

    private async Task FollowAsync(Action connected, CancellationToken cancellationToken)
    {
        using var socket = new ClientWebSocket();
        (socket.Options.KeepAliveInterval, socket.Options.KeepAliveTimeout) = (TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(15));
        var address = new UriBuilder(new Uri(site.Address, "/ws")) { Scheme = site.Address.Scheme == "https" ? "wss" : "ws", Query = _number is { } last ? $"since={last}" : "" };
        await socket.ConnectAsync(address.Uri, site.Invoker, cancellationToken);
        connected();
        var message = new ArrayBuffer();
        while (await message.ReadAsync(socket, cancellationToken)) { Show(message.Text); }
    }

    private void Show(ReadOnlyMemory<byte> text)
    {
        using var message = JsonDocument.Parse(text);
        var root = message.RootElement;
        if (root.TryGetProperty("seq", out var number)) { _number = number.GetInt64(); }
        if (site.Json)
        {
            site.Output.WriteLine(root.GetRawText());
            return;
        }

        switch (root.GetProperty("type").GetString())
        {
            case "PriceMeshInitial" or "PriceMeshUpdate":
                foreach (var (asset, price) in root.GetProperty("data").Deserialize(MeshJson.Default.DictionaryStringServedPrice)!.OrderBy(price => price.Key, StringComparer.Ordinal))
                {
                    if (_wanted.Count == 0 || _wanted.Contains(asset) || _wanted.Contains(price.Asset)) { Show(asset, price); }
                }

                break;
            case "MeshWarning":
                var warning = root.GetProperty("data");
                var mark = warning.GetProperty("severity").GetString() == "info" ? site.Terminal.NoteMark : site.Terminal.WarningMark;
                site.Output.WriteLine(TextTable.Clean($"{mark} {warning.GetProperty("message").GetString()}", site.Terminal.Unicode));
                break;
        }
    }

    private void Show(string asset, ServedPrice price) => site.Output.WriteLine(TextTable.Clean(
        $"{price.Timestamp:HH:mm:ss}Z  {asset,-12} {PriceView.Money(price.Price),16}  {PriceView.Mark(price)}", site.Terminal.Unicode));

    /// <summary>One message, however many parts it comes in.</summary>
    private sealed class ArrayBuffer
    {
        private byte[] _bytes = new byte[64 << 10];
        private int _length;

        public ReadOnlyMemory<byte> Text => _bytes.AsMemory(0, _length);

        /// <summary>Reads the next message; false: there is none any more.</summary>
        public async Task<bool> ReadAsync(WebSocket socket, CancellationToken cancellationToken)
        {
            _length = 0;
            while (true)
            {
                var part = await socket.ReceiveAsync(_bytes.AsMemory(_length), cancellationToken);
                if (part.MessageType == WebSocketMessageType.Close) { return false; }

                _length += part.Count;
                if (part.EndOfMessage) { return true; }

                if (_length == MaxMessageBytes) { throw new WebSocketException("A message is longer than all prices of a mesh."); }
                if (_length == _bytes.Length) { Array.Resize(ref _bytes, Math.Min(_bytes.Length * 2, MaxMessageBytes)); }
            }
        }
    }
}
