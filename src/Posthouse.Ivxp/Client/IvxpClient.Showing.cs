using System.Text.Json;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Client;

/// <summary>An order of this wallet that changed at its provider.</summary>
/// <param name="Status">The provider's word.</param>
/// <param name="Purchase">What is known of it here, with the result if there is one; null: it was bought from another store.</param>
/// <param name="Failure">Why its result could not be collected, or null.</param>
public sealed record ChangedOrder(OrderStatus Status, Purchase? Purchase, string? Failure);

/// <content>What was missed, and what can be shown to others.</content>
public sealed partial class IvxpClient
{
    // Far above what anybody misses; a provider that always has another page must not be followed for ever.
    private const int MaxPages = 100;

    private static readonly string[] _collectable = ["ready", "ready_for_pickup", "posted", "delivered", "client_confirmed", "disputed"];

    /// <summary>
    /// Lists the wallet's own orders that changed since the last time, and collects results that wait. How far it came is remembered
    /// after each page.
    /// </summary>
    /// <param name="provider">The provider's address.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <exception cref="PosthouseException">What <see cref="ProviderClient"/> throws.</exception>
    public async Task<IReadOnlyList<ChangedOrder>> InboxAsync(Uri provider, CancellationToken cancellationToken = default)
    {
        var client = await _steps.OpenAsync(provider);
        var wallet = _options.Wallet();
        var seller = EthereumAddress.Parse((await client.CatalogAsync(cancellationToken)).WalletAddress);
        var changed = new List<ChangedOrder>();
        for (var page = 0; page < MaxPages; page++)
        {
            var cursor = await Book.ReadAsync(read => ProviderRows.Cursor(read, provider));
            var found = await client.InboxAsync(wallet, seller, cursor, cancellationToken);
            foreach (var status in found.Orders)
                changed.Add(await TakeInAsync(status, seller, cancellationToken));
            await Book.WriteAsync(write =>
            {
                ProviderRows.MoveCursor(write, provider, found.NextCursor);
                return 0;
            });
            if (found.Orders.Count == 0 || found.NextCursor == cursor)
                break;
        }
        return changed;
    }

    /// <summary>What this store can show of a purchase to anybody, checkable without a network.</summary>
    /// <param name="purchase">A purchase that was quoted.</param>
    /// <exception cref="PosthouseException">PURCHASE_STATE: there is no order yet.</exception>
    public ReceiptBundle Bundle(Purchase purchase)
    {
        ArgumentNullException.ThrowIfNull(purchase);
        if (purchase is not { OrderId: { } order, Provider: { } seller, Price: { } price, Network: { } network })
            throw new PosthouseException(ClientErrors.PurchaseState, "The provider has not quoted yet, so there is nothing to show.");
        var receipt = purchase.Receipt is { } signed ? Signed(purchase, signed) : null;
        return new ReceiptBundle(
            ReceiptBundle.FormatName, order, purchase.Protocol ?? IvxpProtocol.Version10, WireTime.Write(_time.GetUtcNow()), ReceiptBundle.ByClient,
            new BundledQuote(new ProviderAgent(SellerName(purchase), seller.ToString()), purchase.Client.ToString(), purchase.ServiceType, price,
                (purchase.PaymentAddress ?? seller).ToString(), network, UsdcNetwork.Find(network)?.Contract.ToString(), Written(purchase.QuotedAt)),
            purchase.TransactionHash is { } transaction ? new BundledPayment(transaction, network) : null,
            purchase is { Content: { } content, ContentHash: not null } ? Delivery(purchase, content) : null,
            purchase.ConfirmedAt is null ? null : receipt,
            purchase.ConfirmedAt is null && purchase.DisputedAt is not null ? receipt : null);
    }

    private async Task<ChangedOrder> TakeInAsync(OrderStatus status, EthereumAddress seller, CancellationToken cancellationToken)
    {
        if (await Book.OfOrderAsync(status.OrderId, seller) is not { } known || known.Provider != seller)
            return new ChangedOrder(status, null, null);
        var word = status.StatusV11 ?? status.Status;
        known = await Book.ChangeAsync(known.Id, (now, _) => now with { Status = word });
        if (known.Content is not null || !_collectable.Contains(word))
            return new ChangedOrder(status, known, null);
        try
        {
            return new ChangedOrder(status, await DownloadAsync(known.Id, cancellationToken), null);
        }
        catch (PosthouseException e) when (e.Code is not ClientErrors.ProviderUnreachable)
        {
            return new ChangedOrder(status, known, e.Message); // The others are not kept waiting for this one.
        }
    }

    private static BundledDelivery Delivery(Purchase purchase, byte[] content)
    {
        var hash = JsonContent.Parse(content).Hash();
        return new BundledDelivery(purchase.ContentHash!, hash.Raw, hash.Python, SignedMessage: purchase.SignedMessage, Signature: purchase.Signature);
    }

    private static BundledReceipt? Signed(Purchase purchase, byte[] message)
    {
        using var document = JsonDocument.Parse(message);
        var root = document.RootElement;
        return Answers.Text(root, "signed_message") is { } text && Answers.Text(root, "signature") is { } signature
            ? new BundledReceipt(purchase.ConfirmedAt is null ? SignedText.Dispute.Id : SignedText.Receipt.Id, text, signature,
                purchase.ConfirmedAt is null ? null : purchase.Rating, purchase.ConfirmedAt is null ? purchase.Reason : null, Written(purchase.ConfirmedAt ?? purchase.DisputedAt))
            : null;
    }

    private static string SellerName(Purchase purchase)
    {
        if (purchase.Quote is not { } quote)
            return "";
        using var document = JsonDocument.Parse(quote);
        return document.RootElement.TryGetProperty("provider_agent", out var agent) ? Answers.Text(agent, "name") ?? "" : "";
    }

    private static string? Written(DateTimeOffset? instant) => instant is { } at ? WireTime.Write(at) : null;
}
