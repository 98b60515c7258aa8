using Posthouse.Mesh.Wire;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>
/// One node as a process. The providers that it believes are keys of the test, so that what it serves is what the test says, and nothing
/// waits for an interval.
/// </summary>
internal sealed class OneNode : IAsyncDisposable
{
    /// <summary>The mesh's name.</summary>
    public const string Network = "one";

    private readonly string _root = Directory.CreateTempSubdirectory("posthouse-node-").FullName;
    private readonly List<ProviderVoice> _voices;

    /// <summary>Describes the node, and makes the providers' keys; nothing runs yet.</summary>
    /// <param name="providers">How many providers it believes.</param>
    /// <param name="under">What it runs under, by its folder; null: nothing.</param>
    public OneNode(int providers, Func<string, string[]>? under = null)
    {
        var address = $"127.0.0.1:{RunningProgram.FreePort()}";
        _voices = [.. Enumerable.Range(0, providers).Select(_ => new ProviderVoice(EcdsaKey.Create()))];
        string[] settings = ["Mesh:Enabled=true", "Mesh:Network=" + Network, "Mesh:Trust=allowlist", .. _voices.Select((voice, at) => $"Mesh:Providers:{at}={voice.Id}")];
        var folder = Directory.CreateDirectory(Path.Combine(_root, address[(address.LastIndexOf(':') + 1)..])).FullName;
        Node = new MeshNodeProcess(_root, under?.Invoke(folder) ?? [], address, settings);
    }

    /// <summary>The node.</summary>
    public MeshNodeProcess Node { get; }

    /// <summary>The providers that it believes.</summary>
    public IReadOnlyList<ProviderVoice> Voices => _voices;

    /// <summary>Starts the node, and lets all providers meet it.</summary>
    public async Task StartAsync()
    {
        await Node.StartAsync();
        foreach (var voice in _voices) { await voice.MeetAsync(Node); }
    }

    /// <summary>Waits until an asset is served at a price.</summary>
    public Task ServesAsync(string asset, decimal price) => MeshGround.UntilAsync(
        async () => (await Node.PricesAsync()).TryGetValue(asset, out var served) && served.Price == price,
        async () => $"{asset} should be {price}, and served is:\n{await MeshGround.ServedAsync(Node)}");

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        foreach (var voice in _voices) { await voice.DisposeAsync(); }

        Directory.Delete(_root, recursive: true);
    }
}

/// <summary>A provider without a source: it signs what the test says, and is a peer of the node that shall hear it.</summary>
internal sealed class ProviderVoice(EcdsaKey key) : IAsyncDisposable
{
    private readonly Signatory _signatory = new(key, NetworkId.Of(OneNode.Network), 1);
    private RawPeer? _peer;
    private Task _listening = Task.CompletedTask;

    /// <summary>Who it is.</summary>
    public NodeId Id => key.Public.Id;

    /// <summary>Its key.</summary>
    public EcdsaKey Key => key;

    /// <summary>Connects to a node, whatever was before.</summary>
    public async Task MeetAsync(MeshNodeProcess node)
    {
        await LeaveAsync();
        _peer = await node.ConnectAsync();
        await _peer.GreetAsync(key, OneNode.Network);
        _listening = _peer.AnswerAsync();
    }

    /// <summary>Signs prices, and sends them.</summary>
    /// <returns>What was sent.</returns>
    public Task<byte[]> SayAsync(params (string Asset, decimal Price)[] prices) => SayAsync(TimeProvider.System.GetUtcNow(), MeshProtocol.DefaultTtl, prices);

    /// <summary>Signs prices as of a time, and sends them.</summary>
    public async Task<byte[]> SayAsync(DateTimeOffset at, byte ttl, params (string Asset, decimal Price)[] prices)
    {
        var frame = Sign(at, ttl, prices);
        await SendAsync(frame);
        return frame;
    }

    /// <summary>Sends something to the node it has met.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> frame) => _peer!.SendAsync(frame);

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        key.Dispose();
    }

    private byte[] Sign(DateTimeOffset at, byte ttl, (string Asset, decimal Price)[] prices)
    {
        var readings = prices.Select(price => new PriceReading(AssetKey.Of(price.Asset), price.Price, DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds())));
        return _signatory.Sign(new PriceContent((ulong)at.ToUnixTimeSeconds(), [.. readings.OrderBy(reading => reading.Key)]), at, ttl).Envelope.Frame.ToArray();
    }

    private async Task LeaveAsync()
    {
        _peer?.Leave();
        await _listening;
        _peer?.Dispose();
        _peer = null;
    }
}
