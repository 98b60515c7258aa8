using System.Net.WebSockets;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>How a stream is followed.</summary>
internal sealed record StreamOptions
{
    /// <summary>Where it is.</summary>
    public Uri Address { get; init; } = new("wss://ws-feed.exchange.coinbase.com");

    /// <summary>The move that is worth a message. Default 0.1 %.</summary>
    public decimal Deviation { get; init; } = 0.001m;

    /// <summary>After so long any price is worth one. Default 30 s, the usual interval.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest gap that is expected between two messages; twice as long is death. Default 5 s: heartbeats come every second.</summary>
    public TimeSpan ExpectedGap { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest gap that is expected between two prices of any asset; heartbeats alone for twice as long are death too. Default 60 s.</summary>
    public TimeSpan ExpectedPriceGap { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time for connecting and for asking. Default 5 s: the far side hangs up after 5 s without a request.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most bytes of a message. Default 64 KiB; a ticker has half of one.</summary>
    public int MaxMessageBytes { get; init; } = 64 << 10;
}

/// <summary>
/// Coinbase Exchange's feed. One loop reads it. A connection that stands but says nothing is as good as none, and no error ever tells: so a
/// watchdog ends it.
/// </summary>
internal sealed class CoinbaseStream(StreamOptions options, ISocketDial dial, TimeProvider time) : IPriceStream
{
    /// <inheritdoc/>
    public string Name => "coinbase";

    /// <inheritdoc/>
    public async Task<SourceFault> RunAsync(IReadOnlyList<AssetKey> assets, Action<PriceFetch> publish, CancellationToken cancellationToken)
    {
        var products = new Dictionary<string, AssetKey>(StringComparer.Ordinal);
        var unknown = new List<ReadingFlaw>();
        foreach (var key in assets.Distinct())
        {
            if (CoinbaseMessages.Plan.SymbolOf(key) is { } product)
                products[product] = key;
            else
                unknown.Add(new(key, ReadingFlawKind.NotMapped));
        }

        if (unknown.Count > 0)
            publish(new PriceFetch([], unknown));
        if (products.Count == 0)
            return new SourceFault(SourceFaultKind.Refused, "The source has none of these assets.");
        try
        {
            using var socket = await ConnectAsync(products.Keys, cancellationToken);
            return await FollowAsync(socket, products, publish, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or HttpRequestException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new SourceFault(SourceFaultKind.NotReached, "The source was not reached.");
        }
    }

    private async Task<WebSocket> ConnectAsync(IEnumerable<string> products, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ConnectTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var socket = await dial.DialAsync(options.Address, both.Token);
        try
        {
            await socket.SendAsync(CoinbaseMessages.Subscribe(products), WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, both.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<SourceFault> FollowAsync(
        WebSocket socket, Dictionary<string, AssetKey> products, Action<PriceFetch> publish, CancellationToken cancellationToken)
    {
        var gate = new DeviationGate(time, options.Deviation, options.Heartbeat);
        var buffer = new byte[options.MaxMessageBytes];
        var lastPrice = time.GetTimestamp();
        using var silence = new CancellationTokenSource(options.ExpectedGap * 2, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        while (true)
        {
            var (length, ended) = await ReceiveAsync(socket, buffer, silence, either.Token, cancellationToken);
            if (ended is not null)
                return ended;

            // Set anew after a whole message only: a far side that sends a byte now and then is silent too.
            silence.CancelAfter(options.ExpectedGap * 2);
            switch (CoinbaseMessages.Of(buffer.AsSpan(0, length), out var text))
            {
                case CoinbaseMessage.Ticker when text is not null && products.TryGetValue(text, out var key):
                    var read = CoinbaseMessages.Read(buffer.AsSpan(0, length), key, time.GetUtcNow());
                    lastPrice = read.IsFailure ? lastPrice : time.GetTimestamp();
                    if (read.Flaws.Count > 0 || gate.Passes(read.Prices[0]))
                        publish(read);
                    break;
                case CoinbaseMessage.Error:
                    return new SourceFault(SourceFaultKind.Refused, $"The source refused: {SourceFaults.Clean(text, null, 200)}");
                case CoinbaseMessage.Garbage:
                    return new SourceFault(SourceFaultKind.NotJson, "The source sent a message that is no JSON.");
            }

            if (time.GetElapsedTime(lastPrice) > options.ExpectedPriceGap * 2)
                return new SourceFault(SourceFaultKind.Silent, "The source sends heartbeats, but no prices.");
        }
    }

    /// <summary>Reads one whole message, or says why there will be none.</summary>
    private static async Task<(int Length, SourceFault? Ended)> ReceiveAsync(
        WebSocket socket, byte[] buffer, CancellationTokenSource silence, CancellationToken either, CancellationToken cancellationToken)
    {
        try
        {
            for (var length = 0; length < buffer.Length;)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), either);
                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Close)
                    return (0, new SourceFault(SourceFaultKind.Closed, "The source closed the connection."));
                if (part.EndOfMessage)
                    return (length, null);
            }

            return (0, new SourceFault(SourceFaultKind.TooLarge, "The source sent a message that is longer than allowed."));
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (0, silence.IsCancellationRequested
                ? new SourceFault(SourceFaultKind.Silent, "The connection stood, but the source said nothing.")
                : new SourceFault(SourceFaultKind.BrokeOff, "The connection broke off."));
        }
    }
}
