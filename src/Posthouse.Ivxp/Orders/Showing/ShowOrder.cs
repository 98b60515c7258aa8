using System.Text.Json;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Showing;

/// <summary>An order's status in the words of its reader.</summary>
/// <param name="Message">The message.</param>
/// <param name="Reader">In whose words it is.</param>
/// <param name="Flat">The same in the flat dialect.</param>
internal sealed record StatusAnswer(OrderStatus Message, ReaderVersion Reader, FlatStatus Flat);

/// <summary>In which shape a result is asked for.</summary>
internal enum DownloadShape
{
    /// <summary>The message that delivers it; too early is 202 for version 1.0.</summary>
    Wire = 1,

    /// <summary>The same; too early is 404, because readers of this shape take every 2xx for the result.</summary>
    Workflow = 2,

    /// <summary>The content as one string, with little around it.</summary>
    Flat = 3,
}

/// <summary>What a download answers, when it is no refusal: one of the two.</summary>
/// <param name="Content">The body with the result, or null.</param>
/// <param name="NotReady">"Not yet", in the form of version 1.0, or null.</param>
/// <param name="Reader">In whose words it is.</param>
internal sealed record DownloadReply(byte[]? Content, DeliverableNotReady? NotReady, ReaderVersion Reader);

/// <summary>Shows orders to whoever knows their ids.</summary>
internal sealed class ShowOrder(OrderBook book, IJobStore jobs, IvxpOptions options, ISecp256k1 curve, TimeProvider time)
{
    private static readonly Refusal _unknown = new(IvxpErrors.OrderNotFound, IvxpProtocol.Messages.OrderNotFound);

    /// <summary>Where an order stands.</summary>
    /// <param name="id">The order.</param>
    /// <param name="header">The reader's wish of version, or null.</param>
    public async Task<Reply<StatusAnswer>> StatusAsync(string id, string? header)
    {
        // The state says whether there is a content; it may be megabytes, and clients ask for the state again and again.
        if (!OrderId.IsValid(id) || await book.FindWithHeadAsync(id) is not ({ } order, var deliverable))
            return _unknown;
        var job = order.PushJob is null ? null : await jobs.GetAsync(JobId.Parse(order.PushJob));
        var reader = OrderMessages.Reader(header, order);
        return new StatusAnswer(OrderMessages.Status(order, deliverable, job, reader, options), reader, OrderMessages.FlatStatus(order, deliverable, options.StrictV10));
    }

    /// <summary>What was bought. It counts as delivered only by <see cref="DownloadedAsync"/>.</summary>
    /// <param name="id">The order.</param>
    /// <param name="header">The reader's wish of version, or null.</param>
    /// <param name="signed">Who asks, where the service demands to know.</param>
    /// <param name="shape">The reader's dialect.</param>
    public async Task<Reply<DownloadReply>> DownloadAsync(string id, string? header, SignedHeaders signed, DownloadShape shape = DownloadShape.Wire)
    {
        if (!OrderId.IsValid(id) || await book.FindWithDeliverableAsync(id) is not ({ } order, var deliverable))
            return _unknown;
        if (options.IsSigned(order.ServiceType) && SignedRequest.Refuse(signed, SignedText.Download, order, curve, time.GetUtcNow()) is { } unsigned)
            return unsigned;
        var reader = OrderMessages.Reader(header, order);
        switch (OrderView.Download(OrderMessages.Facts(order, deliverable)))
        {
            case DownloadAnswer.Content:
                return new DownloadReply(Content(order, deliverable!, shape), null, reader);
            case DownloadAnswer.Failed:
                return new Refusal(IvxpErrors.InternalError, "The work failed for good; there is nothing to deliver.", "work_failed");
            case DownloadAnswer.Gone:
                return new Refusal(IvxpErrors.OrderExpired, "The order has expired.", OrderView.ExpiredReason(order.State) ?? "delivery_retention_elapsed");
            default:
                return NotReady(order, shape is DownloadShape.Workflow ? ReaderVersion.V11 : reader);
        }
    }

    private byte[] Content(Order order, StoredDeliverable deliverable, DownloadShape shape) => shape is DownloadShape.Flat
        ? JsonSerializer.SerializeToUtf8Bytes(OrderMessages.Flat(order, deliverable), IvxpJson.Wire.FlatDelivery)
        : JsonSerializer.SerializeToUtf8Bytes(OrderMessages.Download(order, deliverable, options, time.GetUtcNow()), IvxpJson.Wire.ServiceDelivery);

    /// <summary>The whole result was sent to the client.</summary>
    public Task DownloadedAsync(string id) =>
        book.ChangeAsync(id, OrderEvent.Downloaded, OrderActor.Client, (next, now) => next with { DeliveredAt = next.DeliveredAt ?? now });

    private static Reply<DownloadReply> NotReady(Order order, ReaderVersion reader)
    {
        if (reader is ReaderVersion.V11)
            return new Refusal(IvxpErrors.DeliverableNotReady, IvxpProtocol.Messages.NotReady);
        var status = order.State is OrderState.Quoted ? IvxpProtocol.Statuses.PendingPayment : IvxpProtocol.Statuses.Processing;
        return new DownloadReply(null, new DeliverableNotReady(status, IvxpProtocol.Messages.NotReady, IvxpErrors.DeliverableNotReady), reader);
    }
}
