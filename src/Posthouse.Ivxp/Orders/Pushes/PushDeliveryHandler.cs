using System.Globalization;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;
using Posthouse.Retry;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Pushes;

/// <summary>One push. The order's change is part of the transaction that settles the job.</summary>
internal sealed class PushDeliveryHandler(
    OrderBook book, IJobStore jobs, IvxpOptions options, IvxpExchanges exchanges, PushTraffic traffic, TimeProvider time, IvxpLog log, IvxpMetrics metrics)
    : IJobHandler<PushDelivery, Nothing>
{
    private const int Gone = 410; // RFC 9110, section 15.5.11: the client wants no more of this.

    // Answers to pushes are one line; their text is not even looked at.
    private const int MaxAnswerBytes = 4 * 1024;

    public async Task<Outcome<Nothing>> HandleAsync(PushDelivery job, JobContext context, CancellationToken cancellationToken)
    {
        var (order, deliverable) = await book.FindWithDeliverableAsync(job.OrderId);
        if (order is not { State: OrderState.Ready or OrderState.ReadyForPickup } || deliverable?.Content is null || await IsReplacedAsync(order, context.Id))
            return Outcome.Done(default(Nothing));
        if (time.GetUtcNow() >= order.KeepUntil)
            return End(order, PushState.Exhausted, order.LastError, wasTried: false, "the result's retention is over");

        // The process died during a push: whether the client has it is not known, and it need not wait for the answer.
        if (context.PreviousOutcomeUnknown)
            order = await ForPickupAsync(order);
        if (PushEndpoint.Allowed(order.DeliveryEndpoint, options.Push) is not { } endpoint)
            return End(order, PushState.Disabled, PushFailure.NotAllowed, wasTried: false, "the endpoint is not allowed");
        if (PushBody.For(order, deliverable, endpoint, options, time.GetUtcNow()) is not { } body)
            return End(order, PushState.Disabled, PushFailure.NotAllowed, wasTried: false, "the result is larger than the endpoint takes");
        using var place = traffic.TryEnter(endpoint.Authority, order.Client.ToString(), out var wait);
        return place is null ? await HoldBackAsync(order, wait) : await PushAsync(order, context.Attempt, Request(order, deliverable, endpoint, body), cancellationToken);
    }

    /// <summary>Whether a later round took this one's place. A job that the order does not name but nobody replaced pushes all the same.</summary>
    private async Task<bool> IsReplacedAsync(Order order, JobId id) => order.PushJob is { } named && named != id.Value
        && await jobs.GetAsync(JobId.Parse(named)) is { State: JobState.Pending or JobState.Running };

    private async Task<Outcome<Nothing>> PushAsync(Order order, int attempt, ExchangeRequest request, CancellationToken cancellationToken)
    {
        log.Logger.PushAttempt(attempt, Math.Max(options.Push.Delays.Count, attempt), Log.Shown(order.Id));
        var began = time.GetTimestamp();
        try
        {
            var response = await exchanges.Push.SendAsync(request, cancellationToken);
            metrics.Pushed(response.IsSuccess ? IvxpMetrics.Delivered : PushFailure.Of(response.StatusCode), time.GetElapsedTime(began));
            return Judge(order, attempt, response);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            metrics.Pushed(EgressGuard.IsRefusal(e) ? PushFailure.NotAllowed : PushFailure.Of(e), time.GetElapsedTime(began));
            // A name without a public address is no place to deliver to, today or tomorrow.
            return EgressGuard.IsRefusal(e)
                ? End(order, PushState.Disabled, PushFailure.NotAllowed, wasTried: true, "the endpoint has an address that is not public")
                : Again(order, attempt, FailureClassifier.Instance.Classify(e), PushFailure.Of(e));
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
        var failure = PushFailure.Of(response.StatusCode);
        return response.StatusCode == Gone
            ? End(order, PushState.Disabled, failure, wasTried: true, "the client answered 410")
            : Again(order, attempt, FailureClassifier.FromResponse(response, time.GetUtcNow()), failure);
    }

    private Outcome<Nothing> Again(Order order, int attempt, Failure failure, string name)
    {
        var delays = options.Push.Delays;
        log.Logger.PushFailed(attempt, Log.Shown(order.Id), name);
        if (attempt == delays.Count)
            log.Logger.PushAllFailed(delays.Count, Log.Shown(order.Id));
        var wait = NextIn(attempt, failure.RetryAfter);
        if (time.GetUtcNow() + wait >= order.KeepUntil)
            return End(order, PushState.Exhausted, name, wasTried: true, "the result's retention ends before the next attempt");
        SayAway(order);
        log.Logger.PushNext(Log.Shown(order.Id), wait.TotalSeconds);
        return Outcome.Retry(failure with { Message = $"The push failed: {name}." }, write => Fail(write, order.Id, name, PushState.Scheduled, wasTried: true));
    }

    /// <summary>The planned wait, before its jitter; a client may ask for a longer one, up to the plan's limit.</summary>
    private TimeSpan NextIn(int attempt, TimeSpan? asked)
    {
        var planned = attempt < options.Push.Delays.Count ? options.Push.Delays[attempt] : options.Push.Tail;
        var granted = asked > RetryPlan.MaxRetryAfter ? RetryPlan.MaxRetryAfter : asked;
        return granted > planned ? granted.Value : planned;
    }

    /// <summary>No more pushes: the order stays for pickup, and the end is an event that <c>posthouse order push list</c> and followers see.</summary>
    private Outcome<Nothing> End(Order order, string push, string? name, bool wasTried, string reason)
    {
        SayAway(order);
        log.Logger.PushEnded(Log.Shown(order.Id), reason);
        return Outcome.Done(default(Nothing), write =>
        {
            if (Fail(write, order.Id, name, push, wasTried) is { } ended)
                OrderBook.RecordPushEnd(write, ended);
        });
    }

    private void SayAway(Order order)
    {
        if (order.State is OrderState.Ready)
            log.Logger.ClientAway(Log.Shown(order.Id));
    }

    // The law refuses this for an order that was collected in the meantime, and then nothing has to be recorded.
    private static Order? Fail(IWrite write, string id, string? name, string push, bool wasTried) => OrderBook.Change(
        write, OrderRows.Find(write, id), OrderEvent.PushFailed, OrderActor.Provider,
        (next, _) => next with { Push = push, PushAttempts = next.PushAttempts + (wasTried ? 1 : 0), LastError = name }, name);

    /// <summary>Too much goes to that host or for that client now. An order that has been ready for longer than a push takes is offered for pickup.</summary>
    private async Task<Outcome<Nothing>> HoldBackAsync(Order order, TimeSpan wait)
    {
        log.Logger.PushHeldBack(Log.Shown(order.Id), wait.TotalSeconds);
        if (time.GetUtcNow() - order.ReadyAt >= options.Push.Timeout)
            await ForPickupAsync(order);
        return Outcome.Snooze(wait);
    }

    private async Task<Order> ForPickupAsync(Order order)
    {
        if (order.State is not OrderState.Ready)
            return order;
        SayAway(order);
        return await book.ChangeAsync(order.Id, OrderEvent.PushFailed, OrderActor.Provider) ?? order;
    }

    private ExchangeRequest Request(Order order, StoredDeliverable deliverable, Uri endpoint, byte[] body) => new(HttpMethod.Post, endpoint)
    {
        Headers =
        [
            KeyValuePair.Create(IvxpProtocol.Headers.DeliveryId, deliverable.DeliveryId),
            KeyValuePair.Create(IvxpProtocol.Headers.Attempt, (order.PushAttempts + 1).ToString(CultureInfo.InvariantCulture)),
            .. order.WebhookSecret is { } secret ? WebhookSignature.Fields(secret, deliverable.DeliveryId, time.GetUtcNow(), body) : [],
        ],
        Body = body,
        Timeout = options.Push.Timeout,
        MaxResponseBytes = MaxAnswerBytes,
        CutsLongAnswer = true,
    };
}
