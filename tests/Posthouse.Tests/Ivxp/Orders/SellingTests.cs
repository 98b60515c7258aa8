using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Ivxp.Orders.Selling;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Ivxp.Receipts;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Ivxp.Orders;

public sealed class SellingTests
{
    private static readonly EthereumAddress[] _clients = [.. Enumerable.Range(1, 3).Select(number => EthereumAddress.Parse("0x" + number.ToString("x40", null)))];

    [Fact]
    public async Task Pages_have_every_order_that_matches_once_and_those_that_changed_last_first()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var book = stage.Get<OrderBook>();
        await SeedAsync(book, 120, stage.Time.GetUtcNow());
        var all = await book.ReadAsync(read => SellerOrders.List(read, new OrderQuery { Limit = 1_000 }));
        (all.Count, all.Select(order => order.ChangeNo)).ShouldSatisfyAllConditions(
            found => found.Count.ShouldBe(120), found => found.Item2.ShouldBe(found.Item2.OrderDescending()));
        all.Select(order => order.State).Distinct().Count().ShouldBeGreaterThan(3);

        foreach (var states in new OrderState[][] { [], [OrderState.Quoted], [OrderState.Paid, OrderState.Processing], [OrderState.Refunded] })
        {
            foreach (var service in new[] { null, "text_echo", "nothing" })
            {
                foreach (var client in new EthereumAddress?[] { null, _clients[0] })
                {
                    var wanted = all.Where(order => (states.Length == 0 || states.Contains(order.State)) && (service is null || order.ServiceType == service) && (client is null || order.Client == client)).ToList();
                    (await PagesAsync(book, new OrderQuery { States = states, Service = service, Client = client, Limit = 7 })).ShouldBe(wanted.Select(order => order.Id));
                }
            }
        }
    }

    [Fact]
    public async Task No_page_and_no_count_looks_at_rows_that_it_does_not_tell_of()
    {
        using var folder = TempFolder.InMemory();
        await using var store = SqliteJobStore.Open(new SqliteStoreOptions { Path = folder.File("s.db"), Parts = [OrderRows.Schema], Time = TimeProvider.System, Ids = SystemIds.Instance }, PushDelivery.Registry());
        foreach (var (statement, index) in new[]
        {
            (SellerOrders.All, "SEARCH ivxp_order USING INDEX ivxp_order_change (change_no<?)"),
            (SellerOrders.OfState, "SEARCH ivxp_order USING INDEX ivxp_order_state (state=? AND change_no<?)"),
            (SellerOrders.OfService, "SEARCH ivxp_order USING INDEX ivxp_order_sold (service_type=? AND state=? AND change_no<?)"),
            (SellerOrders.OfClient, "SEARCH ivxp_order USING INDEX ivxp_order_inbox (client_address=? AND change_no<?)"),
            (Sales.Statement, "SCAN ivxp_order USING COVERING INDEX ivxp_order_sold"),
        })
        {
            // One step alone: what is found is in order, and nothing is sorted.
            (await ((IStore)store).ReadAsync(read => read.Query("EXPLAIN QUERY PLAN " + statement, row => row.Text(3), Enumerable.Repeat<SqlValue>("a", statement.Split('$').Skip(1).Max(rest => rest[0] - '0')).ToArray()))).ShouldBe([index]);
        }
    }

    [Fact]
    public async Task What_a_service_earned_is_counted_exactly_and_by_the_time_of_the_payment()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var (book, now) = (stage.Get<OrderBook>(), stage.Time.GetUtcNow());
        var day = TimeSpan.FromHours(24);
        foreach (var (units, age, events) in new (long, TimeSpan, OrderEvent[])[]
        {
            (100_000, TimeSpan.Zero, [OrderEvent.PaymentVerified]),
            (200_000, day, [OrderEvent.PaymentVerified, OrderEvent.WorkStarted]),
            (1, day + TimeSpan.FromMilliseconds(1), [OrderEvent.PaymentVerified, OrderEvent.WorkStarted]),
            (7, 31 * day, [OrderEvent.PaymentVerified]),
            (5_000_000, TimeSpan.Zero, [OrderEvent.PaymentVerified, OrderEvent.WorkStarted, OrderEvent.WorkFailed]),
            (6_000_000, TimeSpan.Zero, [OrderEvent.PaymentVerified, OrderEvent.WorkStarted, OrderEvent.WorkFailed, OrderEvent.MoneyReturned]),
            (7_000_000, TimeSpan.Zero, [OrderEvent.PaymentVerified, OrderEvent.WorkStarted, OrderEvent.WorkFailed, OrderEvent.DisputeSigned]),
            (8_000_000, TimeSpan.Zero, []),
            (9_000_000, TimeSpan.Zero, [OrderEvent.QuoteExpired]),
        })
        {
            await AddAsync(book, Order(now, "a", _clients[0]) with { Price = UsdcAmount.FromUnits(units) }, now - age, events);
        }

        await AddAsync(book, Order(now, "b", _clients[0]) with { Price = UsdcAmount.FromUnits(300_000) }, now, [OrderEvent.PaymentVerified]);
        var sales = await book.ReadAsync(read => Sales.Count(read, now));
        var a = sales.Services[0];
        (a.Service, a.Orders, a.Paid, a.Failed, a.Disputed, a.Delivered).ShouldBe(("a", 9, 7, 1, 1, 0));
        new[] { a.EarnedInDay, a.EarnedInMonth, a.Earned, a.AtRisk, sales.Total.EarnedInDay, sales.Total.AtRisk }.Select(amount => amount.ToString()).ShouldBe(["0.3", "0.300001", "0.300008", "12", "0.6", "12"]);
        sales.Count([OrderState.Paid, OrderState.Processing]).ShouldBe(5);
        sales.States[OrderState.Refunded].ShouldBe(1);
    }

    [Fact]
    public async Task A_story_has_each_push_with_why_it_failed_and_each_word_of_the_client()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(503);
        var order = await stage.MadeAsync(endpoint: ProviderStage.Endpoint);
        await stage.SayAsync(stage.Dispute(order, "Nothing came."));
        var story = await stage.Store.ReadAsync(read => OrderStory.Read(read, order.Id));
        story.Changes.Select(change => (change.Event, change.Actor)).ShouldBe([
            (OrderEvent.Requested, OrderActor.Client), (OrderEvent.PaymentVerified, OrderActor.Client), (OrderEvent.WorkStarted, OrderActor.Provider),
            (OrderEvent.StoredForPush, OrderActor.Provider), (OrderEvent.PushFailed, OrderActor.Provider), (OrderEvent.DisputeSigned, OrderActor.Client)]);
        story.Changes.Single(change => change.Event is OrderEvent.PushFailed).Evidence.ShouldBe(PushFailure.ServerError);
        story.Payment!.AmountUsdc!.Value.ToString().ShouldBe("5");
        story.Words.ShouldHaveSingleItem().ShouldSatisfyAllConditions(word => word.IsDispute.ShouldBeTrue(), word => word.Word.Reason.ShouldBe("Nothing came."), word => word.At.ShouldBe(story.Changes[^1].At));
        (await stage.Get<IJobStore>().GetAsync(JobId.Parse((await stage.OrderAsync(order.Id)).WorkJob!)))!.Name.ShouldBe("ivxp.work");
    }

    [Fact]
    public async Task Orders_of_before_are_there_after_the_upgrade()
    {
        using var folder = TempFolder.InMemory();
        var id = OrderId.New(new SeededIds(3));
        SqliteJobStore Open(SchemaPart part) => SqliteJobStore.Open(new SqliteStoreOptions { Path = folder.File("s.db"), Parts = [part], Time = TimeProvider.System, Ids = SystemIds.Instance }, PushDelivery.Registry());
        await using (var old = Open(OrderRows.Schema with { Migrations = [OrderRows.Schema.Migrations[0]] }))
        {
            await ((IStore)old).WriteAsync(write =>
            {
                OrderRows.Insert(write, Order(TimeProvider.System.GetUtcNow(), "a", _clients[0]) with { Id = id });
                return true;
            });
        }

        await using var store = Open(OrderRows.Schema);
        var found = await ((IStore)store).ReadAsync(read => SellerOrders.List(read, new OrderQuery { States = [OrderState.Quoted], Limit = 2 }));
        found.ShouldHaveSingleItem().ShouldSatisfyAllConditions(order => order.Id.ShouldBe(id), order => order.WorkJob.ShouldBeNull());
    }

    /// <summary>Orders of three clients and two services, in every state that needs no result.</summary>
    internal static Task SeedAsync(OrderBook book, int count, DateTimeOffset now) => book.WriteAsync(write =>
    {
        OrderEvent[][] lives =
        [
            [], [OrderEvent.PaymentVerified], [OrderEvent.PaymentVerified, OrderEvent.WorkStarted], [OrderEvent.QuoteExpired], [OrderEvent.PaymentVerified, OrderEvent.WorkStarted, OrderEvent.WorkFailed],
        ];
        for (var i = 0; i < count; i++) { Add(write, Order(now, i % 2 == 0 ? "text_echo" : "research", _clients[i % _clients.Length]), now, lives[i % lives.Length]); }
        return true;
    });

    internal static Order Order(DateTimeOffset now, string service, EthereumAddress client) => new()
    {
        Id = OrderId.New(SystemIds.Instance),
        Version = 1,
        State = OrderState.Quoted,
        Protocol = IvxpProtocol.Version11,
        ServiceType = service,
        Description = "hello",
        ClientName = "test",
        Client = client,
        Price = UsdcAmount.FromUnits(1_000_000),
        PaymentAddress = _clients[0],
        Network = UsdcNetwork.BaseSepolia,
        CreatedAt = now,
        PayUntil = now + TimeSpan.FromHours(1),
    };

    internal static Task AddAsync(OrderBook book, Order order, DateTimeOffset paidAt, params OrderEvent[] events) => book.WriteAsync(write =>
    {
        Add(write, order, paidAt, events);
        return true;
    });

    private static void Add(IWrite write, Order order, DateTimeOffset paidAt, OrderEvent[] events)
    {
        OrderBook.Add(write, order);
        foreach (var happened in events)
        {
            order = OrderBook.Change(write, order, happened, OrderActor.Provider, (next, _) => happened is OrderEvent.PaymentVerified ? next with { PaidAt = paidAt, TransactionHash = "0x" + order.Id } : next).ShouldNotBeNull();
        }
    }

    private static async Task<List<string>> PagesAsync(OrderBook book, OrderQuery query)
    {
        var seen = new List<string>();
        while (true)
        {
            var page = await book.ReadAsync(read => SellerOrders.List(read, query));
            page.Count.ShouldBeLessThanOrEqualTo(query.Limit);
            seen.AddRange(page.Select(order => order.Id));
            if (page.Count < query.Limit) { return seen; }
            query = query with { Before = page[^1].ChangeNo };
        }
    }
}
