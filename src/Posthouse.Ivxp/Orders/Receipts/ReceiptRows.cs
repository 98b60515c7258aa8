using Posthouse.Ivxp.Orders.Selling;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Receipts;

/// <summary>The statements on what clients signed about their deliveries.</summary>
internal static class ReceiptRows
{
    public const string ReceiptKind = "receipt";
    public const string DisputeKind = "dispute";

    private const string Word = "form, signed_text, signature, rating, reason, at";

    public static void Insert(IWrite write, string id, string kind, SignedWord word) => write.Execute(
        "INSERT INTO ivxp_receipt (order_id, kind, form, signed_text, signature, content_hash, rating, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id, kind, word.Kind.Id, word.Text, word.Signature, word.Hash, kind == ReceiptKind ? word.Rating : null, word.Reason, OrderRows.Stored(write.Now));

    /// <summary>Whether this very text was taken before.</summary>
    public static bool Has(IRead read, string id, string text) =>
        read.Scalar("SELECT COUNT(*) FROM ivxp_receipt WHERE order_id = $1 AND signed_text = $2", id, text) > 0;

    /// <summary>The last receipt or dispute of an order, as a bundle shows it, or null.</summary>
    public static BundledReceipt? Last(IRead read, string id, string kind) => read.QueryFirst(
        $"SELECT {Word} FROM ivxp_receipt WHERE order_id = $1 AND kind = $2 ORDER BY at DESC LIMIT 1", Read, id, kind);

    /// <summary>All that a client signed about its delivery, the oldest first. There is one receipt, and one dispute for each delivery.</summary>
    public static List<ClientWord> All(IRead read, string id) => read.Query(
        $"SELECT {Word}, kind FROM ivxp_receipt WHERE order_id = $1 ORDER BY at",
        row => new ClientWord(DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(5)), row.Text(6) == DisputeKind, Read(row)), id);

    /// <summary>What clients signed, per service. Orders about which nobody signed anything are not even looked at.</summary>
    public static List<ServiceReputation> Reputation(IRead read) => read.Query(
        "SELECT service_type, COUNT(confirmed_at), COUNT(satisfaction), COUNT(disputed_at), SUM(satisfaction) FROM ivxp_order "
        + "WHERE confirmed_at IS NOT NULL OR disputed_at IS NOT NULL GROUP BY service_type ORDER BY service_type",
        row => new ServiceReputation(row.Text(0), row.Int64(1), row.Int64(2), row.Int64(3), Mean(row.Int64OrNull(4), row.Int64(2))));

    private static BundledReceipt Read(IRow row) => new(
        row.Text(0), row.Text(1), row.Text(2), (int?)row.Int64OrNull(3), row.TextOrNull(4), WireTime.Write(DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(5))));

    private static decimal? Mean(long? sum, long count) => sum is { } all && count > 0 ? Math.Round((decimal)all / count, 2, MidpointRounding.AwayFromZero) : null;
}
