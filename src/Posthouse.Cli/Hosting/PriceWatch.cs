using System.Net.WebSockets;
using System.Text.Json;
using Posthouse.Cli.Output;
using Posthouse.Mesh;
using Posthouse.Mesh.Prices;

namespace Posthouse.Cli.Hosting;

/// <summary>Follows prices over a node's WebSocket: a line for each change, and one where the mesh changes. A lost connection is made again for as long as it takes.</summary>
internal sealed class PriceWatch(MeshSite site, AssetChoice wanted)
{
    /// <summary>Bytes of one message: all prices of a large mesh.</summary>
    private const int MaxMessageBytes = 16 << 20;

    private static readonly TimeSpan _firstWait = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(30);

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
        var isFirst = _number is null;
        if (root.TryGetProperty("seq", out var number)) { _number = number.GetInt64(); }
        var prices = root.GetProperty("type").GetString() is "PriceMeshInitial" or "PriceMeshUpdate" ? Wanted(root.GetProperty("data")) : null;
        if (isFirst && prices is not null) { TellMissing(prices); }
        if (site.Json)
        {
            // Of an update that has nothing to do with what was named, nothing is left to tell.
            if (isFirst || prices is not { Count: 0 }) { site.Output.WriteLine(prices is null || wanted.IsAll ? root.GetRawText() : Narrow(root, prices)); }
            return;
        }

        foreach (var price in prices ?? []) { Show(price.Name, price.Value.Deserialize(MeshJson.Default.ServedPrice)!); }
        if (root.GetProperty("type").GetString() == "MeshWarning") { Warn(root.GetProperty("data")); }
    }

    private List<JsonProperty> Wanted(JsonElement prices) =>
        [.. prices.EnumerateObject().Where(price => wanted.Has(price.Name, Symbol(price))).OrderBy(price => price.Name, StringComparer.Ordinal)];

    /// <summary>An asset may still come; one that was mistyped never does.</summary>
    private void TellMissing(List<JsonProperty> prices)
    {
        var missing = wanted.Missing(prices.Select(price => (price.Name, Symbol(price))));
        if (missing is not null) { site.Error.WriteLine(TextTable.Clean($"{site.Terminal.WarningMark} No price is known of {missing} yet; it is shown when one comes.", site.Terminal.Unicode)); }
        if (wanted.IsAll && prices.Count == 0) { site.Error.WriteLine("No prices are known here yet; they are shown as they come."); }
    }

    private static string Narrow(JsonElement message, List<JsonProperty> prices)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var member in message.EnumerateObject())
            {
                if (member.Name != "data")
                {
                    member.WriteTo(json);
                    continue;
                }

                json.WriteStartObject(member.Name);
                foreach (var price in prices) { price.WriteTo(json); }
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static string Symbol(JsonProperty price) => price.Value.GetProperty("asset").GetString()!;

    private void Warn(JsonElement warning)
    {
        var mark = warning.GetProperty("severity").GetString() == "info" ? site.Terminal.NoteMark : site.Terminal.WarningMark;
        site.Output.WriteLine(TextTable.Clean($"{mark} {warning.GetProperty("message").GetString()}", site.Terminal.Unicode));
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
