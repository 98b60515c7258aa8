using Posthouse.Storage;

namespace Posthouse.Ivxp.Chain;

/// <summary>A transaction that announces a result, as it is stored.</summary>
/// <param name="Transaction">What is sent.</param>
/// <param name="MadeAt">When it was written down.</param>
/// <param name="MinedIn">Its block, once it is known.</param>
internal sealed record Announcement(SignedTransaction Transaction, DateTimeOffset MadeAt, long? MinedIn);

/// <summary>The statements on the table of announcements.</summary>
internal static class Announcements
{
    /// <summary>The table; it comes after the orders' own.</summary>
    public static SchemaPart Schema { get; } = new("ivxp_chain", [(Text(), Text())], ["ivxp_announcement"]);

    /// <summary>What was made for an order, the newest first.</summary>
    public static List<Announcement> Of(IRead read, string orderId) => read.Query(
        "SELECT tx_hash, raw, nonce, gas_limit, max_fee, tip, made_at, mined_in FROM ivxp_announcement WHERE order_id = $1 ORDER BY made_at DESC, max_fee DESC",
        row => new Announcement(
            new SignedTransaction(row.Text(0), row.Text(1), row.Int64(2), row.Int64(3), new GasFees(row.Int64(4), row.Int64(5))),
            DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(6)), row.Int64OrNull(7)),
        orderId);

    /// <summary>Writes one down. Made again with the same bytes, it stands here once.</summary>
    public static void Keep(IWrite write, string orderId, SignedTransaction made) => write.Execute(
        "INSERT INTO ivxp_announcement (tx_hash, order_id, nonce, gas_limit, max_fee, tip, raw, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
        + "ON CONFLICT (tx_hash) DO NOTHING",
        made.Hash, orderId, made.Nonce, made.GasLimit, made.Fees.MaxFeePerGas, made.Fees.MaxPriorityFeePerGas, made.Raw, write.Now.ToUnixTimeMilliseconds());

    public static void Settle(IWrite write, string hash, long? block) =>
        write.Execute("UPDATE ivxp_announcement SET mined_in = $2 WHERE tx_hash = $1", hash, block);

    /// <summary>Forgets those that can never be mined any more.</summary>
    public static void Drop(IWrite write, string orderId) =>
        write.Execute("DELETE FROM ivxp_announcement WHERE order_id = $1 AND mined_in IS NULL", orderId);

    private static string Text()
    {
        using var stream = typeof(Announcements).Assembly.GetManifestResourceStream("Posthouse.Ivxp.Chain.Announcements.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
