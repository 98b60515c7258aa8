using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders.Expiry;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Services;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Queue;

namespace Posthouse.Ivxp.Orders;

/// <summary>A client asks, and an order begins: price, address, network and version are pinned here and never change.</summary>
internal sealed class RequestQuote(OrderBook book, IvxpOptions options, TimeProvider time, IIds ids, IvxpLog log)
{
    // An open quote ends within the hour, so a busy provider has room again soon.
    private static readonly TimeSpan BusyFor = TimeSpan.FromMinutes(1);

    public async Task<Reply<ServiceQuote>> AnswerAsync(ServiceRequest request)
    {
        var now = time.GetUtcNow();
        if (Refuse(request, now) is { } refusal)
            return refusal;
        var offer = options.Offer(request.Request.Type)!;
        var order = NewOrder(request, offer, now);
        var stored = await book.WriteAsync(write =>
        {
            if (OrderRows.CountQuotes(write) >= options.MaxOpenQuotes)
                return false;
            OrderBook.Add(write, order);
            write.Enqueue(new SweepOrders(), new EnqueueOptions { NotBefore = order.PayUntil });
            return true;
        });
        if (!stored)
            return new Refusal(IvxpErrors.RateLimited, "Too many quotes are open. Ask again in a minute.", RetryAfter: BusyFor);
        log.Logger.Quoted(Log.Shown(order.Id), order.ServiceType, order.Price.ToString());
        return Quote(order, offer, now);
    }

    private Refusal? Refuse(ServiceRequest request, DateTimeOffset now)
    {
        if (request.MessageType != IvxpProtocol.MessageTypes.Request)
            return new Refusal(IvxpErrors.InvalidRequest, $"message_type must be {IvxpProtocol.MessageTypes.Request}.");
        if (!WireTime.TryParse(request.Timestamp, out var stamped) || !WireTime.IsFresh(stamped, now))
            return new Refusal(IvxpErrors.InvalidTimestamp, $"timestamp must have a zone and be close to {WireTime.Write(now)}.");
        if (request.ClientAgent.Name is not { Length: > 0 and <= IvxpProtocol.Limits.NameLength })
            return new Refusal(IvxpErrors.InvalidRequest, $"client_agent.name has 1 to {IvxpProtocol.Limits.NameLength} characters.");
        if (!EthereumAddress.TryParse(request.ClientAgent.WalletAddress, out _))
            return new Refusal(IvxpErrors.InvalidRequest, "client_agent.wallet_address is 0x and 40 hexadecimal digits.");
        if (EthereumAddress.Parse(request.ClientAgent.WalletAddress).IsZero)
            return new Refusal(IvxpErrors.InvalidRequest, "client_agent.wallet_address is nobody's account; connect a wallet first.", "zero_address");
        if (request.ClientAgent.Email is { } email && !EmailAddress.IsValid(email))
            return new Refusal(IvxpErrors.InvalidRequest, $"client_agent.email is one address of at most {IvxpProtocol.Limits.EmailLength} characters.", "email");
        if (request.Request.Type.Length > IvxpProtocol.Limits.NameLength)
            return new Refusal(IvxpErrors.InvalidRequest, $"service_request.type has at most {IvxpProtocol.Limits.NameLength} characters.");
        if (request.Request.Description.Length == 0)
            return new Refusal(IvxpErrors.InvalidRequest, "service_request.description must not be empty.");
        if (request.Request.DeliveryFormat is not (null or "markdown" or "json" or "code"))
            return new Refusal(IvxpErrors.InvalidRequest, "service_request.delivery_format is markdown, json or code.", "delivery_format");
        if (request.Request.Deadline is { } deadline && !WireTime.TryParse(deadline, out _))
            return new Refusal(IvxpErrors.InvalidRequest, "service_request.deadline is an instant with its zone, such as 2026-02-05T12:00:00Z.", "deadline");
        if (request.Request.BudgetUsdc == UsdcAmount.Zero)
            return new Refusal(IvxpErrors.InvalidRequest, "service_request.budget_usdc is a number above 0.");
        if (options.Offer(request.Request.Type) is not { } offer)
            return new Refusal(IvxpErrors.ServiceTypeNotSupported, "This service is not for sale here; the catalog lists those that are.");
        return request.Request.BudgetUsdc < offer.Price
            ? new Refusal(IvxpErrors.BudgetTooLow, $"The service costs {offer.Price} USDC.")
            : null;
    }

    private Order NewOrder(ServiceRequest request, ServiceOffer offer, DateTimeOffset now) => new()
    {
        Id = OrderId.New(ids),
        Version = 1,
        State = OrderState.Quoted,
        Protocol = request.Protocol,
        ServiceType = offer.Type,
        Description = request.Request.Description,
        DeliveryFormat = request.Request.DeliveryFormat,
        Deadline = request.Request.Deadline,
        ClientName = request.ClientAgent.Name,
        Client = EthereumAddress.Parse(request.ClientAgent.WalletAddress),
        ClientEmail = request.ClientAgent.Email,
        ContactEndpoint = PushEndpoint.Kept(request.ClientAgent.ContactEndpoint),
        Price = offer.Price,
        PaymentAddress = options.Wallet.Address,
        Network = options.Network,
        CreatedAt = now,
        PayUntil = now + IvxpProtocol.Limits.PaymentTimeout,
    };

    private ServiceQuote Quote(Order order, ServiceOffer offer, DateTimeOffset now) => new(
        order.Protocol,
        IvxpProtocol.MessageTypes.Quote,
        WireTime.Write(now),
        order.Id,
        new ProviderAgent(options.ProviderName, options.Wallet.Address.ToString()),
        new QuotedPrice(order.Price, WireTime.Write(now + TimeSpan.FromHours(offer.EstimatedDeliveryHours)), order.PaymentAddress.ToString(), order.Network.Id,
            order.Network.Contract.ToString()),
        new QuoteTerms((int)IvxpProtocol.Limits.PaymentTimeout.TotalSeconds));
}
