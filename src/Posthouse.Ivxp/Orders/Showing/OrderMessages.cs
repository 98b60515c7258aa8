using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Showing;

/// <summary>In whose words an order is answered.</summary>
internal enum ReaderVersion
{
    V10 = 10,
    V11 = 11,
}

/// <summary>Makes messages out of stored orders. Pure.</summary>
internal static class OrderMessages
{
    /// <summary>What is for sale.</summary>
    public static ServiceCatalog Catalog(IvxpOptions options, DateTimeOffset now) => new(
        IvxpProtocol.Version10,
        options.ProviderName,
        options.Wallet.Address.ToString(),
        [.. options.Services.Select(offer => new CatalogEntry(offer.Type, offer.Price, offer.EstimatedDeliveryHours))],
        IvxpProtocol.MessageTypes.Catalog,
        WireTime.Write(now),
        [IvxpProtocol.Capabilities.Stream, IvxpProtocol.Capabilities.Version11, IvxpProtocol.Capabilities.Receipts]);

    /// <summary>The version a reader asked for by header, else the order's own; an unknown header has no say.</summary>
    public static ReaderVersion Reader(string? header, Order order) => header switch
    {
        "1.0" => ReaderVersion.V10,
        "1.1" => ReaderVersion.V11,
        _ => order.Protocol == IvxpProtocol.Version11 ? ReaderVersion.V11 : ReaderVersion.V10,
    };

    /// <summary>The header's value for a reader.</summary>
    public static string HeaderOf(ReaderVersion reader) => reader is ReaderVersion.V11 ? "1.1" : "1.0";

    /// <summary>What the views need to know.</summary>
    public static OrderFacts Facts(Order order, StoredDeliverable? deliverable) =>
        new(order.State, deliverable?.Content is not null, deliverable is { Content: null }, order.PushFailed);

    /// <summary>The answer to a status request.</summary>
    /// <param name="order">The order.</param>
    /// <param name="deliverable">Its result, if there is one.</param>
    /// <param name="pushJob">The job that pushes it, if it is still kept.</param>
    /// <param name="reader">In whose words.</param>
    /// <param name="options">The provider.</param>
    public static OrderStatus Status(Order order, StoredDeliverable? deliverable, JobRecord? pushJob, ReaderVersion reader, IvxpOptions options)
    {
        var facts = Facts(order, deliverable);
        var status11 = OrderView.Status11(order.State);
        return new OrderStatus(
            order.Id, reader is ReaderVersion.V11 ? status11 : OrderView.Status10(facts, options.StrictV10), WireTime.Write(order.CreatedAt), order.ServiceType,
            order.Price, status11, order.ServiceType, order.ContentHash, Details(order, pushJob), order.Satisfaction);
    }

    /// <summary>The message that delivers a result.</summary>
    /// <param name="order">The order.</param>
    /// <param name="deliverable">Its result, with content.</param>
    /// <param name="options">The provider.</param>
    /// <param name="now">The present time.</param>
    /// <param name="isPush">Whether the client did not ask: its receiver then checks the hash inside the deliverable.</param>
    public static ServiceDelivery Delivery(Order order, StoredDeliverable deliverable, IvxpOptions options, DateTimeOffset now, bool isPush) => new(
        order.Protocol,
        IvxpProtocol.MessageTypes.Delivery,
        WireTime.Write(now),
        order.Id,
        IvxpProtocol.Statuses.Completed,
        new ProviderAgent(options.ProviderName, options.Wallet.Address.ToString()),
        new Deliverable(deliverable.Type, JsonContent.Parse(deliverable.Content), deliverable.Format, isPush ? deliverable.Hash.Raw : null),
        deliverable.Hash.Wire,
        Write(order.CompletedAt),
        Write(order.DeliveredAt),
        deliverable.Signature,
        deliverable.SignedText);

    /// <summary>The same message as an answer to somebody who asks: it has the content as a string, too.</summary>
    public static ServiceDelivery Download(Order order, StoredDeliverable deliverable, IvxpOptions options, DateTimeOffset now)
    {
        var (content, mediaType) = FlatContent.Of(deliverable);
        return Delivery(order, deliverable, options, now, isPush: false) with { Content = content, ContentType = mediaType };
    }

    /// <summary>Where an order stands in the flat dialect, which knows version 1.0 alone and hashes the string that it gives out.</summary>
    public static FlatStatus FlatStatus(Order order, StoredDeliverable? deliverable, bool strict) => new(
        order.Id, OrderView.Status10(Facts(order, deliverable), strict), order.ServiceType, WireTime.Write(order.CreatedAt), deliverable?.Hash.Raw,
        OrderView.Status11(order.State));

    /// <summary>The result in the flat dialect.</summary>
    public static FlatDelivery Flat(Order order, StoredDeliverable deliverable)
    {
        var (content, mediaType) = FlatContent.Of(deliverable);
        return new FlatDelivery(order.Id, content, mediaType, deliverable.Hash.Raw);
    }

    private static StatusDetails Details(Order order, JobRecord? pushJob)
    {
        var isScheduled = order.Push == PushState.Scheduled && order.State is OrderState.Ready or OrderState.ReadyForPickup;
        var isRunning = isScheduled && pushJob?.State is JobState.Running;
        return new StatusDetails(
            CreatedAt: WireTime.Write(order.CreatedAt),
            PaidAt: Write(order.PaidAt),
            ProcessingAt: Write(order.ProcessingAt),
            CompletedAt: Write(order.CompletedAt),
            ReadyAt: Write(order.ReadyAt),
            PostedAt: Write(order.PostedAt),
            DeliveredAt: Write(order.DeliveredAt),
            ConfirmedAt: Write(order.ConfirmedAt),
            DisputedAt: Write(order.DisputedAt),
            // A quote ends; what was paid for only begins to when there is a result.
            ExpiresAt: Write(order.KeepUntil ?? (order.PaidAt is null ? order.PayUntil : null)),
            ExpiredReason: OrderView.ExpiredReason(order.State),
            DeliveryAttempts: order.CompletedAt is null ? null : order.PushAttempts,
            NextAttemptAt: isScheduled && pushJob is { State: JobState.Pending } ? WireTime.Write(pushJob.RunAt) : null,
            LastError: order.LastError,
            NotificationSent: order.CompletedAt is null ? null : order.NotifiedAt is not null,
            Push: order.CompletedAt is null ? null : isRunning ? PushState.InFlight : order.Push);
    }

    private static string? Write(DateTimeOffset? instant) => instant is { } known ? WireTime.Write(known) : null;
}
