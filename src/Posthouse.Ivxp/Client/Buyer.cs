using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Client;

/// <summary>
/// Buys, and remembers each step before the next one is taken: the intent before money is sent, the transaction before it is
/// proved, the result before it is shown. A purchase that broke off goes on where it stopped.
/// </summary>
/// <param name="client">The provider.</param>
/// <param name="book">The memory.</param>
/// <param name="wallet">Who buys.</param>
/// <param name="time">The clock.</param>
public sealed class Buyer(ProviderClient client, PurchaseBook book, Wallet wallet, TimeProvider time)
{
    private const string Name = "Posthouse";

    // The provider pushes to those who want it at once; who polls need not be quicker than a person.
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPoll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SlowestPoll = TimeSpan.FromSeconds(60);

    private static readonly string[] _collectable = ["ready", "ready_for_pickup", "posted", "delivered", "client_confirmed"];
    private static readonly string[] _over = ["delivery_failed", "expired", "refunded"];

    /// <summary>Asks for a service and remembers the order.</summary>
    /// <param name="serviceType">What.</param>
    /// <param name="description">The input of the work.</param>
    /// <param name="budget">The most it may cost.</param>
    /// <param name="endpoint">Where to push the result, or null.</param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    /// <exception cref="PosthouseException">PRICE_TOO_HIGH, ANSWER_INVALID, or what <see cref="ProviderClient"/> throws.</exception>
    public async Task<Purchase> QuoteAsync(string serviceType, string description, UsdcAmount budget, string? endpoint, CancellationToken cancellationToken = default)
    {
        var quote = await client.QuoteAsync(
            new ClientAgent(Name, wallet.Address.ToString()), new RequestedWork(serviceType, description, budget), cancellationToken);
        if (!OrderId.IsValid(quote.OrderId) || !EthereumAddress.TryParse(quote.ProviderAgent.WalletAddress, out var provider)
            || !EthereumAddress.TryParse(quote.Quote.PaymentAddress, out var payTo) || UsdcNetwork.Find(quote.Quote.Network) is null)
            throw new PosthouseException(ClientErrors.AnswerInvalid, "The quote names no order, account or network that can be used.");
        if (quote.Quote.PriceUsdc > budget)
            throw new PosthouseException(ClientErrors.PriceTooHigh, $"The quote is {quote.Quote.PriceUsdc} USDC, above the {budget} you allow.");
        var purchase = new Purchase(
            provider, quote.OrderId, client.Provider, serviceType, quote.Quote.PriceUsdc, quote.Quote.Network, payTo, wallet.Address, time.GetUtcNow())
        {
            Endpoint = endpoint,
        };
        await book.SaveAsync(purchase);
        return purchase;
    }

    /// <summary>Pays on the provider's development chain; does nothing for what is paid.</summary>
    /// <exception cref="PosthouseException">PAYMENT_UNKNOWN: an earlier payment's answer was lost, so that money may have moved.</exception>
    public async Task<Purchase> PayAsync(Purchase purchase, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(purchase);
        if (purchase.TransactionHash is not null)
            return purchase;
        if (purchase.IntentAt is not null)
        {
            throw new PosthouseException(ClientErrors.PaymentUnknown,
                "An earlier payment of this order broke off and money may have moved. Look into your wallet and go on with --tx HASH.");
        }
        purchase = purchase with { IntentAt = time.GetUtcNow() };
        await book.SaveAsync(purchase);
        return await PaidByAsync(purchase, await client.PayOnDevChainAsync(wallet.Address, purchase.PaymentAddress, purchase.Price, cancellationToken));
    }

    /// <summary>Remembers a payment that was made elsewhere.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: no transaction's hash.</exception>
    public async Task<Purchase> PaidByAsync(Purchase purchase, string transaction)
    {
        if (!TransactionHash.TryNormalize(transaction, out var hash))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{transaction}' is no transaction: write 0x and 64 hexadecimal digits.");
        return await SavedAsync(purchase with { TransactionHash = hash });
    }

    /// <summary>Proves the payment; does nothing for what is proved.</summary>
    /// <exception cref="PosthouseException">As <see cref="ProviderClient.ProveAsync"/>; the payment is remembered, so that the proof can be sent again.</exception>
    public async Task<Purchase> ProveAsync(Purchase purchase, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(purchase);
        if (purchase.ProvedAt is not null)
            return purchase;
        await client.ProveAsync(wallet, purchase.OrderId, purchase.Network, purchase.TransactionHash!, purchase.Endpoint, cancellationToken);
        return await SavedAsync(purchase with { ProvedAt = time.GetUtcNow(), Status = "paid" });
    }

    /// <summary>The provider's word on a purchase, remembered.</summary>
    /// <exception cref="PosthouseException">As <see cref="ProviderClient.StatusAsync"/>.</exception>
    public async Task<(Purchase Purchase, OrderStatus Status)> StatusAsync(Purchase purchase, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(purchase);
        var status = await client.StatusAsync(purchase.OrderId, cancellationToken);
        return (await SavedAsync(purchase with { Status = status.StatusV11 ?? status.Status }), status);
    }

    /// <summary>Waits until the result can be collected. A provider that is away is waited for.</summary>
    /// <param name="purchase">The purchase.</param>
    /// <param name="within">How long.</param>
    /// <param name="changed">Told each new word of the provider, and that it is away.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="PosthouseException">ORDER_FAILED or STILL_WAITING, or the provider's own refusal.</exception>
    public async Task<Purchase> WaitAsync(Purchase purchase, TimeSpan within, Action<string> changed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(purchase);
        ArgumentNullException.ThrowIfNull(changed);
        var began = time.GetTimestamp();
        var (pause, told) = (FirstLook, "");
        while (true)
        {
            var word = await LookAsync();
            if (word != told)
                changed(told = word);
            if (_collectable.Contains(word))
                return purchase;
            if (_over.Contains(word))
                throw new PosthouseException(ClientErrors.OrderFailed, $"The order ended as {word}.");
            if (time.GetElapsedTime(began) + pause > within)
                throw new PosthouseException(ClientErrors.StillWaiting, $"The order is {word} and goes on. Ask again: posthouse order download {purchase.OrderId}");
            await Task.Delay(pause, time, cancellationToken);
            pause = pause < FirstPoll ? FirstPoll : pause * 2 < SlowestPoll ? pause * 2 : SlowestPoll;
        }

        async Task<string> LookAsync()
        {
            try
            {
                (purchase, _) = await StatusAsync(purchase, cancellationToken);
                return purchase.Status;
            }
            catch (PosthouseException e) when (e.Code is ClientErrors.ProviderUnreachable or IvxpErrors.ServiceUnavailable or IvxpErrors.RateLimited)
            {
                return "away";
            }
        }
    }

    /// <summary>Collects the result, checks it and stores it; answers what is stored already.</summary>
    /// <exception cref="PosthouseException">As <see cref="ProviderClient.DownloadAsync"/>.</exception>
    public async Task<Purchase> DownloadAsync(Purchase purchase, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(purchase);
        if (purchase.Content is not null)
            return purchase;
        var delivery = await client.DownloadAsync(purchase.OrderId, purchase.Provider, cancellationToken);
        var content = delivery.Message.Deliverable.Content;
        return await SavedAsync(purchase with
        {
            Content = content.Utf8.ToArray(),
            ContentHash = delivery.Message.ContentHash ?? content.Hash().Wire,
            DownloadedAt = time.GetUtcNow(),
            Status = "delivered",
        });
    }

    private async Task<Purchase> SavedAsync(Purchase purchase)
    {
        await book.SaveAsync(purchase);
        return purchase;
    }
}
