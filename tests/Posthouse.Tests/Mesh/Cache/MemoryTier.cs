using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Cache;

/// <summary>A tier in memory that fails when a test says so. Opened twice on one place it shows what the other wrote.</summary>
internal sealed class MemoryTier(StoredCheck check, MemoryTier.Place? place = null) : IOwnTier
{
    private readonly Place _place = place ?? new Place();

    public string Name => "memory";

    /// <summary>What a call does instead of answering; null: it answers.</summary>
    public Func<Task>? Trouble { get; set; }

    /// <summary>Whether the place was emptied since it was last asked.</summary>
    public bool HasLost { get; set; }

    public List<IReadOnlyList<KeptPrice>> Writes { get; } = [];

    public int Reads { get; private set; }

    public bool IsClosed { get; private set; }

    public async Task<IReadOnlyList<SignedFrame>> LoadAsync(CancellationToken cancellationToken)
    {
        await Ask();
        return Believed(_place.Rows.Values);
    }

    public async Task<IReadOnlyList<SignedFrame>> ReadAsync(AssetKey key, CancellationToken cancellationToken)
    {
        Reads++;
        await Ask();
        return Believed(_place.Rows.Values.Where(row => row.Key == key));
    }

    public async Task<bool> WriteAsync(IReadOnlyList<KeptPrice> prices, CancellationToken cancellationToken)
    {
        await Ask();
        if (prices.Count > 0)
            Writes.Add(prices);
        foreach (var price in prices)
        {
            if (!_place.Rows.TryGetValue((price.Key, price.Provider), out var row) || row.Version.CompareTo(price.Version) < 0)
                _place.Rows[(price.Key, price.Provider)] = new StoredRow(price.Key, price.Provider, price.Version, price.Frame.Envelope.Frame);
        }

        (var lost, HasLost) = (HasLost, false);
        return lost;
    }

    public async Task DropAsync(AssetKey key, DateTimeOffset before)
    {
        await Ask();
        foreach (var (place, row) in _place.Rows)
        {
            if (row.Key == key && row.Version.ObservedAt < before)
                _place.Rows.Remove(place);
        }
    }

    public ValueTask DisposeAsync()
    {
        IsClosed = true;
        return ValueTask.CompletedTask;
    }

    private Task Ask() => Trouble?.Invoke() ?? Task.CompletedTask;

    private IReadOnlyList<SignedFrame> Believed(IEnumerable<StoredRow> rows)
    {
        var refused = new List<StoredRow>();
        var believed = check.Read([.. rows], refused);
        foreach (var row in refused)
            _place.Rows.Remove((row.Key, row.Provider));
        return believed;
    }

    internal sealed class Place
    {
        public Dictionary<(AssetKey Key, NodeId Provider), StoredRow> Rows { get; } = [];
    }
}

public sealed class MemoryTierTests : PriceTierContract
{
    private readonly MemoryTier.Place _place = new();

    internal override IPriceTier Open(StoredCheck check) => new MemoryTier(check, _place);

    internal override Task TamperAsync(SignedFrame frame, Action<byte[]> change)
    {
        foreach (var (place, row) in _place.Rows)
        {
            var bytes = row.Signed.ToArray();
            change(bytes);
            _place.Rows[place] = row with { Signed = bytes };
        }

        return Task.CompletedTask;
    }

    internal override Task<int> CountMessagesAsync() => Task.FromResult(_place.Rows.Values.Select(row => row.Version.MessageId).Distinct().Count());
}
