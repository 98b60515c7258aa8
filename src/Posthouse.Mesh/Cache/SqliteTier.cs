using System.Globalization;
using Posthouse.Mesh.Wire;
using Posthouse.Storage;

namespace Posthouse.Mesh.Cache;

/// <summary>The node's own tier. Each signed message is kept once, however many of its prices are the newest; one that has none left goes.</summary>
/// <param name="file">The file; closed with the tier.</param>
/// <param name="check">Checks what is read, with the bounds of <see cref="StoredCheck.OwnStore"/>.</param>
internal sealed class SqliteTier(PriceFile file, StoredCheck check) : IOwnTier
{
    private const string Upsert = """
        INSERT INTO price_latest (asset, chain, provider, price, observed_at, issued_at, epoch, seq, version, update_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (asset, chain, provider) DO UPDATE SET price = excluded.price, observed_at = excluded.observed_at,
          issued_at = excluded.issued_at, epoch = excluded.epoch, seq = excluded.seq, version = excluded.version, update_id = excluded.update_id
        WHERE excluded.version > price_latest.version
        """;

    private const string Sweep =
        "DELETE FROM price_update WHERE NOT EXISTS (SELECT 1 FROM price_latest WHERE price_latest.update_id = price_update.id)";

    private int _setAside;

    /// <inheritdoc/>
    public string Name => PriceFile.FileName;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SignedFrame>> LoadAsync(CancellationToken cancellationToken) =>
        await CheckAsync(await file.ReadAsync(read => Rows(read, read.Query("SELECT asset, chain, provider, version, update_id FROM price_latest", Row))));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SignedFrame>> ReadAsync(AssetKey key, CancellationToken cancellationToken) =>
        await CheckAsync(await file.ReadAsync(read => Rows(
            read,
            read.Query("SELECT asset, chain, provider, version, update_id FROM price_latest WHERE asset = $1 AND chain = $2", Row, key.Asset, key.Chain))));

    /// <inheritdoc/>
    public async Task<bool> WriteAsync(IReadOnlyList<KeptPrice> prices, CancellationToken cancellationToken)
    {
        if (prices.Count > 0)
        {
            await file.WriteAsync(write =>
            {
                foreach (var update in prices.GroupBy(price => price.Frame))
                    Write(write, update.Key, update);
                return write.Execute(Sweep);
            });
        }

        var setAside = file.SetAside;
        return Interlocked.Exchange(ref _setAside, setAside) != setAside;
    }

    /// <inheritdoc/>
    public Task DropAsync(AssetKey key, DateTimeOffset before) => file.WriteAsync(write =>
    {
        write.Execute(
            "DELETE FROM price_latest WHERE asset = $1 AND chain = $2 AND observed_at < $3", key.Asset, key.Chain, before.ToUnixTimeMilliseconds());
        return write.Execute(Sweep);
    });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => file.DisposeAsync();

    private static void Write(ISqlWrite write, SignedFrame frame, IEnumerable<KeptPrice> prices)
    {
        var envelope = frame.Envelope;
        var provider = NodeMemory.Bytes(envelope.Signer);
        var id = new byte[MeshProtocol.MessageIdBytes];
        envelope.Id.Write(id);
        var kept = 0;
        foreach (var price in prices)
        {
            kept += write.Execute(
                Upsert,
                price.Key.Asset,
                price.Key.Chain,
                provider,
                price.Reading.Price.ToString(CultureInfo.InvariantCulture),
                price.Reading.ObservedAt.ToUnixTimeMilliseconds(),
                envelope.IssuedAt.ToUnixTimeMilliseconds(),
                envelope.Stamp.Epoch,
                envelope.Stamp.Seq.ToString(CultureInfo.InvariantCulture),
                VersionBytes.Of(price.Version),
                id);
        }

        if (kept > 0)
            write.Execute("INSERT INTO price_update (id, signed) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", id, envelope.Frame);
    }

    private static (AssetKey Key, byte[] Provider, byte[] Version, byte[] Update) Row(IRow row) =>
        (new AssetKey(row.Text(0), row.Text(1)), row.Bytes(2), row.Bytes(3), row.Bytes(4));

    /// <summary>Rows with their messages, each read once. A row that no node can have written is left out; the next price replaces it.</summary>
    private static List<StoredRow> Rows(IRead read, List<(AssetKey Key, byte[] Provider, byte[] Version, byte[] Update)> found)
    {
        var messages = new Dictionary<MessageId, byte[]>();
        var rows = new List<StoredRow>(found.Count);
        foreach (var (key, provider, bytes, update) in found)
        {
            if (provider.Length != NodeId.Size || !VersionBytes.TryRead(bytes, out var version))
                continue;
            if (!messages.TryGetValue(version.MessageId, out var signed))
                messages.Add(version.MessageId, signed = read.QueryFirst("SELECT signed FROM price_update WHERE id = $1", row => row.Bytes(0), update) ?? []);
            rows.Add(new StoredRow(key, NodeId.Read(provider), version, signed));
        }

        return rows;
    }

    private async Task<IReadOnlyList<SignedFrame>> CheckAsync(List<StoredRow> rows)
    {
        var refused = new List<StoredRow>();
        var frames = check.Read(rows, refused);
        if (refused.Count > 0)
        {
            await file.WriteAsync(write =>
            {
                foreach (var row in refused)
                {
                    // Unless a true one has come in between.
                    write.Execute(
                        "DELETE FROM price_latest WHERE asset = $1 AND chain = $2 AND provider = $3 AND version = $4",
                        row.Key.Asset,
                        row.Key.Chain,
                        NodeMemory.Bytes(row.Provider),
                        VersionBytes.Of(row.Version));
                }

                return write.Execute(Sweep);
            });
        }

        return frames;
    }
}
