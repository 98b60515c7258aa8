using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Benchmarks.Ivxp;

/// <summary>Pushes of stored results, each stored before and after, beside the same requests from a bare loop.</summary>
public static class PushBenchmark
{
    private const int Pushes = 20_000;
    private const int Concurrency = 32;

    // Different hosts, as different clients have: one host's budget is no measure of the whole.
    private const int Hosts = 16;

    public static async Task RunAsync(Report report)
    {
        await using var inbox = await Inbox.StartAsync();
        await using var station = await Station.StartAsync(Concurrency);
        var bare = await BareAsync(inbox);
        var pushed = await StoredAsync(station, inbox);
        report.Add("the same requests without a store", bare, "/s");
        report.Add("pushes, stored before and after", pushed, "/s", "without a store", pushed / bare);
    }

    private static async Task<double> BareAsync(Inbox inbox)
    {
        using var invoker = new HttpMessageInvoker(GuardedHandlers.Create());
        var exchange = new HttpExchange(invoker, TimeProvider.System);
        var body = Encoding.UTF8.GetBytes(new string('x', 900));
        var next = 0;
        await RunAsync(2_000);
        next = 0;
        var started = Stopwatch.GetTimestamp();
        await RunAsync(Pushes);
        return Pushes / Stopwatch.GetElapsedTime(started).TotalSeconds;

        Task RunAsync(int count) => Task.WhenAll(Enumerable.Range(0, Concurrency).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i <= count; i = Interlocked.Increment(ref next))
            {
                await exchange.SendAsync(new ExchangeRequest(HttpMethod.Post, inbox.Of(i)) { Body = body });
            }
        })));
    }

    private static async Task<double> StoredAsync(Station station, Inbox inbox)
    {
        await FillAsync(station, inbox, 2_000);
        await inbox.UntilAsync(Pushes + 4_000); // The bare loop's, its warm-up and this one's.
        for (var i = 0; i < Hosts; i++)
        {
            await station.Get<Posthouse.Queue.JobQueue>().PauseAsync(inbox.Of(i).Authority);
        }

        await FillAsync(station, inbox, Pushes);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Hosts; i++)
        {
            await station.Get<Posthouse.Queue.JobQueue>().ResumeAsync(inbox.Of(i).Authority);
        }

        while (await station.Store.ReadAsync(read => read.Scalar("SELECT COUNT(*) FROM ivxp_order WHERE state <> 'posted'")) > 0)
        {
            await Task.Delay(20);
        }

        return Pushes / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Orders whose result is stored and waits for its push, entered as the work's own transaction enters them.</summary>
    private static async Task FillAsync(Station station, Inbox inbox, int count)
    {
        const int Batch = 500;
        for (var i = 0; i < count; i += Batch)
        {
            var from = i;
            await station.Store.WriteAsync(write =>
            {
                for (var n = from; n < from + Batch; n++)
                {
                    Enter(station, write, inbox.Of(n).AbsoluteUri);
                }

                return true;
            });
        }
    }

    private static void Enter(Station station, IWrite write, string endpoint)
    {
        var options = station.Get<Posthouse.Ivxp.Hosting.IvxpOptions>();
        var content = JsonContent.Parse(Encoding.UTF8.GetBytes("""{"text":"hello"}"""));
        var order = new Order
        {
            Id = OrderId.New(SystemIds.Instance),
            Version = 1,
            State = OrderState.Quoted,
            Protocol = IvxpProtocol.Version11,
            ServiceType = "text_echo",
            Description = "hello",
            ClientName = "bench",
            Client = options.Wallet.Address,
            Price = UsdcAmount.FromUnits(5_000_000),
            PaymentAddress = options.Wallet.Address,
            Network = UsdcNetwork.BaseSepolia,
            CreatedAt = write.Now,
            PayUntil = write.Now.AddHours(1),
        };
        OrderBook.Add(write, order);
        var paid = OrderBook.Change(write, order, OrderEvent.PaymentVerified, OrderActor.Client, (next, now) => next with
        {
            TransactionHash = "0x" + Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()),
            PaidAt = now,
            DeliveryEndpoint = endpoint,
        });
        var working = OrderBook.Change(write, paid, OrderEvent.WorkStarted, OrderActor.Provider);
        var hash = content.Hash();
        var job = write.Enqueue(PushDelivery.To(working!));
        OrderBook.Change(write, working, OrderEvent.StoredForPush, OrderActor.Provider, (next, now) => next with
        {
            CompletedAt = now,
            ReadyAt = now,
            KeepUntil = now.AddDays(7),
            ContentHash = hash.Wire,
            Push = PushState.Scheduled,
            PushJob = job.Value,
        });
        var text = SignedText.Delivery.Build(new SignedFields(order.Id, Timestamp: WireTime.Write(write.Now), ContentHash: hash.Wire));
        OrderRows.InsertDeliverable(write, order.Id, new StoredDeliverable(job.Value, "text_echo", "json", content.Utf8.ToArray(), hash, text, options.Wallet.Sign(text).ToString()));
    }

    /// <summary>Clients that take whatever comes, on loopback addresses of their own.</summary>
    private sealed class Inbox : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private int _count;

        private Inbox()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls([.. Enumerable.Range(1, Hosts).Select(i => $"http://127.0.0.{i}:0")]);
            _app = builder.Build();
            _app.MapPost(IvxpProtocol.Routes.Receive, TakeAsync);
        }

        private Uri[] Places { get; set; } = [];

        public Uri Of(int n) => Places[n % Hosts];

        public static async Task<Inbox> StartAsync()
        {
            var inbox = new Inbox();
            await inbox._app.StartAsync();
            inbox.Places = [.. inbox._app.Urls.Select(url => new Uri(new Uri(url), IvxpProtocol.Routes.Receive))];
            return inbox;
        }

        public async Task UntilAsync(int count)
        {
            while (Volatile.Read(ref _count) < count)
            {
                await Task.Delay(10);
            }
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task TakeAsync(HttpContext context)
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            Interlocked.Increment(ref _count);
            await context.Response.WriteAsync("""{"status":"received"}""");
        }
    }
}
