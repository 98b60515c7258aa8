using System.Globalization;
using System.Text.Json;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Jobs;
using Posthouse.Retry;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders;

/// <summary>
/// A stored result is to be posted to its client until the client has it or its retention is over. A new round of pushes takes the
/// place of one that waits.
/// </summary>
/// <param name="OrderId">The order.</param>
/// <param name="Host">The endpoint's host and port: pushes to one client never stand in the way of another's.</param>
// 20 deaths, as for the work: the result is there and paid for, and a post cannot be what ends the process.
[Job("ivxp.push", Destination = "{Host}", DeduplicationKey = "{OrderId}", OnDuplicate = OnDuplicate.ReplacePending, MaxLost = 20)]
internal sealed record PushDelivery(string OrderId, string Host) : IJob<Nothing>
{
    public Nothing OptimisticResult(OptimisticContext context) => default;

    public static PushDelivery To(Order order) => new(order.Id, new Uri(order.DeliveryEndpoint!).Authority);

    /// <summary>The plan of pushes.</summary>
    public static Schedule Plan(PushOptions push) => new() { Delays = push.Delays, Tail = push.Tail };
}

/// <summary>One push. The order's change is part of the transaction that settles the job.</summary>
internal sealed class PushDeliveryHandler(OrderBook book, IvxpOptions options, IvxpExchanges exchanges, TimeProvider time, IvxpLog log)
    : IJobHandler<PushDelivery, Nothing>
{
    private const int Gone = 410; // RFC 9110, section 15.5.11: the client wants no more of this.

    public async Task<Outcome<Nothing>> HandleAsync(PushDelivery job, JobContext context, CancellationToken cancellationToken)
    {
        var (order, deliverable) = await book.FindWithDeliverableAsync(job.OrderId);
        if (order is not { State: OrderState.Ready or OrderState.ReadyForPickup, DeliveryEndpoint: not null } || deliverable?.Content is null)
            return Outcome.Done(default(Nothing));
        if (time.GetUtcNow() >= order.KeepUntil)
            return End(order, "the result's retention is over", write => Failed(write, order.Id, order.LastError!, PushState.Exhausted));

        // The process died during a push: whether the client has it is not known, and it need not wait for the answer.
        if (context.PreviousOutcomeUnknown && order.State is OrderState.Ready)
            order = await book.ChangeAsync(order.Id, OrderEvent.PushFailed, OrderActor.Provider, (next, _) => next with { LastError = "interrupted" }) ?? order;

        log.Logger.PushAttempt(context.Attempt, Math.Max(options.Push.Delays.Count, context.Attempt), Log.Shown(order.Id));
        var request = Request(order, deliverable, context.Attempt);
        try
        {
            return Judge(order, context.Attempt, await exchanges.Push.SendAsync(request, cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or ArgumentException)
        {
            // A name without a public address is no place to deliver to, today or tomorrow.
            return e.InnerException is PosthouseException
                ? End(order, "the endpoint has no public address", write => Failed(write, order.Id, "refused", PushState.Disabled))
                : Again(order, context.Attempt, FailureClassifier.Instance.Classify(e), e is TimeoutException ? "timeout" : "unreachable");
        }
    }

    private Outcome<Nothing> Judge(Order order, int attempt, ExchangeResponse response)
    {
        if (response.IsSuccess)
        {
            log.Logger.PushDelivered(Log.Shown(order.Id), attempt);
            return Outcome.Done(default(Nothing), write => OrderBook.Change(write, OrderRows.Find(write, order.Id), OrderEvent.PushSucceeded, OrderActor.Provider,
                (next, now) => next with { PostedAt = now, Push = PushState.Succeeded, PushAttempts = next.PushAttempts + 1, LastError = null }));
        }
        var failure = string.Create(CultureInfo.InvariantCulture, $"http_{response.StatusCode}");
        return response.StatusCode == Gone
            ? End(order, "the client answered 410", write => Failed(write, order.Id, failure, PushState.Exhausted))
            : Again(order, attempt, FailureClassifier.FromResponse(response, time.GetUtcNow()), failure);
    }

    private Outcome<Nothing> Again(Order order, int attempt, Failure failure, string name)
    {
        var delays = options.Push.Delays;
        log.Logger.PushFailed(attempt, Log.Shown(order.Id), name);
        if (order.State is OrderState.Ready)
            log.Logger.ClientAway(Log.Shown(order.Id));
        if (attempt == delays.Count)
            log.Logger.PushAllFailed(delays.Count, Log.Shown(order.Id));
        var planned = attempt < delays.Count ? delays[attempt] : options.Push.Tail;
        log.Logger.PushNext(Log.Shown(order.Id), Math.Max(planned.TotalSeconds, failure.RetryAfter?.TotalSeconds ?? 0));
        return Outcome.Retry(failure with { Message = $"The push failed: {name}." }, write => Failed(write, order.Id, name, PushState.Scheduled));
    }

    private Outcome<Nothing> End(Order order, string reason, Action<IWrite> write)
    {
        log.Logger.PushEnded(Log.Shown(order.Id), reason);
        return Outcome.Done(default(Nothing), write);
    }

    // The law refuses this for an order that was collected in the meantime, and then nothing has to be recorded.
    private static void Failed(IWrite write, string id, string name, string push) => OrderBook.Change(
        write, OrderRows.Find(write, id), OrderEvent.PushFailed, OrderActor.Provider,
        (next, _) => next with { Push = push, PushAttempts = next.PushAttempts + 1, LastError = name });

    private ExchangeRequest Request(Order order, StoredDeliverable deliverable, int attempt) => new(HttpMethod.Post, new Uri(order.DeliveryEndpoint!))
    {
        Headers =
        [
            KeyValuePair.Create(IvxpProtocol.Headers.DeliveryId, deliverable.DeliveryId),
            KeyValuePair.Create(IvxpProtocol.Headers.Attempt, attempt.ToString(CultureInfo.InvariantCulture)),
        ],
        Body = JsonSerializer.SerializeToUtf8Bytes(OrderMessages.Delivery(order, deliverable, options, time.GetUtcNow(), isPush: true), IvxpJson.Wire.ServiceDelivery),
        Timeout = options.Push.Timeout,
        MaxResponseBytes = MaxAnswerBytes,
    };

    // Answers to pushes are one line; their text is not even read.
    private const int MaxAnswerBytes = 64 * 1024;
}
