using Microsoft.Extensions.Logging;
using Posthouse.Connectivity;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;
using Posthouse.Storage;

namespace Posthouse.Mesh.Hosting;

/// <summary>What a node is made of beside its engine; opened in the order in which one stands on the other, and closed the other way round.</summary>
internal sealed class NodeParts : IAsyncDisposable
{
    /// <summary>The node's key in its folder.</summary>
    public const string KeyFile = "node.key";

    /// <summary>The count of its starts.</summary>
    public const string EpochName = "epoch";

    private readonly MeshOptions _options;
    private readonly PriceFile _file;
    private readonly List<StoredCheck> _checks = [];

    private NodeParts(MeshOptions options, IPriceTierFactory? shared, IExchange exchange, ISocketDial streams, ISocketDial peers, TimeProvider time, ILogger log)
    {
        (_options, Time, Events) = (options, time, new MeshEvents(log, time));
        Durable.CreatePrivateDirectory(options.Folder);
        Key = new NodeKeys(options.Folder).Own();
        Epoch = EpochFile.Next(Path.Combine(options.Folder, EpochName), time.GetUtcNow());
        Standing = new OwnStanding(options, Key.Public);
        Loop = new MeshLoop(time, Events);
        Desk = new SourceDesk(options.Source, options.Slots.Interval, exchange, streams, time, Loop, Events);
        Sockets = new PeerSockets(Loop, peers, time);
        _file = new PriceFile(Path.Combine(options.Folder, PriceFile.FileName), time, Events);
        Memory = new NodeMemory(_file, time, Events);
        var network = NetworkId.Of(options.Network);
        Cache = new PriceCache(
            new SqliteTier(_file, Check(StoredCheck.OwnStore(CheckRules.Default))),
            shared?.Open(network, Check(StoredCheck.SharedStore(CheckRules.Default)), time),
            time,
            Events);

        StoredCheck Check(CheckRules rules)
        {
            var check = new StoredCheck(network, new EcdsaSignatures(), Trust(), rules, time);
            _checks.Add(check);
            return check;
        }
    }

    /// <summary>The clocks.</summary>
    public TimeProvider Time { get; }

    /// <summary>The log, and its last lines.</summary>
    public MeshEvents Events { get; }

    /// <summary>The key.</summary>
    public EcdsaKey Key { get; }

    /// <summary>Which start of the node this is.</summary>
    public uint Epoch { get; }

    /// <summary>Whether others believe what it says.</summary>
    public OwnStanding Standing { get; }

    /// <summary>What the host counts.</summary>
    public MeshCounters Counters { get; } = new();

    /// <summary>The engine's loop.</summary>
    public MeshLoop Loop { get; }

    /// <summary>The source.</summary>
    public SourceDesk Desk { get; }

    /// <summary>The connections.</summary>
    public PeerSockets Sockets { get; }

    /// <summary>What is remembered beside prices.</summary>
    public NodeMemory Memory { get; }

    /// <summary>The tiers.</summary>
    public PriceCache Cache { get; }

    /// <summary>Opens everything; nothing runs yet.</summary>
    public static NodeParts Open(MeshOptions options, IPriceTierFactory? shared, IExchange exchange, ISocketDial streams, ISocketDial peers, TimeProvider time, ILogger log) =>
        new(options, shared, exchange, streams, peers, time, log);

    /// <summary>Judges signers; each user has one of its own, for it remembers what it checked.</summary>
    public ProviderTrust Trust()
    {
        var operators = new List<PublicKey>();
        foreach (var written in _options.Operators)
        {
            if (PublicKey.TryParse(written, out var key))
                operators.Add(key!);
        }

        return new ProviderTrust(_options.Trust, _options.Providers, operators, _options.Banned);
    }

    /// <summary>What the tiers read is judged by a change of key, too, that the engine believes.</summary>
    public void Follow(SignedFrame change)
    {
        foreach (var check in _checks)
            check.Follow(change);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Desk.DisposeAsync();
        await Sockets.DisposeAsync();
        Loop.Dispose();
        await Memory.DisposeAsync();
        await Cache.DisposeAsync();
        Key.Dispose();
    }
}
