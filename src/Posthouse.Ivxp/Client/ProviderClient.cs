using System.Globalization;
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
/// Speaks to one provider, in version 1.1. It sends each message once and keeps nothing; <see cref="Buyer"/> remembers.
/// </summary>
/// <param name="exchange">The way out.</param>
/// <param name="provider">The provider's address, without a path of its own.</param>
/// <param name="time">The clock of timestamps.</param>
/// <param name="curve">Checks the provider's signature.</param>
public sealed class ProviderClient(IExchange exchange, Uri provider, TimeProvider time, ISecp256k1 curve)
{
    // Results have at most a million bytes with us; other providers may send more.
    private const int MaxDeliveryBytes = 16 << 20;

    /// <summary>The provider's address.</summary>
    public Uri Provider { get; } = provider;

    /// <summary>What is for sale.</summary>
    /// <exception cref="PosthouseException">A code of <see cref="ClientErrors"/>, or the provider's own.</exception>
    public Task<ServiceCatalog> CatalogAsync(CancellationToken cancellationToken = default) =>
        GetAsync(IvxpProtocol.Routes.Catalog, IvxpJson.Wire.ServiceCatalog, cancellationToken);

    /// <summary>Asks for a service; the answer begins an order.</summary>
    /// <exception cref="PosthouseException">A code of <see cref="ClientErrors"/>, or the provider's own.</exception>
    public Task<ServiceQuote> QuoteAsync(ClientAgent client, RequestedWork work, CancellationToken cancellationToken = default)
    {
        var request = new ServiceRequest(IvxpProtocol.Version11, IvxpProtocol.MessageTypes.Request, WireTime.Write(time.GetUtcNow()), client, work);
        return PostAsync(IvxpProtocol.Routes.Request, JsonSerializer.SerializeToUtf8Bytes(request, IvxpJson.Wire.ServiceRequest), IvxpJson.Wire.ServiceQuote, cancellationToken);
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
        Wallet wallet, string orderId, string network, string transaction, string? endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wallet);
        var now = WireTime.Write(time.GetUtcNow());
        var text = SignedText.Payment.Build(new SignedFields(orderId, transaction, now));
        var proof = new PaymentProof(transaction, wallet.Address.ToString(), network);
        var request = new DeliveryRequest(
            IvxpProtocol.Version11, IvxpProtocol.MessageTypes.DeliveryRequest, now, orderId, proof, wallet.Sign(text).ToString(), text, endpoint);
        return PostAsync(IvxpProtocol.Routes.Deliver, JsonSerializer.SerializeToUtf8Bytes(request, IvxpJson.Wire.DeliveryRequest), IvxpJson.Wire.DeliveryAccepted, cancellationToken);
    }

    /// <summary>Where an order stands.</summary>
    /// <exception cref="PosthouseException">A code of <see cref="ClientErrors"/>, or the provider's own.</exception>
    public async Task<OrderStatus> StatusAsync(string orderId, CancellationToken cancellationToken = default)
    {
        var status = await GetAsync(Path(IvxpProtocol.Routes.Status, orderId), IvxpJson.Wire.OrderStatus, cancellationToken);
        return status.OrderId == orderId ? status : throw Invalid("The provider answered with another order.");
    }

    /// <summary>Collects a result and checks its hash and its signature.</summary>
    /// <param name="orderId">The order.</param>
    /// <param name="signer">The provider's account, as it stood in the quote.</param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    /// <exception cref="PosthouseException">A code of <see cref="ClientErrors"/>, or the provider's own.</exception>
    public async Task<CheckedDelivery> DownloadAsync(string orderId, EthereumAddress signer, CancellationToken cancellationToken = default)
    {
        var response = await SendAsync(HttpMethod.Get, Path(IvxpProtocol.Routes.Download, orderId), default, cancellationToken);
        if (response.StatusCode != 200)
            throw new PosthouseException(IvxpErrors.DeliverableNotReady, IvxpProtocol.Messages.NotReady);
        return Check(Read(response, IvxpJson.Wire.ServiceDelivery), orderId, signer, curve);
    }

    /// <summary>Checks that a result belongs to an order, is whole, and was signed by the provider if it was signed.</summary>
    /// <exception cref="PosthouseException">ANSWER_INVALID or DELIVERY_UNTRUSTED.</exception>
    public static CheckedDelivery Check(ServiceDelivery message, string orderId, EthereumAddress signer, ISecp256k1 curve)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.OrderId != orderId)
            throw Invalid("The provider delivered another order.");
        var hash = message.Deliverable.Content.Hash();
        if (message.ContentHash is not null && !hash.Accepts(message.ContentHash))
            throw Untrusted("The content does not have the hash that came with it.");
        if (message.Signature is null && message.SignedMessage is null)
            return new CheckedDelivery(message, IsSigned: false);
        if (!SignedText.Delivery.TryParse(message.SignedMessage, out var text) || text.OrderId != orderId || !hash.Accepts(text.ContentHash))
            throw Untrusted("The provider signed something else than what came.");
        if (!EthereumSignature.TryParse(message.Signature, out var signature) || !PersonalMessage.IsSignedBy(message.SignedMessage!, signature, signer, curve))
            throw Untrusted($"It was not signed by {signer}, who sold it.");
        return new CheckedDelivery(message, IsSigned: true);
    }

    /// <summary>Whether the provider serves a development chain.</summary>
    /// <exception cref="PosthouseException">PROVIDER_UNREACHABLE.</exception>
    public async Task<bool> HasDevChainAsync(CancellationToken cancellationToken = default)
    {
        var call = """{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}"""u8.ToArray();
        return (await SendAsync(HttpMethod.Post, IvxpProtocol.Routes.DevChain, call, cancellationToken, mayRefuse: true)).IsSuccess;
    }

    /// <summary>Pays on the provider's development chain.</summary>
    /// <returns>The transaction.</returns>
    /// <exception cref="PosthouseException">A code of <see cref="ClientErrors"/>; after PROVIDER_UNREACHABLE money may have moved.</exception>
    public async Task<string> PayOnDevChainAsync(EthereumAddress from, EthereumAddress to, UsdcAmount amount, CancellationToken cancellationToken = default)
    {
        var call = $$"""{"jsonrpc":"2.0","id":1,"method":"dev_pay","params":[{"from":"{{from}}","to":"{{to}}","amount_usdc":"{{amount}}"}]}""";
        var response = await SendAsync(HttpMethod.Post, IvxpProtocol.Routes.DevChain, System.Text.Encoding.ASCII.GetBytes(call), cancellationToken);
        try
        {
            using var answer = JsonDocument.Parse(response.Body);
            if (answer.RootElement.TryGetProperty("result", out var result) && TransactionHash.TryNormalize(result.GetString(), out var hash))
                return hash;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Refused below.
        }
        throw Invalid("The development chain did not answer with a transaction.");
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => Read(await SendAsync(HttpMethod.Get, path, default, cancellationToken), type);

    private async Task<T> PostAsync<T>(string path, byte[] body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => Read(await SendAsync(HttpMethod.Post, path, body, cancellationToken), type);

    private async Task<ExchangeResponse> SendAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken, bool mayRefuse = false)
    {
        var request = new ExchangeRequest(method, new Uri(Provider, path)) { Body = body, MaxResponseBytes = MaxDeliveryBytes };
        try
        {
            var response = await exchange.SendAsync(request, cancellationToken);
            return response.IsSuccess || mayRefuse ? response : throw Refusal(response);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            throw new PosthouseException(ClientErrors.ProviderUnreachable, $"The provider at {Provider} was not reached: {e.Message}", e);
        }
    }

    private static PosthouseException Refusal(ExchangeResponse response)
    {
        try
        {
            if (JsonSerializer.Deserialize(response.Body.Span, IvxpJson.Wire.ErrorBody) is { Error.Length: > 0 } error)
                return new PosthouseException(error.Error, $"The provider refuses: {error.Message ?? error.Error}");
        }
        catch (JsonException)
        {
            // Not one of ours.
        }
        return new PosthouseException(ClientErrors.AnswerInvalid, string.Create(CultureInfo.InvariantCulture, $"The provider answered with status {response.StatusCode}."));
    }

    private static T Read<T>(ExchangeResponse response, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(response.Body.Span, type) ?? throw Invalid("The provider answered with nothing.");
        }
        catch (JsonException e)
        {
            throw new PosthouseException(ClientErrors.AnswerInvalid, $"The provider's answer cannot be read at {e.Path ?? "$"}.", e);
        }
    }

    private static string Path(string route, string orderId) => route.Replace("{id}", Uri.EscapeDataString(orderId), StringComparison.Ordinal);

    private static PosthouseException Invalid(string message) => new(ClientErrors.AnswerInvalid, message);

    private static PosthouseException Untrusted(string message) => new(ClientErrors.DeliveryUntrusted, message + " Nothing was stored.");
}
