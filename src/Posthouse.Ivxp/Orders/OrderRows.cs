using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders;

/// <summary>The statements on the tables of orders, and nothing else.</summary>
internal static class OrderRows
{
    /// <summary>What <see cref="Map"/> reads.</summary>
    internal const string Columns = "order_id, version, state, protocol, service_type, description, delivery_format, deadline, client_name, client_address, "
        + "contact_endpoint, client_email, price_units, payment_address, network, created_at, pay_until, delivery_endpoint, tx_hash, paid_at, processing_at, "
        + "completed_at, ready_at, posted_at, delivered_at, confirmed_at, disputed_at, notified_at, keep_until, content_hash, push, push_job, push_attempts, "
        + "last_error, webhook_secret, satisfaction, change_no, kept_from, work_job";

    // The index answers it with one look; writers come one at a time, so that no two take the same.
    private const string NextChange = "(SELECT COALESCE(MAX(change_no), 0) + 1 FROM ivxp_order)";

    // The content's place in a folder of results; it is NULL where the row has it, and once its retention is over.
    private const string ResultFile = "ALTER TABLE ivxp_deliverable ADD COLUMN file TEXT";

    private static readonly string Removable = string.Join(", ",
        OrderLaw.Rows.Where(row => row.Event is OrderEvent.RetentionOver).SelectMany(row => row.From).Select(state => $"'{OrderLaw.Name(state)}'"));

    /// <summary>The tables of the room, in both dialects: BYTEA means bytes in one and anything in the other.</summary>
    public static SchemaPart Schema { get; } = new("ivxp", [(Text("Orders.sql"), Text("Orders.sql")), (ResultFile, ResultFile), (Text("Selling.Selling.sql"), Text("Selling.Selling.sql"))],
        ["ivxp_order", "ivxp_order_history", "ivxp_payment", "ivxp_claim", "ivxp_nonce", "ivxp_receipt", "ivxp_deliverable", "ivxp_notice", "ivxp_clock"]);

    public static Order? Find(IRead read, string id) => read.QueryFirst($"SELECT {Columns} FROM ivxp_order WHERE order_id = $1", Map, id);

    /// <summary>A client's orders that changed after a cursor, in the order of their last change.</summary>
    public static List<Order> ChangedAfter(IRead read, EthereumAddress client, long after, int limit) => read.Query(
        $"SELECT {Columns} FROM ivxp_order WHERE client_address = $1 AND change_no > $2 ORDER BY change_no LIMIT $3", Map, client.ToString(), after, limit);

    public static void Insert(IWrite write, Order order) => write.Execute(
        "INSERT INTO ivxp_order (order_id, version, state, protocol, service_type, description, delivery_format, deadline, client_name, client_address, "
        + "contact_endpoint, client_email, price_units, payment_address, network, created_at, pay_until, push, push_attempts, change_no) "
        + $"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0, {NextChange})",
        order.Id, order.Version, OrderLaw.Name(order.State), order.Protocol, order.ServiceType, order.Description, order.DeliveryFormat, order.Deadline,
        order.ClientName, order.Client.ToString(), order.ContactEndpoint, order.ClientEmail, order.Price.Units, order.PaymentAddress.ToString(),
        order.Network.Id, Stored(order.CreatedAt), Stored(order.PayUntil), order.Push);

    /// <summary>Writes what may change, if nobody else changed the row since it was read.</summary>
    public static bool Update(IWrite write, Order order) => write.Execute(
        "UPDATE ivxp_order SET version = $3, state = $4, delivery_endpoint = $5, tx_hash = $6, paid_at = $7, processing_at = $8, completed_at = $9, "
        + "ready_at = $10, posted_at = $11, delivered_at = $12, confirmed_at = $13, disputed_at = $14, notified_at = $15, keep_until = $16, "
        + "content_hash = $17, push = $18, push_job = $19, push_attempts = $20, last_error = $21, webhook_secret = $22, satisfaction = $23, "
        + $"kept_from = $24, work_job = $25, change_no = {NextChange} WHERE order_id = $1 AND version = $2",
        order.Id, order.Version - 1, order.Version, OrderLaw.Name(order.State), order.DeliveryEndpoint, order.TransactionHash, Stored(order.PaidAt),
        Stored(order.ProcessingAt), Stored(order.CompletedAt), Stored(order.ReadyAt), Stored(order.PostedAt), Stored(order.DeliveredAt),
        Stored(order.ConfirmedAt), Stored(order.DisputedAt), Stored(order.NotifiedAt), Stored(order.KeepUntil), order.ContentHash, order.Push,
        order.PushJob, order.PushAttempts, order.LastError, order.WebhookSecret, order.Satisfaction, (long?)order.KeptFrom?.TotalMilliseconds, order.WorkJob) == 1;

    /// <summary>How many orders stand where, in the order of their lives; states without any are left out.</summary>
    public static IReadOnlyList<(OrderState State, long Count)> CountByState(IRead read) =>
        [.. read.Query("SELECT state, COUNT(*) FROM ivxp_order GROUP BY state", row => (State: OrderLaw.Parse(row.Text(0)), Count: row.Int64(1))).OrderBy(row => row.State)];

    public static long CountQuotes(IRead read) => read.Scalar("SELECT COUNT(*) FROM ivxp_order WHERE state = 'quoted'");

    /// <summary>Orders that wait for their client because their pushes failed, ended or were never allowed; the oldest first.</summary>
    /// <param name="read">The store.</param>
    /// <param name="client">Only this client's, or null.</param>
    /// <param name="since">Only those that were ready then or later, or null.</param>
    public static List<Order> FailedPushes(IRead read, EthereumAddress? client, DateTimeOffset? since) => read.Query(
        $"SELECT {Columns} FROM ivxp_order WHERE state IN ('ready', 'ready_for_pickup') AND (push IN ('{PushState.Exhausted}', '{PushState.Disabled}') "
        + $"OR (push = '{PushState.Scheduled}' AND push_attempts > 0)) AND ($1 IS NULL OR client_address = $1) AND ($2 IS NULL OR ready_at >= $2) ORDER BY ready_at, order_id",
        Map, client?.ToString(), Stored(since));

    public static StoredDeliverable? FindDeliverable(IRead read, string id) => read.QueryFirst(
        "SELECT delivery_id, type, format, content, hash, hash_raw, hash_python, signed_text, signature, file FROM ivxp_deliverable WHERE order_id = $1",
        row => Deliverable(row, row.BytesOrNull(3)) with { File = row.TextOrNull(9) }, id);

    /// <summary>A result without its bytes, which a look at its state need not read; the content is null where it is removed, else empty.</summary>
    public static StoredDeliverable? FindHead(IRead read, string id) => read.QueryFirst(
        "SELECT delivery_id, type, format, content IS NULL AND file IS NULL, hash, hash_raw, hash_python, signed_text, signature FROM ivxp_deliverable WHERE order_id = $1",
        row => Deliverable(row, row.Int64(3) != 0 ? null : []), id);

    /// <summary>Orders whose content is to go: the date has come, the provider ran long enough, and the law lets it go.</summary>
    public static List<string> KeptTooLong(IRead read, TimeSpan before, DateTimeOffset now, int limit) => read.Query(
        $"SELECT order_id FROM ivxp_order WHERE kept_from <= $1 AND keep_until <= $2 AND state IN ({Removable}) ORDER BY kept_from LIMIT $3",
        row => row.Text(0), (long)before.TotalMilliseconds, Stored(now), limit);

    /// <summary>Milliseconds until the first content is due by both clocks, or null where none is kept.</summary>
    public static long? FirstKept(IRead read, TimeSpan before, DateTimeOffset now) => read.QueryFirst(
        "SELECT MIN(CASE WHEN keep_until - $2 > kept_from - $1 THEN keep_until - $2 ELSE kept_from - $1 END) FROM ivxp_order "
        + $"WHERE kept_from IS NOT NULL AND state IN ({Removable})", row => row.Int64OrNull(0), (long)before.TotalMilliseconds, Stored(now));

    /// <summary>At most two orders whose ids begin so.</summary>
    public static List<Order> WithPrefix(IRead read, string prefix) =>
        read.Query($"SELECT {Columns} FROM ivxp_order WHERE order_id >= $1 AND order_id < $2 LIMIT 2", Map, prefix, prefix + "\uffff");

    public static void InsertDeliverable(IWrite write, string id, StoredDeliverable made) => write.Execute(
        "INSERT INTO ivxp_deliverable (order_id, delivery_id, type, format, content, hash, hash_raw, hash_python, signed_text, signature, file) "
        + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id, made.DeliveryId, made.Type, made.Format, made.Content, made.Hash.Canonical, made.Hash.Raw, made.Hash.Python, made.SignedText, made.Signature, made.File);

    private static StoredDeliverable Deliverable(IRow row, byte[]? content) => new(
        row.Text(0), row.Text(1), row.TextOrNull(2), content, new ContentHash(row.Text(4), row.Text(5), row.Text(6)), row.Text(7), row.Text(8));

    public static long Stored(DateTimeOffset instant) => instant.ToUnixTimeMilliseconds();

    private static long? Stored(DateTimeOffset? instant) => instant?.ToUnixTimeMilliseconds();

    private static DateTimeOffset? Read(IRow row, int column) =>
        row.Int64OrNull(column) is { } stored ? DateTimeOffset.FromUnixTimeMilliseconds(stored) : null;

    /// <summary>The order of a row of <see cref="Columns"/>.</summary>
    internal static Order Map(IRow row) => new()
    {
        Id = row.Text(0),
        Version = row.Int64(1),
        State = OrderLaw.Parse(row.Text(2)),
        Protocol = row.Text(3),
        ServiceType = row.Text(4),
        Description = row.Text(5),
        DeliveryFormat = row.TextOrNull(6),
        Deadline = row.TextOrNull(7),
        ClientName = row.Text(8),
        Client = EthereumAddress.Parse(row.Text(9)),
        ContactEndpoint = row.TextOrNull(10),
        ClientEmail = row.TextOrNull(11),
        Price = UsdcAmount.FromUnits(row.Int64(12)),
        PaymentAddress = EthereumAddress.Parse(row.Text(13)),
        Network = UsdcNetwork.Find(row.Text(14))!,
        CreatedAt = Read(row, 15)!.Value,
        PayUntil = Read(row, 16)!.Value,
        DeliveryEndpoint = row.TextOrNull(17),
        TransactionHash = row.TextOrNull(18),
        PaidAt = Read(row, 19),
        ProcessingAt = Read(row, 20),
        CompletedAt = Read(row, 21),
        ReadyAt = Read(row, 22),
        PostedAt = Read(row, 23),
        DeliveredAt = Read(row, 24),
        ConfirmedAt = Read(row, 25),
        DisputedAt = Read(row, 26),
        NotifiedAt = Read(row, 27),
        KeepUntil = Read(row, 28),
        ContentHash = row.TextOrNull(29),
        Push = row.Text(30),
        PushJob = row.TextOrNull(31),
        PushAttempts = (int)row.Int64(32),
        LastError = row.TextOrNull(33),
        WebhookSecret = row.TextOrNull(34),
        Satisfaction = (int?)row.Int64OrNull(35),
        ChangeNo = row.Int64(36),
        KeptFrom = row.Int64OrNull(37) is { } kept ? TimeSpan.FromMilliseconds(kept) : null,
        WorkJob = row.TextOrNull(38),
    };

    private static string Text(string file)
    {
        using var stream = typeof(OrderRows).Assembly.GetManifestResourceStream("Posthouse.Ivxp.Orders." + file)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
