using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Client;

/// <summary>A result that was checked.</summary>
/// <param name="Message">The message.</param>
/// <param name="IsSigned">Whether the provider signed it; old providers do not. A wrong signature is never returned.</param>
public sealed record CheckedDelivery(ServiceDelivery Message, bool IsSigned);

/// <summary>
/// Speaks to one provider in whichever dialect it knows, and learns which that is. It sends each message once and keeps nothing on disk;
/// <see cref="IvxpClient"/> remembers. A timestamp that the provider's clock refuses is corrected by that clock, once.
/// </summary>
/// <param name="exchange">The way out.</param>
/// <param name="provider">The provider's address, without a path of its own.</param>
/// <param name="time">The clock of timestamps.</param>
/// <param name="curve">Checks the provider's signature.</param>
public sealed partial class ProviderClient(IExchange exchange, Uri provider, TimeProvider time, ISecp256k1 curve)
{
    // Results have at most a million bytes with us; other providers may send more.
    private const int MaxDeliveryBytes = 16 << 20;

    private TimeSpan _ahead;

    /// <summary>The provider's address.</summary>
    public Uri Provider { get; } = provider;

    /// <summary>The form in which the provider took the last order; null: not known yet.</summary>
    internal ProviderDialect? Dialect { get; set; }

    /// <summary>What is for sale.</summary>
    /// <exception cref="PosthouseException">A code of <see cref="ClientErrors"/>, or the provider's own.</exception>
    public async Task<ServiceCatalog> CatalogAsync(CancellationToken cancellationToken = default) =>
        Read(Accepted(await GetAsync(IvxpProtocol.Routes.Catalog, cancellationToken)), IvxpJson.Wire.ServiceCatalog);

    /// <summary>Asks for a service; the answer begins an order.</summary>
    /// <exception cref="PosthouseException">A code of <see cref="ClientErrors"/>, or the provider's own.</exception>
    public async Task<ServiceQuote> QuoteAsync(ClientAgent client, RequestedWork work, CancellationToken cancellationToken = default) =>
        Read(await QuoteBytesAsync(client, work, cancellationToken), IvxpJson.Wire.ServiceQuote);

    /// <summary>The quote as the provider wrote it. Asked for in version 1.1; who does not know that is asked in 1.0.</summary>
    internal async Task<ReadOnlyMemory<byte>> QuoteBytesAsync(ClientAgent client, RequestedWork work, CancellationToken cancellationToken)
    {
        var reply = await AskAsync(IvxpProtocol.Version11);
        return Accepted(reply.Code is IvxpErrors.ProtocolVersionUnsupported or IvxpErrors.InvalidRequest or ClientErrors.AnswerInvalid && reply.Response.StatusCode is 400
            ? await AskAsync(IvxpProtocol.Version10) : reply);

        Task<ProviderReply> AskAsync(string version) => PostAsync(IvxpProtocol.Routes.Request, now => JsonSerializer.SerializeToUtf8Bytes(
            new ServiceRequest(version, IvxpProtocol.MessageTypes.Request, now, client, work), IvxpJson.Wire.ServiceRequest), cancellationToken);
    }

    /// <summary>Proves a payment. Signed now, because a signature is good for five minutes; safe to repeat.</summary>
    /// <param name="wallet">The order's client.</param>
    /// <param name="orderId">The order.</param>
    /// <param name="network">Where it was paid.</param>
    /// <param name="transaction">What paid it.</param>
    /// <param name="endpoint">Where to push the result, or null.</param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    /// <exception cref="PosthouseException">A code of <see cref="ClientErrors"/>, or the provider's own.</exception>
    public Task<DeliveryAccepted> ProveAsync(
        Wallet wallet, string orderId, string network, string transaction, string? endpoint, CancellationToken cancellationToken = default) =>
        ProveAsync(wallet, new PaidOrder(orderId, IvxpProtocol.Version11, network, transaction, endpoint), cancellationToken);

    /// <summary>Where an order stands.</summary>
    /// <exception cref="PosthouseException">A code of <see cref="ClientErrors"/>, or the provider's own.</exception>
    public async Task<OrderStatus> StatusAsync(string orderId, CancellationToken cancellationToken = default) => StatusAnswer.Read(
        Accepted(await InDialectAsync(dialect => ProviderPaths.Status(dialect, orderId), (_, path) => GetAsync(path, cancellationToken))), orderId);

    /// <summary>Collects a result and checks its hash and its signature.</summary>
    /// <param name="orderId">The order.</param>
    /// <param name="signer">The provider's account, as it stood in the quote.</param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    /// <exception cref="PosthouseException">A code of <see cref="ClientErrors"/>, or the provider's own.</exception>
    public Task<CheckedDelivery> DownloadAsync(string orderId, EthereumAddress signer, CancellationToken cancellationToken = default) =>
        CollectAsync(orderId, signer, null, cancellationToken);

    /// <summary>The same for services that hand their results out to the order's client alone: where that is demanded, it is signed.</summary>
    internal async Task<CheckedDelivery> CollectAsync(string orderId, EthereumAddress signer, Wallet? wallet, CancellationToken cancellationToken)
    {
        var reply = await InDialectAsync(dialect => ProviderPaths.Download(dialect, orderId), (_, path) => GetAsync(path, cancellationToken));
        if (reply.Response.StatusCode is 401 && wallet is not null)
        {
            reply = await InDialectAsync(dialect => ProviderPaths.Download(dialect, orderId), (_, path) =>
                GetSignedAsync(wallet, path, now => SignedText.Download.Build(new SignedFields(orderId, Timestamp: now)), cancellationToken));
        }

        return reply.Response.StatusCode == 202
            ? throw new PosthouseException(IvxpErrors.DeliverableNotReady, IvxpProtocol.Messages.NotReady)
            : DeliveryAnswer.Read(Accepted(reply), orderId, signer, curve);
    }

    /// <summary>The wallet's own orders that changed after a cursor, a page of them.</summary>
    internal async Task<InboxPage> InboxAsync(Wallet wallet, EthereumAddress seller, string? after, CancellationToken cancellationToken)
    {
        var path = IvxpProtocol.Routes.Inbox + (after is null ? "" : "?after=" + Uri.EscapeDataString(after));
        var reply = await GetSignedAsync(wallet, path,
            now => SignedText.Inbox.Build(new SignedFields("", Timestamp: now) { Address = seller.ToString() }), cancellationToken);
        return Read(Accepted(reply), IvxpJson.Wire.InboxPage);
    }

    /// <summary>Checks that a result belongs to an order, is whole, and was signed by the provider if it was signed.</summary>
    /// <exception cref="PosthouseException">ANSWER_INVALID or DELIVERY_UNTRUSTED.</exception>
    public static CheckedDelivery Check(ServiceDelivery message, string orderId, EthereumAddress signer, ISecp256k1 curve)
    {
        ArgumentNullException.ThrowIfNull(message);
        return DeliveryAnswer.Check(message, orderId, signer, curve);
    }

    /// <summary>Whether the provider serves a development chain.</summary>
    /// <exception cref="PosthouseException">PROVIDER_UNREACHABLE.</exception>
    public async Task<bool> HasDevChainAsync(CancellationToken cancellationToken = default)
    {
        var call = """{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}"""u8.ToArray();
        return (await SendAsync(HttpMethod.Post, IvxpProtocol.Routes.DevChain, call, [], cancellationToken)).Response.IsSuccess;
    }

    /// <summary>Pays on the provider's development chain.</summary>
    /// <returns>The transaction.</returns>
    /// <exception cref="PosthouseException">A code of <see cref="ClientErrors"/>; after PROVIDER_UNREACHABLE money may have moved.</exception>
    public async Task<string> PayOnDevChainAsync(EthereumAddress from, EthereumAddress to, UsdcAmount amount, CancellationToken cancellationToken = default)
    {
        var call = $$"""{"jsonrpc":"2.0","id":1,"method":"dev_pay","params":[{"from":"{{from}}","to":"{{to}}","amount_usdc":"{{amount}}"}]}""";
        var answer = Accepted(await SendAsync(HttpMethod.Post, IvxpProtocol.Routes.DevChain, System.Text.Encoding.ASCII.GetBytes(call), [], cancellationToken));
        using var document = Answers.Parse(answer);
        return TransactionHash.TryNormalize(Answers.Text(document.RootElement, "result"), out var hash)
            ? hash
            : throw Answers.Invalid("The development chain did not answer with a transaction.");
    }

    private static T Read<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, type) ?? throw Answers.Invalid("The provider answered with nothing.");
        }
        catch (JsonException e)
        {
            throw new PosthouseException(ClientErrors.AnswerInvalid, $"The provider's answer cannot be read at {e.Path ?? "$"}.", e);
        }
    }
}
