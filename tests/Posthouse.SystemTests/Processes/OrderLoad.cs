using System.Collections.Concurrent;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;

namespace Posthouse.SystemTests.Processes;

/// <summary>An order whose proof was answered with success: from then on the provider owes its result.</summary>
internal sealed record PaidOrder(string Id, string Transaction, string Text, bool IsPushed, EthereumAddress Signer)
{
    /// <summary>The hash of each content that was downloaded, computed here.</summary>
    public ConcurrentQueue<string> Served { get; } = new();
}

/// <summary>Buyers who order without a pause and repeat each call whose answer was lost.</summary>
internal sealed class OrderLoad(MortalProvider provider, PushListener listener) : IDisposable
{
    private const int Buyers = 6;

    // Long enough that a few hundred orders fill the database's log, so that it is folded in.
    private static readonly string _padding = new('x', 4000);

    /// <summary>A net under a buyer who would repeat for ever.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly HttpMessageInvoker _invoker = new(GuardedHandlers.Create());
    private readonly List<Task> _buyers = [];
    private volatile bool _enough;
    private int _lost;

    /// <summary>Every quote that was answered.</summary>
    public ConcurrentQueue<string> Quoted { get; } = new();

    /// <summary>Every order whose proof was answered with success.</summary>
    public ConcurrentQueue<PaidOrder> Paid { get; } = new();

    /// <summary>How many calls had no answer and were repeated.</summary>
    public int Lost => _lost;

    public void Begin() => _buyers.AddRange(Enumerable.Range(0, Buyers).Select(BuyAsync));

    /// <summary>No new orders; those that were begun are bought to their end.</summary>
    public Task EndAsync()
    {
        _enough = true;
        return Task.WhenAll(_buyers).WaitAsync(_patience);
    }

    /// <summary>Collects an order's result, whose hash and signature the client checks.</summary>
    public async Task<CheckedDelivery> CollectAsync(PaidOrder order)
    {
        var delivery = await Client(await provider.AddressAsync()).DownloadAsync(order.Id, order.Signer);
        order.Served.Enqueue(delivery.Message.Deliverable.Content.Hash().Wire);
        return delivery;
    }

    public void Dispose() => _invoker.Dispose();

    private async Task BuyAsync(int buyer)
    {
        var wallet = Wallet.Create(SystemIds.Instance, Secp256k1.Best);
        var agent = new ClientAgent("Buyer", wallet.Address.ToString());
        PaidOrder? earlier = null;
        for (var turn = 0; !_enough; turn++)
        {
            var text = $"{buyer}/{turn} {_padding}";
            var quote = await InsistAsync(client => client.QuoteAsync(agent, new RequestedWork("text_echo", text, UsdcAmount.FromUnits(5 * UsdcAmount.UnitsPerUsdc))));
            Quoted.Enqueue(quote.OrderId);
            var payTo = EthereumAddress.Parse(quote.Quote.PaymentAddress);
            var transaction = await InsistAsync(client => client.PayOnDevChainAsync(wallet.Address, payTo, quote.Quote.PriceUsdc));
            var isPushed = turn % 2 == 0;
            await InsistAsync(client => client.ProveAsync(wallet, quote.OrderId, quote.Quote.Network, transaction, isPushed ? listener.Endpoint : null));
            var order = new PaidOrder(quote.OrderId, transaction, text, isPushed, EthereumAddress.Parse(quote.ProviderAgent.WalletAddress));
            Paid.Enqueue(order);
            // The one before, whose work has had a little time.
            if (earlier is { IsPushed: false })
                await LookAsync(earlier);
            earlier = order;
        }
    }

    /// <summary>Collects the result if it is there by now; a look that does not insist.</summary>
    private async Task LookAsync(PaidOrder order)
    {
        try
        {
            await CollectAsync(order);
        }
        catch (PosthouseException e) when (e.Code is ClientErrors.ProviderUnreachable or IvxpErrors.DeliverableNotReady)
        {
            // Later, then: all are collected in the end.
        }
    }

    private ProviderClient Client(Uri address) => new(new HttpExchange(_invoker, TimeProvider.System), address, TimeProvider.System, Secp256k1.Best);

    private async Task<T> InsistAsync<T>(Func<ProviderClient, Task<T>> call)
    {
        while (true)
        {
            var address = await provider.AddressAsync();
            try
            {
                return await call(Client(address));
            }
            catch (PosthouseException e) when (e.Code is ClientErrors.ProviderUnreachable)
            {
                Interlocked.Increment(ref _lost);
            }
            catch (PosthouseException e) when (e.Code is IvxpErrors.ServiceUnavailable or IvxpErrors.PaymentNotVerified)
            {
                // It says itself that it is to be asked again.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20)); // A client that repeats itself, and not at full speed.
        }
    }
}
