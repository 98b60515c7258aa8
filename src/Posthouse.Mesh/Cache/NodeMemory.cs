using Microsoft.Extensions.Logging;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Wire;
using Posthouse.Storage;

namespace Posthouse.Mesh.Cache;

/// <summary>A provider as the file remembers it.</summary>
/// <param name="Id">Who.</param>
/// <param name="FirstSeen">When it was first heard.</param>
/// <param name="LastAlive">When it was last heard.</param>
/// <param name="Stamp">Its newest message.</param>
/// <param name="Counts">How well it served: numbers whose meaning their writer knows, at most 16.</param>
internal sealed record StoredProvider(NodeId Id, DateTimeOffset FirstSeen, DateTimeOffset LastAlive, Stamp Stamp, IReadOnlyList<double> Counts);

/// <summary>An address at which a peer was reached.</summary>
/// <param name="Address">The address.</param>
/// <param name="Node">Who answered there; null: nobody yet.</param>
/// <param name="LastSeen">When it was last reached, or told of.</param>
/// <param name="Failures">Attempts in a row that failed.</param>
internal sealed record StoredPeer(string Address, NodeId? Node, DateTimeOffset LastSeen, int Failures);

/// <summary>
/// What a node remembers beside prices: providers, addresses of peers, single facts, the last hour of each asset. Writes are wishes: they
/// return at once, of two for one place the newer wins, and a killed process loses those of the last second. Any thread.
/// </summary>
internal sealed class NodeMemory : IAsyncDisposable
{
    /// <summary>How long a wish waits.</summary>
    public static readonly TimeSpan FlushAfter = TimeSpan.FromSeconds(1);

    /// <summary>Wishes that wait at most: every asset's point, and as many others. What comes beyond is forgotten until it is wished again.</summary>
    public const int MaxWaiting = 8_192;

    private readonly PriceFile _file;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private Dictionary<(string Table, object Place), Action<ISqlWrite>> _wishes = [];
    private Task _round = Task.CompletedTask;
    private bool _isClosed;
    private bool _isFailing;

    /// <summary>Writes into the file of the prices.</summary>
    /// <param name="file">The file; not owned.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="logger">Told when wishes cannot be written, and when they can be again; not of each try.</param>
    public NodeMemory(PriceFile file, TimeProvider time, ILogger logger)
    {
        (_file, _logger) = (file, logger);
        _timer = time.CreateTimer(_ => StartRound(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>All known providers. One that cannot be read is left out.</summary>
    /// <exception cref="PosthouseException">The file cannot be read now.</exception>
    public async Task<IReadOnlyList<StoredProvider>> LoadProvidersAsync() =>
        [.. (await _file.ReadAsync(read => read.Query("SELECT id, first_seen, last_alive, epoch, seq, counts FROM provider", NodeRows.Provider))).OfType<StoredProvider>()];

    /// <summary>All known addresses.</summary>
    /// <exception cref="PosthouseException">The file cannot be read now.</exception>
    public async Task<IReadOnlyList<StoredPeer>> LoadPeersAsync() =>
        await _file.ReadAsync(read => read.Query("SELECT address, node, last_seen, failures FROM peer_address", NodeRows.Peer));

    /// <summary>All single facts.</summary>
    /// <exception cref="PosthouseException">The file cannot be read now.</exception>
    public async Task<IReadOnlyDictionary<string, string>> LoadFactsAsync() =>
        (await _file.ReadAsync(read => read.Query("SELECT key, value FROM node_state", row => (row.Text(0), row.Text(1)))))
            .ToDictionary(fact => fact.Item1, fact => fact.Item2, StringComparer.Ordinal);

    /// <summary>The last hour of every asset, each oldest first.</summary>
    /// <exception cref="PosthouseException">The file cannot be read now.</exception>
    public async Task<ILookup<AssetKey, (DateTimeOffset At, decimal Price)>> LoadHistoryAsync() =>
        (await _file.ReadAsync(read => read.Query("SELECT asset, chain, at, price FROM price_history ORDER BY at", NodeRows.Point)))
            .ToLookup(point => point.Key, point => (point.At, point.Price));

    /// <summary>Remembers a provider.</summary>
    public void Save(StoredProvider provider) => Wish("provider", provider.Id, write => NodeRows.Save(write, provider));

    /// <summary>Forgets a provider.</summary>
    public void Forget(NodeId provider) =>
        Wish("provider", provider, write => write.Execute("DELETE FROM provider WHERE id = $1", Bytes(provider)));

    /// <summary>Remembers an address.</summary>
    public void Save(StoredPeer peer) => Wish("peer", peer.Address, write => NodeRows.Save(write, peer));

    /// <summary>Forgets an address.</summary>
    public void ForgetPeer(string address) =>
        Wish("peer", address, write => write.Execute("DELETE FROM peer_address WHERE address = $1", address));

    /// <summary>Remembers a single fact; null: forgets it.</summary>
    public void SaveFact(string key, string? value) => Wish("fact", key, write => NodeRows.SaveFact(write, key, value));

    /// <summary>Adds a point to an asset's last hour. Of two within half a minute the later stands.</summary>
    public void SavePoint(AssetKey key, DateTimeOffset at, decimal price)
    {
        var place = NodeRows.PlaceOf(at);
        Wish("history", (key, place), write => NodeRows.SavePoint(write, key, place, at, price));
    }

    /// <summary>Writes what waits.</summary>
    /// <returns>Whether it was written; what was not waits on.</returns>
    public async Task<bool> FlushAsync()
    {
        Dictionary<(string Table, object Place), Action<ISqlWrite>> wishes;
        lock (_lock)
            (wishes, _wishes) = (_wishes, []);
        if (wishes.Count == 0)
            return true;
        try
        {
            await _file.WriteAsync(write =>
            {
                foreach (var wish in wishes.Values)
                    wish(write);
                return true;
            });
            if (Interlocked.Exchange(ref _isFailing, false))
                _logger.MemoryWritten(wishes.Count);
            return true;
        }
        catch (Exception error)
        {
            if (!Interlocked.Exchange(ref _isFailing, true))
                _logger.MemoryNotWritten(error, wishes.Count);
            lock (_lock)
            {
                foreach (var (place, wish) in wishes)
                    _wishes.TryAdd(place, wish); // A newer one stands.
            }

            return false;
        }
    }

    /// <summary>Writes what waits, then takes nothing more. The file stays open.</summary>
    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (_lock)
            (_isClosed, running) = (true, _round);
        await _timer.DisposeAsync();
        await running;
        await FlushAsync();
    }

    internal static byte[] Bytes(NodeId node)
    {
        var bytes = new byte[NodeId.Size];
        node.Write(bytes);
        return bytes;
    }

    private void Wish(string table, object place, Action<ISqlWrite> wish)
    {
        bool isFirst;
        lock (_lock)
        {
            if (_isClosed || (_wishes.Count >= MaxWaiting && !_wishes.ContainsKey((table, place))))
                return;
            isFirst = _wishes.Count == 0;
            _wishes[(table, place)] = wish;
        }

        if (isFirst)
            _timer.Change(FlushAfter, Timeout.InfiniteTimeSpan);
    }

    private void StartRound()
    {
        lock (_lock)
        {
            if (!_isClosed && _round.IsCompleted)
                _round = RoundAsync();
        }
    }

    private async Task RoundAsync()
    {
        await FlushAsync();
        lock (_lock)
        {
            if (!_isClosed && _wishes.Count > 0)
                _timer.Change(FlushAfter, Timeout.InfiniteTimeSpan);
        }
    }
}
