using Posthouse.Ivxp.Signing;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Client;

/// <summary>The durable memory of a buyer, so that money that moved is never forgotten.</summary>
/// <param name="store">The pocket's store, opened with <see cref="Schema"/>.</param>
public sealed class PurchaseBook(IStore store)
{
    /// <summary>The tables of a buyer.</summary>
    public static SchemaPart Schema { get; } = new("ivxp_buyer", [(Text(), Text())], ["ivxp_purchase", "ivxp_provider"]);

    /// <summary>All purchases, the newest first, at most 1,000.</summary>
    public Task<List<Purchase>> ListAsync() => store.ReadAsync(PurchaseRows.List);

    /// <summary>A purchase by its order's id, its own id, or the beginning of either.</summary>
    /// <exception cref="PosthouseException">PURCHASE_NOT_FOUND: none begins so, or several do.</exception>
    public async Task<Purchase> FindAsync(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        var found = await store.ReadAsync(read => PurchaseRows.WithPrefix(read, id));
        return found.Count switch
        {
            1 => found[0],
            0 => throw new PosthouseException(ClientErrors.PurchaseNotFound, $"No order of yours begins with '{id}'. 'posthouse order list' shows them."),
            _ => throw new PosthouseException(ClientErrors.PurchaseNotFound, $"Several orders begin with '{id}'; give more of its id."),
        };
    }

    /// <summary>A purchase by its own id, or null.</summary>
    internal Task<Purchase?> GetAsync(string id) => store.ReadAsync(read => PurchaseRows.Find(read, id));

    /// <summary>The purchase of an order that was pushed: by the seller's account where the message names one.</summary>
    internal Task<Purchase?> OfOrderAsync(string orderId, EthereumAddress? provider) =>
        store.ReadAsync(read => PurchaseRows.OfOrder(read, orderId) is { Count: > 0 } found
            ? found.Find(purchase => provider is null || purchase.Provider == provider) ?? (provider is null ? null : found[0])
            : null);

    /// <summary>Changes a purchase as it stands at this moment; it is on disk when this completes.</summary>
    internal Task<Purchase> ChangeAsync(string id, Func<Purchase, IWrite, Purchase> change) =>
        store.WriteAsync(write => PurchaseRows.Change(write, id, purchase => change(purchase, write)));

    /// <summary>Runs a transaction on the buyer's tables.</summary>
    internal Task<T> WriteAsync<T>(Func<IWrite, T> change) => store.WriteAsync(change);

    /// <summary>Reads the buyer's tables on one snapshot.</summary>
    internal Task<T> ReadAsync<T>(Func<IRead, T> read) => store.ReadAsync(read);

    private static string Text()
    {
        using var stream = typeof(PurchaseBook).Assembly.GetManifestResourceStream("Posthouse.Ivxp.Client.Purchases.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
