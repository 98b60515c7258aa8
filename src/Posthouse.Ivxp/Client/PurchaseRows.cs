using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Client;

/// <summary>Purchases as rows.</summary>
internal static class PurchaseRows
{
    /// <summary>The room's name in the event log.</summary>
    public const string Room = "ivxp_buyer";

    private const string Columns = "purchase_id, step, job_id, url, service_type, description, budget_units, client_address, endpoint, email, account, wants, begun_at, "
        + "provider, order_id, protocol, price_units, network, payment_address, quoted_at, quote, intent_at, raw_transaction, tx_hash, nonce, sent_at, proved_at, status, "
        + "webhook_secret, content_hash, content, signed_message, signature, delivery_id, downloaded_at, rating, reason, receipt, confirmed_at, disputed_at, failure_code, failure, "
        + "gas_limit, max_fee, max_tip, replaced, chain_cursor";

    // Never "or replace": a second purchase under an order that is known must be refused, not put in the first one's place.
    private static readonly string _save = $"INSERT INTO ivxp_purchase ({Columns}) VALUES ({string.Join(", ", Columns.Split(", ").Select((_, at) => $"${at + 1}"))}) "
        + $"ON CONFLICT (purchase_id) DO UPDATE SET {string.Join(", ", Columns.Split(", ").Skip(1).Select(column => $"{column} = excluded.{column}"))}";

    public static List<Purchase> List(IRead read) =>
        read.Query($"SELECT {Columns} FROM ivxp_purchase ORDER BY begun_at DESC, purchase_id LIMIT 1000", Map);

    public static Purchase? Find(IRead read, string id) =>
        read.QueryFirst($"SELECT {Columns} FROM ivxp_purchase WHERE purchase_id = $1", Map, id);

    /// <summary>Order ids are unique for a seller only, so there may be several.</summary>
    public static List<Purchase> OfOrder(IRead read, string orderId) =>
        read.Query($"SELECT {Columns} FROM ivxp_purchase WHERE order_id = $1", Map, orderId);

    public static bool IsTaken(IRead read, EthereumAddress provider, string orderId) =>
        read.Scalar("SELECT count(*) FROM ivxp_purchase WHERE provider = $1 AND order_id = $2", provider.ToString(), orderId) > 0;

    /// <summary>The highest nonce that was signed for and may not have reached the node; null if there is none.</summary>
    public static long? LastNonce(IRead read, Purchase purchase) => read.QueryFirst(
        "SELECT max(nonce) FROM ivxp_purchase WHERE client_address = $1 AND network = $2 AND sent_at IS NULL AND failure_code IS NULL",
        row => row.Int64OrNull(0), purchase.Client.ToString(), purchase.Network);

    /// <summary>Whether another payment that is under way was signed with this nonce: only one of them could be mined.</summary>
    public static bool IsNonceTaken(IRead read, Purchase purchase, long nonce) => read.Scalar(
        "SELECT count(*) FROM ivxp_purchase WHERE client_address = $1 AND network = $2 AND nonce = $3 AND sent_at IS NULL AND failure_code IS NULL AND purchase_id <> $4",
        purchase.Client.ToString(), purchase.Network, nonce, purchase.Id) > 0;

    public static List<Purchase> WithPrefix(IRead read, string prefix)
    {
        var end = prefix + "\uffff";
        return read.Query($"SELECT {Columns} FROM ivxp_purchase WHERE (order_id >= $1 AND order_id < $2) OR (purchase_id >= $1 AND purchase_id < $2) LIMIT 2", Map, prefix, end);
    }

    /// <summary>What purchases of an account cost or may cost: one that failed before money moved costs nothing.</summary>
    public static UsdcAmount Spent(IRead read, string account) => UsdcAmount.FromUnits(read.Scalar(
        "SELECT sum(coalesce(price_units, budget_units)) FROM ivxp_purchase WHERE account = $1 AND (intent_at IS NOT NULL OR tx_hash IS NOT NULL OR failure_code IS NULL)", account));

    /// <summary>Reads, edits and writes a purchase in one transaction, so that no other writer's change is lost.</summary>
    public static Purchase Change(IWrite write, string id, Func<Purchase, Purchase> edit)
    {
        var changed = edit(Find(write, id) ?? throw new PosthouseException(ClientErrors.PurchaseNotFound, $"There is no purchase {id}."));
        Save(write, changed);
        // Whoever follows the store is woken, in every process.
        write.Append(new EventDraft(Room, id, changed.Status, null, ReadOnlyMemory<byte>.Empty));
        return changed;
    }

    /// <summary>Writes a purchase as it stands, new or known.</summary>
    public static void Save(IWrite write, Purchase p) => write.Execute(
        _save,
        p.Id, (long)p.Step, p.JobId, p.Url.AbsoluteUri, p.ServiceType, p.Description, p.Budget.Units, p.Client.ToString(), p.Endpoint, p.Email, p.Account, (long)p.Wants,
        Stored(p.BegunAt), p.Provider?.ToString(), p.OrderId, p.Protocol, p.Price?.Units, p.Network, p.PaymentAddress?.ToString(), Stored(p.QuotedAt), p.Quote,
        Stored(p.IntentAt), p.RawTransaction, p.TransactionHash, p.Nonce, Stored(p.SentAt), Stored(p.ProvedAt), p.Status, p.WebhookSecret, p.ContentHash, p.Content,
        p.SignedMessage, p.Signature, p.DeliveryId, Stored(p.DownloadedAt), p.Rating, p.Reason, p.Receipt, Stored(p.ConfirmedAt), Stored(p.DisputedAt), p.FailureCode, p.Failure,
        p.GasLimit, p.Fees?.MaxFeePerGas, p.Fees?.MaxPriorityFeePerGas, p.Replaced, p.ChainCursor);

    private static long? Stored(DateTimeOffset? instant) => instant?.ToUnixTimeMilliseconds();

    private static DateTimeOffset? Instant(IRow row, int column) =>
        row.Int64OrNull(column) is { } stored ? DateTimeOffset.FromUnixTimeMilliseconds(stored) : null;

    private static EthereumAddress? Address(IRow row, int column) => row.TextOrNull(column) is { } text ? EthereumAddress.Parse(text) : null;

    private static Purchase Map(IRow row) => new()
    {
        Id = row.Text(0),
        Step = (PurchaseStep)row.Int64(1),
        JobId = row.TextOrNull(2),
        Url = new Uri(row.Text(3)),
        ServiceType = row.Text(4),
        Description = row.Text(5),
        Budget = UsdcAmount.FromUnits(row.Int64(6)),
        Client = EthereumAddress.Parse(row.Text(7)),
        Endpoint = row.TextOrNull(8),
        Email = row.TextOrNull(9),
        Account = row.TextOrNull(10),
        Wants = (int)row.Int64(11),
        BegunAt = Instant(row, 12)!.Value,
        Provider = Address(row, 13),
        OrderId = row.TextOrNull(14),
        Protocol = row.TextOrNull(15),
        Price = row.Int64OrNull(16) is { } units ? UsdcAmount.FromUnits(units) : null,
        Network = row.TextOrNull(17),
        PaymentAddress = Address(row, 18),
        QuotedAt = Instant(row, 19),
        Quote = row.BytesOrNull(20),
        IntentAt = Instant(row, 21),
        RawTransaction = row.TextOrNull(22),
        TransactionHash = row.TextOrNull(23),
        Nonce = row.Int64OrNull(24),
        SentAt = Instant(row, 25),
        ProvedAt = Instant(row, 26),
        Status = row.Text(27),
        WebhookSecret = row.TextOrNull(28),
        ContentHash = row.TextOrNull(29),
        Content = row.BytesOrNull(30),
        SignedMessage = row.TextOrNull(31),
        Signature = row.TextOrNull(32),
        DeliveryId = row.TextOrNull(33),
        DownloadedAt = Instant(row, 34),
        Rating = (int?)row.Int64OrNull(35),
        Reason = row.TextOrNull(36),
        Receipt = row.BytesOrNull(37),
        ConfirmedAt = Instant(row, 38),
        DisputedAt = Instant(row, 39),
        FailureCode = row.TextOrNull(40),
        Failure = row.TextOrNull(41),
        GasLimit = row.Int64OrNull(42),
        Fees = row.Int64OrNull(43) is { } most && row.Int64OrNull(44) is { } tip ? new GasFees(most, tip) : null,
        Replaced = row.TextOrNull(45),
        ChainCursor = row.Int64OrNull(46),
    };
}
