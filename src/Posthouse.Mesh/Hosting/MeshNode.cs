using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>
/// A node of the price mesh in this process. Prices and the status are read from memory, from any thread: no read waits for a network, a
/// disk or Redis, and none fails because they do.
/// </summary>
public sealed partial class MeshNode : IAsyncDisposable
{
    /// <summary>Time between two writes of the addresses that are known.</summary>
    private static readonly TimeSpan _addressesEvery = TimeSpan.FromSeconds(30);

    private static readonly string Agent = $"posthouse/{typeof(MeshNode).Assembly.GetName().Version?.ToString(3)}";

    private readonly NodeParts _parts;
    private readonly EngineMemory _memory;
    private readonly GossipNode _engine;
    private readonly CancellationTokenSource _stopping = new();
    private Task _merge = Task.CompletedTask;
    private TimeSpan _addressesAt;
    private bool _reachTold;
    private volatile bool _isLeaving;

    private MeshNode(NodeParts parts, EngineMemory memory, MeshOptions options, IIds ids)
    {
        (_parts, _memory, Options) = (parts, memory, options);
        _engine = new GossipNode(NodeSetup.Of(parts, memory, options, ids, Agent), parts.Loop.Now);
        Feed = new PriceFeed(parts.Time.GetUtcNow());
    }

    /// <summary>Who this node is; its id follows from its key.</summary>
    public NodeId Id => _engine.Id;

    /// <summary>Its public key as people write it, for operators: SPKI in Base64.</summary>
    public string PublicKey => _parts.Key.Public.ToString();

    /// <summary>Ends when the node has stopped; faulted if it failed. Prices are readable all the same.</summary>
    public Task Completion => _parts.Loop.Completion;

    /// <summary>Whether it provides prices.</summary>
    public bool IsProvider => _engine.Book.Network.SelfIsProvider;

    /// <summary>When its source last gave prices; null: not since its start.</summary>
    public DateTimeOffset? LastFetch => _parts.Desk.LastFetch;

    /// <summary>Fetches that brought prices since its start.</summary>
    public long Fetches => _parts.Desk.Fetches;

    /// <summary>Whether it got another key, so that nobody believes what it signs until its next start.</summary>
    internal bool IsKeyChanged { get; private set; }

    /// <summary>How it was configured.</summary>
    internal MeshOptions Options { get; }

    /// <summary>Tells watchers what changes.</summary>
    internal PriceFeed Feed { get; }

    /// <summary>The values that are served now.</summary>
    internal PriceSnapshot Snapshot => _engine.Book.Snapshot;

    /// <summary>How the tiers do.</summary>
    internal IReadOnlyList<TierReport> Tiers => _parts.Cache.Tiers;

    /// <summary>Starts a node: opens its folder, loads its prices, and joins the mesh. When the task ends its last prices are served; Redis and peers come later.</summary>
    /// <param name="options">How.</param>
    /// <param name="shared">The tier that several nodes share; null: none.</param>
    /// <param name="exchange">The way out to a source.</param>
    /// <param name="streams">The way out to a source that is followed.</param>
    /// <param name="peers">The way out to other nodes.</param>
    /// <param name="ids">Chance.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="log">Where the log goes.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: an option or a key cannot be used.</exception>
    internal static async Task<MeshNode> StartAsync(
        MeshOptions options, IPriceTierFactory? shared, IExchange exchange, ISocketDial streams, ISocketDial peers, IIds ids, TimeProvider time, ILogger log)
    {
        var parts = NodeParts.Open(options.Checked(), shared, exchange, streams, peers, time, log);
        try
        {
            var node = new MeshNode(parts, await EngineMemory.LoadAsync(parts.Memory, parts.Events), options, ids);
            await node.BeginAsync();
            return node;
        }
        catch
        {
            await parts.DisposeAsync();
            throw;
        }
    }

    /// <summary>The mesh as this node sees it.</summary>
    public NetworkStatus GetStatus() => _engine.Book.Network.GetStatus(_parts.Loop.Now) with
    {
        NodeId = Id,
        Network = Options.Network,
        Epoch = _parts.Epoch,
        SelfWarning = IsProvider ? _parts.Standing.Doubt(_parts.Time.GetUtcNow()) : null,
        UnreachableSeeds = _engine.Seeds.Unreachable,
    };

    /// <summary>One price, by symbol (<c>BTC</c>; the newest of all chains) or by symbol and chain (<c>USDC@base</c>); null: nobody ever told it, or its age hides it.</summary>
    public ServedPrice? GetPriceData(string asset)
    {
        ArgumentNullException.ThrowIfNull(asset);
        var price = Look(asset);
        _parts.Counters.Read(price is not null);
        return price;
    }

    /// <summary>All prices, by asset.</summary>
    public IReadOnlyDictionary<string, ServedPrice> GetAllPriceData() => _engine.Book.GetAllPriceData(_parts.Time.GetUtcNow());

    /// <summary>One price; if memory does not have it, the tiers are asked.</summary>
    /// <param name="asset">As with <see cref="GetPriceData"/>.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<ServedPrice?> FindPriceAsync(string asset, CancellationToken cancellationToken)
    {
        if (Look(asset) is null && await _parts.Cache.FindAsync(AssetKey.Of(asset), cancellationToken) is { Frames.Count: > 0 } found)
            await RestoreAsync(found.Frames, found.Origin);
        return GetPriceData(asset);
    }

    /// <summary>Whether there is a price of an asset, named as with <see cref="GetPriceData"/>.</summary>
    internal bool Knows(string asset) => Look(asset) is not null;

    /// <summary>The last hour of one asset, named as with <see cref="GetPriceData"/>, oldest first; empty if nothing is known.</summary>
    public IReadOnlyList<PricePoint> GetHistory(string asset) =>
        Look(asset) is { } price ? _engine.Book.GetHistory(new AssetKey(price.Asset, price.Blockchain)) : [];

    /// <summary>All known providers, those that are alive first.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.StoreUnavailable"/>: the node has stopped.</exception>
    public Task<IReadOnlyList<MeshProvider>> GetProvidersAsync() => _parts.Loop.AskAsync((engine, now) => MeshLists.Providers(engine, _memory.FirstProvided, now));

    /// <summary>All peers with an open connection.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.StoreUnavailable"/>: the node has stopped.</exception>
    public Task<IReadOnlyList<MeshPeer>> GetPeersAsync() => _parts.Loop.AskAsync(MeshLists.Peers);

    /// <summary>What is counted, for who watches over many nodes.</summary>
    internal Task<IReadOnlyList<MeshMetric>> GetMetricsAsync() => _parts.Loop.AskAsync((engine, now) => MeshMetrics.Of(engine, this, _parts, now));

    /// <summary>What happened since an event, as far as it is remembered.</summary>
    /// <param name="number">The number of the last event that is known; 0: none.</param>
    public IReadOnlyList<MeshEvent> GetEvents(long number) => _parts.Events.Since(number);

    /// <summary>Tries the source, and provides prices from now on. A second call changes nothing but the key.</summary>
    /// <param name="key">The vendor's key; null: the configured one.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <returns>Null: it provides; else why the source did not answer as it should.</returns>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: no source is configured, or it cannot work.</exception>
    public async Task<SourceFault?> EnableProviderAsync(SourceKey? key, CancellationToken cancellationToken)
    {
        var fault = await _parts.Desk.EnableAsync(key, cancellationToken);
        if (fault is null)
            TellDoubt();
        return fault;
    }

    /// <summary>Provides prices no more; the node still relays and serves.</summary>
    public Task DisableProviderAsync() => _parts.Desk.DisableAsync();

    /// <summary>Gives the node another key: the mesh is told, and the next start has it; until then it provides nothing.</summary>
    internal async Task<ChangedKey> ChangeKeyAsync()
    {
        var changed = await KeyRotation.RunAsync(_parts, Options);
        IsKeyChanged = true;
        return changed;
    }

    /// <summary>Says goodbye, closes the connections and writes what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _merge;
        await LeaveAsync();
        _memory.SaveAddresses(_engine.Addresses.Known);
        await _parts.DisposeAsync();
        _parts.Events.NodeStopped(Id);
        _stopping.Dispose();
    }

    /// <summary>Says goodbye and closes the connections, those that come later too; what was known stays readable.</summary>
    internal async Task LeaveAsync()
    {
        _isLeaving = true;
        if (!Completion.IsCompleted)
        {
            await _parts.Loop.AskAsync((engine, now) =>
            {
                engine.Stop(now);
                return true;
            });
        }

        await _parts.Sockets.CloseAsync();
    }

    /// <summary>Serves a connection of another node until it ends.</summary>
    /// <param name="socket">The connection, upgraded.</param>
    /// <param name="from">Where it comes from.</param>
    internal Task ServePeerAsync(WebSocket socket, IPAddress? from) => _parts.Sockets.ServeAsync(socket, from);

    /// <summary>Others are told from now on that this node takes connections there.</summary>
    internal void Listen(string address)
    {
        var own = PeerAddress.Of(address);
        _parts.Loop.Post((engine, _) => engine.Listen(own));
    }

    /// <summary>A watcher was told prices that were accepted then, on the loop's steady clock.</summary>
    internal void Delivered(TimeSpan accepted) => _parts.Counters.Delivery.Add(_parts.Loop.Now.Steady - accepted);

    /// <summary>Asks the engine something.</summary>
    internal Task<T> AskAsync<T>(Func<GossipNode, Moment, T> question) => _parts.Loop.AskAsync(question);

    private ServedPrice? Look(string asset)
    {
        var now = _parts.Time.GetUtcNow();
        return asset.Contains('@', StringComparison.Ordinal) ? _engine.Book.GetPriceData(AssetKey.Of(asset), now) : _engine.Book.GetPriceData(asset, now);
    }
}
