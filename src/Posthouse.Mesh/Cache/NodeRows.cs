using System.Globalization;
using Posthouse.Mesh.Wire;
using Posthouse.Storage;

namespace Posthouse.Mesh.Cache;

/// <summary>The rows of <see cref="NodeMemory"/>.</summary>
internal static class NodeRows
{
    /// <summary>Points of an asset's ring: an hour at one every half minute, as memory keeps it.</summary>
    public const int Places = 120;

    /// <summary>The time that one place of the ring stands for.</summary>
    public const long PlaceMilliseconds = 30_000;

    /// <summary>The place of a time in the ring. A point of an hour ago has the same, and is replaced.</summary>
    public static int PlaceOf(DateTimeOffset at) => (int)(at.ToUnixTimeMilliseconds() / PlaceMilliseconds % Places);

    /// <summary>Reads a provider; null: no node wrote this.</summary>
    public static StoredProvider? Provider(IRow row)
    {
        if (row.Bytes(0) is not { Length: NodeId.Size } id || !ulong.TryParse(row.Text(4), NumberStyles.None, CultureInfo.InvariantCulture, out var seq))
            return null;
        var counts = row.Text(5).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var count) && double.IsFinite(count) ? count : 0);
        return new StoredProvider(NodeId.Read(id), Time(row.Int64(1)), Time(row.Int64(2)), new Stamp((uint)row.Int64(3), seq), [.. counts]);
    }

    /// <summary>Reads an address.</summary>
    public static StoredPeer Peer(IRow row) => new(
        row.Text(0), row.BytesOrNull(1) is { Length: NodeId.Size } node ? NodeId.Read(node) : null, Time(row.Int64(2)), (int)row.Int64(3));

    /// <summary>Reads a point.</summary>
    public static (AssetKey Key, DateTimeOffset At, decimal Price) Point(IRow row) => (
        new AssetKey(row.Text(0), row.Text(1)),
        Time(row.Int64(2)),
        decimal.TryParse(row.Text(3), NumberStyles.Float, CultureInfo.InvariantCulture, out var price) ? price : 0);

    /// <summary>Writes a provider.</summary>
    public static void Save(ISqlWrite write, StoredProvider provider) => write.Execute(
        """
        INSERT INTO provider (id, first_seen, last_alive, epoch, seq, counts) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (id) DO UPDATE SET
          first_seen = excluded.first_seen, last_alive = excluded.last_alive, epoch = excluded.epoch, seq = excluded.seq, counts = excluded.counts
        """,
        NodeMemory.Bytes(provider.Id),
        provider.FirstSeen.ToUnixTimeMilliseconds(),
        provider.LastAlive.ToUnixTimeMilliseconds(),
        provider.Stamp.Epoch,
        provider.Stamp.Seq.ToString(CultureInfo.InvariantCulture),
        string.Join(' ', provider.Counts.Select(count => count.ToString("R", CultureInfo.InvariantCulture))));

    /// <summary>Writes an address.</summary>
    public static void Save(ISqlWrite write, StoredPeer peer) => write.Execute(
        """
        INSERT INTO peer_address (address, node, last_seen, failures) VALUES ($1, $2, $3, $4)
        ON CONFLICT (address) DO UPDATE SET node = excluded.node, last_seen = excluded.last_seen, failures = excluded.failures
        """,
        peer.Address,
        peer.Node is { } node ? NodeMemory.Bytes(node) : null,
        peer.LastSeen.ToUnixTimeMilliseconds(),
        peer.Failures);

    /// <summary>Writes or removes a single fact.</summary>
    public static void SaveFact(ISqlWrite write, string key, string? value)
    {
        if (value is null)
            write.Execute("DELETE FROM node_state WHERE key = $1", key);
        else
            write.Execute("INSERT INTO node_state (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value);
    }

    /// <summary>Writes a point, unless a later one has its place.</summary>
    public static void SavePoint(ISqlWrite write, AssetKey key, int place, DateTimeOffset at, decimal price) => write.Execute(
        """
        INSERT INTO price_history (asset, chain, place, at, price) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (asset, chain, place) DO UPDATE SET at = excluded.at, price = excluded.price WHERE excluded.at >= price_history.at
        """,
        key.Asset,
        key.Chain,
        place,
        at.ToUnixTimeMilliseconds(),
        price.ToString(CultureInfo.InvariantCulture));

    private static DateTimeOffset Time(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, 0, MeshProtocol.MaxUnixMilliseconds));
}
