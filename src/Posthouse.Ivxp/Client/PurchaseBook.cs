using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Client;

/// <summary>One purchase, as far as it is.</summary>
/// <param name="Provider">The seller's account.</param>
/// <param name="OrderId">The order; unique for that seller.</param>
/// <param name="Url">Where the seller was found.</param>
/// <param name="ServiceType">What was ordered.</param>
/// <param name="Price">The quoted price.</param>
/// <param name="Network">Where it is paid.</param>
/// <param name="PaymentAddress">To whom.</param>
/// <param name="Client">The buyer's account.</param>
/// <param name="QuotedAt">When it began.</param>
public sealed record Purchase(
    EthereumAddress Provider, string OrderId, Uri Url, string ServiceType, UsdcAmount Price, string Network, EthereumAddress PaymentAddress,
    EthereumAddress Client, DateTimeOffset QuotedAt)
{
    /// <summary>Where the result is to be pushed, or null.</summary>
    public string? Endpoint { get; init; }

    /// <summary>When it was decided to pay; written before money is sent.</summary>
    public DateTimeOffset? IntentAt { get; init; }

    /// <summary>What paid it; written before it is proved.</summary>
    public string? TransactionHash { get; init; }

    /// <summary>When the provider took the proof.</summary>
    public DateTimeOffset? ProvedAt { get; init; }

    /// <summary>The provider's last word.</summary>
    public string Status { get; init; } = "quoted";

    /// <summary>The result's hash as the provider wrote it.</summary>
    public string? ContentHash { get; init; }

    /// <summary>The result's canonical JSON, once it is here.</summary>
    public byte[]? Content { get; init; }

    /// <summary>When the result was stored here.</summary>
    public DateTimeOffset? DownloadedAt { get; init; }
}

/// <summary>The durable memory of a buyer, so that money that moved is never forgotten.</summary>
/// <param name="store">The pocket's store, opened with <see cref="Schema"/>.</param>
public sealed class PurchaseBook(IStore store)
{
    private const string Columns = "provider, order_id, url, service_type, price_units, network, payment_address, client_address, quoted_at, endpoint, intent_at, "
        + "tx_hash, proved_at, status, content_hash, content, downloaded_at";

    /// <summary>The tables of a buyer.</summary>
    public static SchemaPart Schema { get; } = new("ivxp_buyer", [(Text(), Text())], ["ivxp_purchase"]);

    /// <summary>All purchases, the newest first, at most 1,000.</summary>
    public Task<List<Purchase>> ListAsync() =>
        store.ReadAsync(read => read.Query($"SELECT {Columns} FROM ivxp_purchase ORDER BY quoted_at DESC, order_id LIMIT 1000", Map));

    /// <summary>A purchase by its order's id or the beginning of it.</summary>
    /// <exception cref="PosthouseException">PURCHASE_NOT_FOUND: none begins so, or several do.</exception>
    public async Task<Purchase> FindAsync(string orderId)
    {
        ArgumentNullException.ThrowIfNull(orderId);
        var end = orderId + "\uffff";
        var found = await store.ReadAsync(read => read.Query($"SELECT {Columns} FROM ivxp_purchase WHERE order_id >= $1 AND order_id < $2 LIMIT 2", Map, orderId, end));
        return found.Count switch
        {
            1 => found[0],
            0 => throw new PosthouseException(ClientErrors.PurchaseNotFound, $"No order of yours begins with '{orderId}'. 'posthouse order list' shows them."),
            _ => throw new PosthouseException(ClientErrors.PurchaseNotFound, $"Several orders begin with '{orderId}'; give more of its id."),
        };
    }

    /// <summary>Writes a purchase as it stands, new or known; it is on disk when this completes.</summary>
    public Task SaveAsync(Purchase purchase)
    {
        ArgumentNullException.ThrowIfNull(purchase);
        return store.WriteAsync(write => write.Execute(
            $"INSERT INTO ivxp_purchase ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) "
            + "ON CONFLICT (provider, order_id) DO UPDATE SET endpoint = excluded.endpoint, intent_at = excluded.intent_at, tx_hash = excluded.tx_hash, "
            + "proved_at = excluded.proved_at, status = excluded.status, content_hash = excluded.content_hash, content = excluded.content, "
            + "downloaded_at = excluded.downloaded_at",
            purchase.Provider.ToString(), purchase.OrderId, purchase.Url.AbsoluteUri, purchase.ServiceType, purchase.Price.Units, purchase.Network,
            purchase.PaymentAddress.ToString(), purchase.Client.ToString(), Stored(purchase.QuotedAt), purchase.Endpoint, Stored(purchase.IntentAt),
            purchase.TransactionHash, Stored(purchase.ProvedAt), purchase.Status, purchase.ContentHash, purchase.Content, Stored(purchase.DownloadedAt)));
    }

    private static long? Stored(DateTimeOffset? instant) => instant?.ToUnixTimeMilliseconds();

    private static DateTimeOffset? Instant(IRow row, int column) =>
        row.Int64OrNull(column) is { } stored ? DateTimeOffset.FromUnixTimeMilliseconds(stored) : null;

    private static Purchase Map(IRow row) => new(
        EthereumAddress.Parse(row.Text(0)), row.Text(1), new Uri(row.Text(2)), row.Text(3), UsdcAmount.FromUnits(row.Int64(4)), row.Text(5),
        EthereumAddress.Parse(row.Text(6)), EthereumAddress.Parse(row.Text(7)), Instant(row, 8)!.Value)
    {
        Endpoint = row.TextOrNull(9),
        IntentAt = Instant(row, 10),
        TransactionHash = row.TextOrNull(11),
        ProvedAt = Instant(row, 12),
        Status = row.Text(13),
        ContentHash = row.TextOrNull(14),
        Content = row.BytesOrNull(15),
        DownloadedAt = Instant(row, 16),
    };

    private static string Text()
    {
        using var stream = typeof(PurchaseBook).Assembly.GetManifestResourceStream("Posthouse.Ivxp.Client.Purchases.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
