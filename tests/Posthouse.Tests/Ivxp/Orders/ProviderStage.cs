using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Connectivity;
using Posthouse.Dispatch;
using Posthouse.Hosting;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Notices;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Proofs;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Services;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Tests.Postgres;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Ivxp.Orders;

/// <summary>A provider with a real store, a real dispatcher and a development chain, under a clock that the test moves; its two ways out are the test's.</summary>
internal sealed class ProviderStage : IAsyncDisposable
{
    public const string Endpoint = "http://client.example/inbox";

    // A test that lets minutes pass at once leaves a running handler no moment to renew a lease of the usual length: it would be taken for dead.
    private static readonly TimeSpan _lease = TimeSpan.FromDays(30);

    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly ServiceProvider _services;

    private ProviderStage(Func<IvxpOptions, IvxpOptions>? configure, bool dispatches, Func<IvxpExchanges, IvxpExchanges>? exchanges, IMailPost? mail)
    {
        Wallet = Wallet.Create(new SeededIds(1), Secp256k1.Best);
        Client = Wallet.Create(new SeededIds(2), Secp256k1.Best);
        var options = new IvxpOptions
        {
            Wallet = Wallet,
            Network = UsdcNetwork.BaseSepolia,
            RpcUrl = () => new Uri("http://node.example/"),
            Services = DevOffers.All(Time),
        };
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton(Logs);
        var wires = new IvxpExchanges(new ChainWire(this), Inbox);
        services.AddSingleton(exchanges?.Invoke(wires) ?? wires);
        if (mail is not null)
            services.AddSingleton(mail);
        services.AddPosthouse(o => (o.Dispatches, o.Dispatch) = (dispatches, new DispatchOptions { Lease = _lease })).UseTestStore(_folder.File("posthouse.db"))
            .AddIvxp(configure?.Invoke(options) ?? options).AddDevChain(UsdcNetwork.BaseSepolia);
        _services = services.BuildServiceProvider();
    }

    /// <summary>The station.</summary>
    public string Folder => _folder.Path;

    public ManualTimeProvider Time { get; } = new();

    public Microsoft.Extensions.Logging.ILoggerFactory Logs { get; } = new RecordedLog();

    public IReadOnlyList<int> LoggedIds => ((RecordedLog)Logs).Ids;

    public InboxWire Inbox { get; } = new();

    public Wallet Wallet { get; }

    public Wallet Client { get; }

    public bool ChainIsDown { get; set; }

    public IStore Store => Get<IStore>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static async Task<ProviderStage> StartAsync(
        Func<IvxpOptions, IvxpOptions>? configure = null, bool dispatches = true, Func<IvxpExchanges, IvxpExchanges>? exchanges = null, IMailPost? mail = null)
    {
        var stage = new ProviderStage(configure, dispatches, exchanges, mail);
        await stage._services.StartPosthouse();
        return stage;
    }

    public async Task<string> QuoteAsync(string service = "text_echo", string protocol = IvxpProtocol.Version11, Wallet? client = null)
    {
        var request = new ServiceRequest(protocol, IvxpProtocol.MessageTypes.Request, WireTime.Write(Time.GetUtcNow()),
            new ClientAgent("test", (client ?? Client).Address.ToString()), new RequestedWork(service, "hello", UsdcAmount.FromUnits(100_000_000)));
        return (await Get<RequestQuote>().AnswerAsync(request)).Answer.ShouldNotBeNull().OrderId;
    }

    public async Task<string> PayAsync(string usdc = "5", Wallet? client = null)
    {
        var call = $$"""{"jsonrpc":"2.0","id":1,"method":"dev_pay","params":[{"from":"{{(client ?? Client).Address}}","to":"{{Wallet.Address}}","amount_usdc":"{{usdc}}"}]}""";
        using var answer = JsonDocument.Parse(await ChainAsync(Encoding.ASCII.GetBytes(call)));
        return answer.RootElement.GetProperty("result").GetString()!;
    }

    public DeliveryRequest Proof(string order, string transaction, string? endpoint = null, Wallet? signer = null, string protocol = IvxpProtocol.Version11)
    {
        var now = WireTime.Write(Time.GetUtcNow());
        var text = SignedText.Payment.Build(new SignedFields(order, transaction, now));
        return new DeliveryRequest(protocol, IvxpProtocol.MessageTypes.DeliveryRequest, now, order,
            new PaymentProof(transaction, (signer ?? Client).Address.ToString(), UsdcNetwork.BaseSepolia.Id), (signer ?? Client).Sign(text).ToString(), text, endpoint);
    }

    public Task<Reply<DeliveryAccepted>> ProveAsync(DeliveryRequest proof) => ProveAsync(ProofOfPayment.From(proof).Answer!);

    public Task<Reply<DeliveryAccepted>> ProveAsync(ProofOfPayment proof) => Get<AcceptPayment>().AnswerAsync(proof, CancellationToken.None);

    /// <summary>An order that is quoted, paid and proved.</summary>
    public async Task<string> BuyAsync(string service = "text_echo", string usdc = "5", string? endpoint = null, string protocol = IvxpProtocol.Version11)
    {
        var order = await QuoteAsync(service, protocol);
        (await ProveAsync(Proof(order, await PayAsync(usdc), endpoint, protocol: protocol))).Refusal.ShouldBeNull();
        return order;
    }

    public async Task<Order> OrderAsync(string id) => (await Get<OrderBook>().FindAsync(id)).ShouldNotBeNull();

    /// <summary>The order once it fits; woken by the store's own signal, so that nothing is slept through.</summary>
    public async Task<Order> UntilAsync(string id, Func<Order, bool> fits)
    {
        var jobs = Get<IJobStore>();
        using var net = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var position = await jobs.LastPositionAsync();
            if (await OrderAsync(id) is var order && fits(order))
                return order;
            await jobs.ChangedAsync(position, net.Token);
        }
    }

    public Task<Order> UntilAsync(string id, OrderState state) => UntilAsync(id, order => order.State == state);

    /// <summary>Lets time pass, from one due job to the next and never while one runs, until the order fits.</summary>
    public async Task<Order> PassUntilAsync(string id, Func<Order, bool> fits)
    {
        var jobs = Get<IJobStore>();
        using var net = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var position = await jobs.LastPositionAsync();
            if (await OrderAsync(id) is var order && fits(order))
                return order;
            var counts = await jobs.CountAsync();
            if (counts is { Ready: 0, Running: 0, NextDue: { } due } && due > Time.GetUtcNow())
                Pass(due - Time.GetUtcNow() + TimeSpan.FromMilliseconds(1));
            await ChangedOrQuietAsync(jobs, position, net.Token);
        }
    }

    // A job that looked and found nothing to do tells nobody; so the queue is looked at again by itself.
    private static async Task ChangedOrQuietAsync(IJobStore jobs, long position, CancellationToken cancellationToken)
    {
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        quiet.CancelAfter(TimeSpan.FromMilliseconds(20));
        try
        {
            await jobs.ChangedAsync(position, quiet.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing happened.
        }
    }

    /// <summary>Lets time pass. The store is woken, for it may have measured a wait just before and not yet begun it.</summary>
    public void Pass(TimeSpan by)
    {
        Time.Advance(by);
        Get<IJobStore>().Wake();
    }

    /// <summary>Lets time pass until the next push is due, and says how much.</summary>
    public async Task<TimeSpan> ToNextPushAsync(string id)
    {
        var job = (await Get<IJobStore>().GetAsync(JobId.Parse((await OrderAsync(id)).PushJob!))).ShouldNotBeNull();
        var wait = job.RunAt - Time.GetUtcNow();
        Pass(wait + TimeSpan.FromMilliseconds(1));
        return wait;
    }

    public Task<List<string>> HistoryAsync(string id) => Store.ReadAsync(read => read.Query(
        "SELECT event, to_state FROM ivxp_order_history WHERE order_id = $1 ORDER BY version", row => $"{row.Text(0)}>{row.Text(1)}", id));

    public async ValueTask DisposeAsync()
    {
        await Get<PosthouseHost>().StopAsync();
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    private Task<byte[]> ChainAsync(byte[] call) => Store.WriteAsync(write => Get<DevChain>().Answer(write, call));

    private sealed class ChainWire(ProviderStage stage) : IExchange
    {
        public async Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default) => stage.ChainIsDown
            ? throw new HttpRequestException(HttpRequestError.ConnectionError, "The node is away.")
            : new ExchangeResponse(200, new Dictionary<string, string>(), await stage.ChainAsync(request.Body.ToArray()));
    }
}

/// <summary>The client's side of pushes: away until it is told what to answer.</summary>
internal sealed class InboxWire : IExchange
{
    private readonly List<ExchangeRequest> _received = [];

    public Func<ExchangeResponse>? Answer { get; set; }

    public IReadOnlyList<ExchangeRequest> Received
    {
        get
        {
            lock (_received)
                return [.. _received];
        }
    }

    public static ExchangeResponse Response(int status, params (string Name, string Value)[] headers) =>
        new(status, headers.ToDictionary(h => h.Name, h => h.Value, StringComparer.OrdinalIgnoreCase), ReadOnlyMemory<byte>.Empty);

    public Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default)
    {
        lock (_received)
            _received.Add(request);
        return Task.FromResult(Answer?.Invoke() ?? throw new HttpRequestException(HttpRequestError.ConnectionError, "The client is away."));
    }
}
