using System.Globalization;
using Microsoft.Extensions.Logging;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Providers;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>What the engine remembers beyond its process, in the node's own file: providers, the outage, addresses, the budget's use.</summary>
internal sealed class EngineMemory : INetworkMemory
{
    private const string OfflineFact = "offline_since";
    private const string BudgetFact = "budget";
    private const string ProvidedFact = "provides_since";
    private const string KeysFact = "key_changes";

    private readonly NodeMemory _store;
    private readonly ILogger _logger;
    private readonly Dictionary<string, KnownAddress> _addresses;
    private readonly List<SignedFrame> _keyChanges;

    private EngineMemory(NodeMemory store, ILogger logger, IReadOnlyList<StoredProvider> providers, IReadOnlyList<StoredPeer> peers, IReadOnlyDictionary<string, string> facts)
    {
        (_store, _logger) = (store, logger);
        Providers = [.. providers.Select(OfStored)];
        _addresses = peers.ToDictionary(peer => peer.Address, peer => new KnownAddress(peer.Address, peer.Node ?? default, peer.LastSeen), StringComparer.Ordinal);
        OfflineSince = facts.TryGetValue(OfflineFact, out var since) ? Time(since) : null;
        Used = facts.TryGetValue(BudgetFact, out var use) ? UseOf(use) : default;
        FirstProvided = facts.TryGetValue(ProvidedFact, out var first) ? Time(first) : null;
        _keyChanges = facts.TryGetValue(KeysFact, out var changes) ? KeyWords.Read(changes) : [];
    }

    /// <inheritdoc/>
    public IReadOnlyList<KnownProvider> Providers { get; }

    /// <inheritdoc/>
    public DateTimeOffset? OfflineSince { get; }

    /// <summary>Addresses at which peers were reached or told of.</summary>
    public IReadOnlyList<KnownAddress> Addresses => [.. _addresses.Values];

    /// <summary>What was used of the vendor's quota. A key that was refused is not held against the next one.</summary>
    public BudgetUse Used { get; private set; }

    /// <summary>When this node first provided prices; null: never.</summary>
    public DateTimeOffset? FirstProvided { get; private set; }

    /// <summary>Providers' changes of key that were believed, in the order in which they came: who lists the first of a row believes the last.</summary>
    public IReadOnlyList<SignedFrame> KeyChanges => _keyChanges;

    /// <summary>Reads what the file keeps. A file that cannot be read is told of, and the node begins without it.</summary>
    public static async Task<EngineMemory> LoadAsync(NodeMemory store, ILogger logger)
    {
        try
        {
            return new(store, logger, await store.LoadProvidersAsync(), await store.LoadPeersAsync(), await store.LoadFactsAsync());
        }
        catch (PosthouseException failure)
        {
            logger.MemoryNotRead(failure);
            return new(store, logger, [], [], new Dictionary<string, string>());
        }
    }

    /// <summary>The last hour of every asset, each oldest first; nothing where the file cannot be read.</summary>
    public async Task<ILookup<AssetKey, (DateTimeOffset At, decimal Price)>> PastAsync()
    {
        try
        {
            return await _store.LoadHistoryAsync();
        }
        catch (PosthouseException failure)
        {
            _logger.MemoryNotRead(failure);
            return Array.Empty<(AssetKey Key, (DateTimeOffset, decimal) Point)>().ToLookup(entry => entry.Key, entry => entry.Point);
        }
    }

    /// <inheritdoc/>
    public void Save(KnownProvider provider)
    {
        var (served, due, agreed, judged) = provider.Health;
        _store.Save(new StoredProvider(provider.Id, provider.FirstSeen, provider.LastAlive, provider.Stamp, [served, due, agreed, judged]));
    }

    /// <inheritdoc/>
    public void Forget(NodeId provider) => _store.Forget(provider);

    /// <inheritdoc/>
    public void SaveOffline(DateTimeOffset? since) => _store.SaveFact(OfflineFact, since is { } at ? Text(at) : null);

    /// <summary>Keeps the addresses that are known now, and forgets the others.</summary>
    public void SaveAddresses(IEnumerable<KnownAddress> known)
    {
        var gone = new HashSet<string>(_addresses.Keys, StringComparer.Ordinal);
        foreach (var address in known)
        {
            gone.Remove(address.Address);
            if (_addresses.TryGetValue(address.Address, out var kept) && kept == address)
                continue;
            _addresses[address.Address] = address;
            _store.Save(new StoredPeer(address.Address, address.Node.IsNil ? null : address.Node, address.LastSeen, 0));
        }

        foreach (var address in gone)
        {
            _addresses.Remove(address);
            _store.ForgetPeer(address);
        }
    }

    /// <summary>This node provides prices; the first time is kept.</summary>
    public void Provides(DateTimeOffset now)
    {
        if (FirstProvided is not null)
            return;
        FirstProvided = now;
        _store.SaveFact(ProvidedFact, Text(now));
    }

    /// <summary>Keeps a change of key that is believed. The engine believes a bounded number.</summary>
    public void SaveKeyChange(SignedFrame change)
    {
        if (_keyChanges.Exists(known => known.Envelope.Signer == change.Envelope.Signer))
            return;
        _keyChanges.Add(change);
        _store.SaveFact(KeysFact, KeyWords.Write(_keyChanges));
    }

    /// <summary>Keeps what is used of the vendor's quota.</summary>
    public void SaveUse(BudgetUse use)
    {
        if (use == Used)
            return;
        Used = use;
        _store.SaveFact(BudgetFact, string.Create(CultureInfo.InvariantCulture,
            $"{use.Day:yyyy-MM-dd} {use.UsedInDay} {use.UsedInMonth} {(use.BlockedUntil is { } until ? Text(until) : "-")}"));
    }

    private static KnownProvider OfStored(StoredProvider provider)
    {
        var counts = provider.Counts.Concat([0d, 0, 0, 0]).Take(4).ToArray();
        return new(provider.Id, provider.FirstSeen, provider.LastAlive, provider.Stamp, new(counts[0], counts[1], counts[2], counts[3]));
    }

    private static BudgetUse UseOf(string text) =>
        text.Split(' ') is [var day, var inDay, var inMonth, var until]
        && DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
        && int.TryParse(inDay, NumberStyles.None, CultureInfo.InvariantCulture, out var used)
        && int.TryParse(inMonth, NumberStyles.None, CultureInfo.InvariantCulture, out var month)
            ? new(date, used, month, Time(until), IsKeyRefused: false)
            : default;

    private static string Text(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static DateTimeOffset? Time(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= MeshProtocol.MaxUnixMilliseconds
            ? DateTimeOffset.FromUnixTimeMilliseconds(at)
            : null;
}
