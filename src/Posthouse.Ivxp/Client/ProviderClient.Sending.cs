using System.Globalization;
using System.Text.Json;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Client;

/// <summary>A payment that is to be proved.</summary>
internal sealed record PaidOrder(string OrderId, string Protocol, string Network, string Transaction, string? Endpoint);

/// <content>How messages are sent: in which dialect, and with which clock.</content>
public sealed partial class ProviderClient
{
    // Asks for all states by name, also on paths that show old clients fewer of them.
    private const string NewestView = "1.1";

    /// <summary>Proves a payment in the dialect that the provider knows.</summary>
    internal async Task<DeliveryAccepted> ProveAsync(Wallet wallet, PaidOrder paid, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wallet);
        // A workflow's proof cannot say where to push.
        var first = paid.Endpoint is not null && Dialect is null or ProviderDialect.Workflow ? ProviderDialect.Wire : Dialect;
        var reply = await InDialectAsync(
            dialect => ProviderPaths.Proof(dialect, paid.OrderId), (dialect, path) => PostAsync(path, now => Proof(dialect, wallet, paid, now), cancellationToken), first);
        // The strict text has a nonce that the oldest providers do not expect.
        if (Dialect is not ProviderDialect.Flat && reply.Response.StatusCode is 400 or 401)
            reply = await FlatAsync() is { Response.IsSuccess: true } flat ? flat : reply;
        return ReadAccepted(Accepted(reply), paid.OrderId);

        async Task<ProviderReply> FlatAsync()
        {
            var flat = await PostAsync(ProviderPaths.Proof(ProviderDialect.Flat, paid.OrderId), now => Proof(ProviderDialect.Flat, wallet, paid, now), cancellationToken);
            if (flat.Response.IsSuccess)
                Dialect = ProviderDialect.Flat;
            return flat;
        }
    }

    /// <summary>Posts a signed message on a path of whichever dialect the provider knows.</summary>
    internal async Task<ReadOnlyMemory<byte>> PostInDialectAsync(
        Func<ProviderDialect, string> path, Func<ProviderDialect, string, byte[]> body, CancellationToken cancellationToken) =>
        Accepted(await InDialectAsync(path, (dialect, to) => PostAsync(to, now => body(dialect, now), cancellationToken)));

    /// <summary>Asks with a signature in the header fields, as for an inbox.</summary>
    private Task<ProviderReply> GetSignedAsync(Wallet wallet, string pathAndQuery, Func<string, string> text, CancellationToken cancellationToken) =>
        WithClockAsync(now => SendAsync(HttpMethod.Get, pathAndQuery, default,
        [
            KeyValuePair.Create(IvxpProtocol.Headers.Version, NewestView),
            KeyValuePair.Create(IvxpProtocol.Headers.Address, wallet.Address.ToString()),
            KeyValuePair.Create(IvxpProtocol.Headers.Timestamp, now),
            KeyValuePair.Create(IvxpProtocol.Headers.Signature, wallet.Sign(text(now)).ToString()),
        ], cancellationToken));

    private static byte[] Proof(ProviderDialect dialect, Wallet wallet, PaidOrder paid, string now)
    {
        var fields = new SignedFields(paid.OrderId, paid.Transaction, now, Nonce(wallet, paid, now));
        var text = (dialect is ProviderDialect.Wire ? SignedText.PaymentWithNonce : SignedText.Payment).Build(fields);
        var signature = wallet.Sign(text).ToString();
        if (dialect is ProviderDialect.Workflow)
        {
            return JsonSerializer.SerializeToUtf8Bytes(new WorkflowPayment(paid.Protocol, IvxpProtocol.MessageTypes.PaymentProof, now, paid.OrderId,
                new NamedPayment(paid.Transaction, paid.Network), new NestedSignature(text, signature, wallet.Address.ToString())), IvxpJson.Wire.WorkflowPayment);
        }
        return JsonSerializer.SerializeToUtf8Bytes(new DeliveryRequest(paid.Protocol, IvxpProtocol.MessageTypes.DeliveryRequest, now, paid.OrderId,
            new PaymentProof(paid.Transaction, wallet.Address.ToString(), paid.Network), signature, text, paid.Endpoint,
            dialect is ProviderDialect.Wire ? fields.Nonce : null), IvxpJson.Wire.DeliveryRequest);
    }

    /// <summary>New for each signing and to nobody foreseeable, because only the wallet can sign: a nonce needs no randomness of its own.</summary>
    private static string Nonce(Wallet wallet, PaidOrder paid, string now) =>
        ContentHash.OfText(wallet.Sign(SignedText.Payment.Build(new SignedFields(paid.OrderId, paid.Transaction, now))).ToString())[..32];

    private static DeliveryAccepted ReadAccepted(ReadOnlyMemory<byte> body, string orderId)
    {
        using var document = Answers.Parse(body);
        var root = document.RootElement;
        return Answers.Text(root, "order_id") is { } id && id != orderId
            ? throw Answers.Invalid("The provider answered with another order.")
            : new DeliveryAccepted(IvxpProtocol.Statuses.Accepted, orderId, Answers.Text(root, "message") ?? "", Answers.Text(root, "stream_url"), Answers.Text(root, "webhook_secret"));
    }

    private Task<ProviderReply> InDialectAsync(Func<ProviderDialect, string> path, Func<ProviderDialect, string, Task<ProviderReply>> send) =>
        InDialectAsync(path, send, Dialect);

    /// <summary>Tries the preferred dialect, and the others where the provider does not know its path.</summary>
    private async Task<ProviderReply> InDialectAsync(
        Func<ProviderDialect, string> path, Func<ProviderDialect, string, Task<ProviderReply>> send, ProviderDialect? preferred)
    {
        ProviderReply? first = null;
        foreach (var dialect in ProviderPaths.All.OrderBy(dialect => dialect != preferred).DistinctBy(path))
        {
            var reply = await send(dialect, path(dialect));
            if (!reply.IsNoSuchPath)
            {
                Dialect ??= reply.Response.IsSuccess ? dialect : null;
                return reply;
            }
            first ??= reply;
        }
        return first!;
    }

    private Task<ProviderReply> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, default, [KeyValuePair.Create(IvxpProtocol.Headers.Version, NewestView)], cancellationToken);

    private Task<ProviderReply> PostAsync(string path, Func<string, byte[]> body, CancellationToken cancellationToken) =>
        WithClockAsync(now => SendAsync(HttpMethod.Post, path, body(now), [], cancellationToken));

    /// <summary>Sends with the present time, and once more with the provider's if ours is wrong.</summary>
    private async Task<ProviderReply> WithClockAsync(Func<string, Task<ProviderReply>> send)
    {
        var reply = await send(Now());
        if (reply is not { Code: IvxpErrors.InvalidTimestamp, ServerTime: { } theirs })
            return reply;
        _ahead = theirs - time.GetUtcNow();
        return await send(Now());

        string Now() => WireTime.Write(time.GetUtcNow() + _ahead);
    }

    private async Task<ProviderReply> SendAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte> body, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        var request = new ExchangeRequest(method, new Uri(Provider, path)) { Body = body, Headers = headers, MaxResponseBytes = MaxDeliveryBytes };
        try
        {
            return ProviderReply.Read(await exchange.SendAsync(request, cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            throw new PosthouseException(ClientErrors.ProviderUnreachable, string.Create(CultureInfo.InvariantCulture, $"The provider at {Provider} was not reached: {e.Message}"), e);
        }
    }

    private ReadOnlyMemory<byte> Accepted(ProviderReply reply) => reply.Code is null ? reply.Response.Body : throw reply.Refused(time.GetUtcNow());
}
