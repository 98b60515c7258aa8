using System.Text.Json;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.SystemTests.Processes;

/// <summary>The provider's books, held against what its clients were told.</summary>
internal sealed class OrderLedger : IDisposable
{
    private static readonly Dictionary<string, OrderEvent> _events =
        Enum.GetValues<OrderEvent>().ToDictionary(happened => JsonNamingPolicy.SnakeCaseLower.ConvertName(happened.ToString()));

    private readonly SqliteDatabase _database;

    public OrderLedger(string path) => _database = SqliteDatabase.Open(path, readOnly: true);

    /// <summary>Jobs that were running at three deaths in a row; each waits for a decision.</summary>
    public IReadOnlyList<string> Crashed =>
        _database.Query($"SELECT id FROM job WHERE state = {(int)JobState.Dead} AND reason = {(int)DeadReason.Crashed}", row => row.Text(0));

    /// <summary>Jobs that have not ended, other than those that wait for the end of a quote.</summary>
    public long Unfinished => _database.Scalar($"SELECT count(*) FROM job WHERE state <> {(int)JobState.Done} AND name <> 'ivxp.sweep'");

    /// <summary>Nothing that a client was told is lost, each order is paid and made once, and each went only where the law leads.</summary>
    public void ShouldBalance(OrderLoad load, PushListener listener)
    {
        _database.QueryFirst("PRAGMA integrity_check", row => row.Text(0)).ShouldBe("ok");
        var states = Texts("SELECT order_id, state FROM ivxp_order");
        load.Quoted.Where(id => !states.ContainsKey(id)).ShouldBeEmpty("quotes that were lost");

        var payments = Texts("SELECT order_id, tx_hash FROM ivxp_payment");
        load.Paid.Where(order => payments.GetValueOrDefault(order.Id) != order.Transaction).ShouldBeEmpty("payments that were lost or taken for another's");
        payments.Count.ShouldBe(load.Paid.Count);
        payments.Values.Distinct().Count().ShouldBe(payments.Count);
        _database.Scalar("SELECT count(*) FROM ivxp_order WHERE tx_hash IS NOT NULL").ShouldBe(payments.Count);
        _database.Scalar("SELECT count(*) FROM ivxp_claim").ShouldBe(0);

        var hashes = Texts("SELECT order_id, hash FROM ivxp_deliverable");
        hashes.Count.ShouldBe(payments.Count);
        ContentsShouldBeTheirHashes();
        HistoryShouldKeepTheLaw(states);
        foreach (var order in load.Paid)
        {
            states[order.Id].ShouldBe("delivered", "it was collected");
            order.Served.Distinct().ShouldBe(["sha256:" + hashes[order.Id]], "every download of an order brings the same content, that of its hash");
            if (order.IsPushed)
                PushesShouldBeOne(order, listener);
        }
    }

    public void Dispose() => _database.Dispose();

    private Dictionary<string, string> Texts(string sql) => _database.Query(sql, row => (row.Text(0), row.Text(1))).ToDictionary(row => row.Item1, row => row.Item2);

    /// <summary>What is kept is what was promised: the order, the deliverable and the bytes themselves name one hash.</summary>
    private void ContentsShouldBeTheirHashes()
    {
        foreach (var (id, promised, kept, content) in _database.Query(
            "SELECT order_id, content_hash, hash, content FROM ivxp_order JOIN ivxp_deliverable USING (order_id)", row => (row.Text(0), row.Text(1), row.Text(2), row.Bytes(3))))
        {
            promised.ShouldBe("sha256:" + kept, id);
            JsonContent.Parse(content).Hash().Wire.ShouldBe(promised, id);
        }
    }

    /// <summary>However often a result was pushed, its receiver could tell that it was the same.</summary>
    private void PushesShouldBeOne(PaidOrder order, PushListener listener)
    {
        var push = listener.Of(order.Id).Distinct().ShouldHaveSingleItem();
        var stored = _database.QueryFirst("SELECT delivery_id, content_hash FROM ivxp_deliverable JOIN ivxp_order USING (order_id) WHERE order_id = $1",
            row => new ArrivedPush(row.Text(0), row.Text(1)), order.Id);
        push.ShouldBe(stored);
    }

    private void HistoryShouldKeepTheLaw(Dictionary<string, string> states)
    {
        var steps = _database.Query("SELECT order_id, version, event, from_state, to_state, evidence FROM ivxp_order_history ORDER BY order_id, version",
            row => (Id: row.Text(0), Version: row.Int64(1), Event: _events[row.Text(2)], From: row.TextOrNull(3), To: row.Text(4), Evidence: row.TextOrNull(5)));
        var histories = steps.GroupBy(step => step.Id).ToList();
        histories.Count.ShouldBe(states.Count);
        foreach (var history in histories)
        {
            var (state, version) = ((OrderState?)null, 0L);
            foreach (var step in history)
            {
                step.Version.ShouldBe(++version);
                step.From.ShouldBe(state is { } from ? OrderLaw.Name(from) : null);
                var next = OrderLaw.Next(state, step.Event).ShouldNotBeNull($"{step.Event} happened to an order that was {state}");
                step.To.ShouldBe(OrderLaw.Name(next));
                state = next;
            }

            OrderLaw.Name(state!.Value).ShouldBe(states[history.Key]);
            history.Count(step => step.Event is OrderEvent.PaymentVerified).ShouldBeLessThanOrEqualTo(1);
            history.Count(step => step.Event is OrderEvent.StoredForPush or OrderEvent.StoredForPickup)
                .ShouldBe(history.Count(step => step.Event is OrderEvent.PaymentVerified), "a paid order is made once");
        }
    }
}
