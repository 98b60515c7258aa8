using System.Buffers;
using System.Text.Json;
using Posthouse.Ivxp.Notices;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders;

/// <summary>Who made a change; the names are stored.</summary>
internal enum OrderActor
{
    Client = 1,
    Provider = 2,
    Clock = 3,
    Operator = 4,
}

/// <summary>
/// The one place where orders change: <see cref="OrderLaw"/> decides, and row, history and event are written in the caller's
/// transaction, together with the job that follows.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="files">Contents that the store does not keep itself; null: it keeps all.</param>
internal sealed class OrderBook(IStore store, ResultFiles? files = null)
{
    /// <summary>The room's name in the event log.</summary>
    public const string Room = "ivxp";

    // Rows of several writers meet rarely; a third meeting in a row is an error, not bad luck.
    private const int MaxTries = 3;

    /// <summary>An order, or null.</summary>
    public Task<Order?> FindAsync(string id) => store.ReadAsync(read => OrderRows.Find(read, id));

    /// <summary>An order with its result, each null if it is not there.</summary>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: the folder of results is away. FILE_DAMAGED: the content there is not what it was.</exception>
    public async Task<(Order? Order, StoredDeliverable? Deliverable)> FindWithDeliverableAsync(string id)
    {
        while (true)
        {
            var (order, row) = await store.ReadAsync(read => (OrderRows.Find(read, id), OrderRows.FindDeliverable(read, id)));
            try
            {
                return (order, files is null ? row : files.Whole(row));
            }
            catch (PosthouseException e) when (e.Code is ErrorCodes.FileDamaged)
            {
                // Its retention may have ended since the row was read.
                if (await store.ReadAsync(read => OrderRows.FindDeliverable(read, id)?.File) == row!.File)
                    throw;
            }
        }
    }

    /// <summary>An order with its result but for the bytes, each null if it is not there.</summary>
    public Task<(Order? Order, StoredDeliverable? Head)> FindWithHeadAsync(string id) =>
        store.ReadAsync(read => (OrderRows.Find(read, id), OrderRows.FindHead(read, id)));

    /// <summary>Reads on one snapshot.</summary>
    public Task<T> ReadAsync<T>(Func<IRead, T> read) => store.ReadAsync(read);

    /// <summary>Runs a change; if another writer came between reading and writing, it reads and decides again.</summary>
    public async Task<T> WriteAsync<T>(Func<IWrite, T> change)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await store.WriteAsync(change);
            }
            catch (PosthouseException e) when (e.Code == ErrorCodes.Conflict && tries < MaxTries)
            {
                // The function reads again by itself.
            }
        }
    }

    /// <summary>Lets something happen to an order. Null: there is no such order, or the law refuses.</summary>
    public Task<Order?> ChangeAsync(string id, OrderEvent happened, OrderActor actor, Func<Order, DateTimeOffset, Order>? edit = null, string? evidence = null) =>
        WriteAsync(write => Change(write, OrderRows.Find(write, id), happened, actor, edit, evidence));

    /// <summary>Enters a new order.</summary>
    public static void Add(IWrite write, Order order)
    {
        if (OrderLaw.Next(null, OrderEvent.Requested) != order.State)
            throw new ArgumentException($"An order begins as {OrderLaw.Name(OrderState.Quoted)}.", nameof(order));
        OrderRows.Insert(write, order);
        Record(write, null, order, OrderEvent.Requested, OrderActor.Client, null);
    }

    /// <summary>Lets something happen to an order that was read in this transaction. Null: no order, or the law refuses.</summary>
    /// <param name="write">The transaction.</param>
    /// <param name="order">The order as it stands.</param>
    /// <param name="happened">What happens.</param>
    /// <param name="actor">Through whom.</param>
    /// <param name="edit">What else changes, given the order in its new state and the transaction's time.</param>
    /// <param name="evidence">What proves it, kept in the history.</param>
    /// <exception cref="PosthouseException">CONFLICT: the row is not the one that was read.</exception>
    public static Order? Change(
        IWrite write, Order? order, OrderEvent happened, OrderActor actor, Func<Order, DateTimeOffset, Order>? edit = null, string? evidence = null)
    {
        if (order is null || OrderLaw.Next(order.State, happened) is not { } next)
            return null;
        var changed = order with { State = next, Version = order.Version + 1 };
        changed = edit?.Invoke(changed, write.Now) ?? changed;
        if (!OrderRows.Update(write, changed))
            throw new PosthouseException(ErrorCodes.Conflict, "Somebody else changed the order in between. Read it again and decide again.");
        Record(write, order.State, changed, happened, actor, evidence);
        NoticeOutbox.Leave(write, order.State, changed);
        return changed;
    }

    /// <summary>Says in the event log that an order is pushed no more, and why.</summary>
    public static void RecordPushEnd(IWrite write, Order order)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteNumber("version", order.Version);
            json.WriteString("to", OrderLaw.Name(order.State));
            json.WriteNumber("attempts", order.PushAttempts);
            if (order.LastError is { } name)
                json.WriteString("error", name);
            json.WriteEndObject();
        }
        write.Append(new EventDraft(Room, order.Id, "push_" + order.Push, null, body.WrittenMemory));
    }

    private static void Record(IWrite write, OrderState? from, Order order, OrderEvent happened, OrderActor actor, string? evidence)
    {
        var kind = Name(happened.ToString());
        write.Execute(
            "INSERT INTO ivxp_order_history (order_id, version, at, event, from_state, to_state, actor, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            order.Id, order.Version, OrderRows.Stored(write.Now), kind, from is { } state ? OrderLaw.Name(state) : null, OrderLaw.Name(order.State),
            Name(actor.ToString()), evidence);
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteNumber("version", order.Version);
            if (from is { } before)
                json.WriteString("from", OrderLaw.Name(before));
            json.WriteString("to", OrderLaw.Name(order.State));
            json.WriteEndObject();
        }
        write.Append(new EventDraft(Room, order.Id, kind, null, body.WrittenMemory));
    }

    private static string Name(string word) => JsonNamingPolicy.SnakeCaseLower.ConvertName(word);
}
