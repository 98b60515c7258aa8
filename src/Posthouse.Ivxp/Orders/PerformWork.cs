using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Notices;
using Posthouse.Ivxp.Orders.Expiry;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Services;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders;

/// <summary>A paid order is to be worked.</summary>
/// <param name="OrderId">The order.</param>
// 20 deaths, not 3: the order is paid for. What ends a provider's process again and again is seldom one order, and a person who
// has to bring each one back costs the client more than 20 claims cost the provider.
[Job(PaidWork.JobName, MaxLost = 20)]
internal sealed record PerformWork(string OrderId) : IJob<Nothing>
{
    public Nothing OptimisticResult(OptimisticContext context) => default;
}

/// <summary>
/// Calls the service and stores what it made: bytes, hashes, signature, the order's new state and the job that pushes it are
/// one commit with the end of this job, so that no result is lost and none is pushed that is not stored.
/// </summary>
internal sealed class PerformWorkHandler(
    OrderBook book, ResultFiles files, IvxpOptions options, RunningTime clock, TimeProvider time, IIds ids, OrderFeed feed, IvxpLog log) : IJobHandler<PerformWork, Nothing>
{
    /// <summary>A folder that is away is not mounted again in seconds.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(1);

    public async Task<Outcome<Nothing>> HandleAsync(PerformWork job, JobContext context, CancellationToken cancellationToken)
    {
        if (!files.IsThere)
            return Postpone(job.OrderId, $"the folder of results {options.ResultDirectory} is not there");
        // An order that failed comes here only when its dead job was retried, which is the operator's decision.
        // Crash point: dying here or anywhere below leaves the order processing and this job leased; the next claim begins again.
        var order = await book.ChangeAsync(job.OrderId, OrderEvent.WorkStarted, OrderActor.Provider,
            (changed, now) => changed with { ProcessingAt = changed.ProcessingAt ?? now, LastError = null });
        if (order is null)
            return Unworkable(job.OrderId, await book.FindAsync(job.OrderId));
        if (options.Offer(order.ServiceType) is not { } offer)
            return Fail(order, new ServiceFailedException($"The service {order.ServiceType} is no longer offered, so the paid order cannot be worked. Settle the payment with the client.", isFinal: true));
        log.Logger.WorkStarted(Log.Shown(order.Id), context.Attempt);
        try
        {
            var work = new ServiceWork(order.Id, order.ServiceType, order.Description, order.DeliveryFormat, order.Deadline, context.Attempt)
            {
                Report = (progress, message) =>
                {
                    context.ReportProgress(progress, message);
                    feed.Report(order.Id, progress, message);
                },
            };
            return Store(order, await offer.Handler.WorkAsync(work, cancellationToken));
        }
        catch (PosthouseException e) when (e.Code is ErrorCodes.StoreUnavailable or ErrorCodes.StoreFull)
        {
            return Postpone(order.Id, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return Fail(order, e);
        }
    }

    /// <summary>The law begins no work from where the order stands: the job must not say that it was done, for nothing was made.</summary>
    private static Outcome<Nothing> Unworkable(string id, Order? order) => Outcome.Dead(order is null
        ? $"There is no order {id}. Discard this job."
        : $"Order {id} is {OrderLaw.Name(order.State)}, and its work is not begun again from there. Discard this job, and settle the payment with the client if nothing was delivered.");

    /// <summary>What was paid for is made again later rather than failed: neither the client nor the service is to blame.</summary>
    private Outcome<Nothing> Postpone(string order, string why)
    {
        log.Logger.WorkPostponed(Log.Shown(order), why);
        return Outcome.Snooze(LookAgainAfter);
    }

    private Outcome<Nothing> Store(Order order, Deliverable made)
    {
        var bytes = made.Content.Utf8.ToArray();
        if (bytes.Length > ServiceLimits.ResultBytes)
            return Fail(order, new ServiceFailedException($"The result has {bytes.Length} bytes; at most {ServiceLimits.ResultBytes} can be delivered.", isFinal: true));
        var completedAt = time.GetUtcNow();
        var hash = made.Content.Hash();
        var text = SignedText.Delivery.Build(new SignedFields(order.Id, Timestamp: WireTime.Write(completedAt), ContentHash: hash.Wire));
        var stored = new StoredDeliverable(JobId.New("delivery", time, ids).Value, made.Type, made.Format, bytes, hash, text, options.Wallet.Sign(text).ToString());
        log.Logger.WorkDone(Log.Shown(order.Id), bytes.Length);
        if (PushEndpoint.Allowed(order.DeliveryEndpoint, options.Push) is null)
            log.Logger.NoEndpoint(Log.Shown(order.Id));
        // Crash point: dying here leaves a file that goes with the order; the work is done again.
        var kept = files.Put(order.Id, stored);
        return Outcome.Done(default(Nothing), write => Complete(write, order.Id, kept, completedAt));
    }

    private void Complete(IWrite write, string id, StoredDeliverable stored, DateTimeOffset completedAt)
    {
        var order = OrderRows.Find(write, id)!;
        var pushes = PushEndpoint.Allowed(order.DeliveryEndpoint, options.Push) is not null;
        var isDisabled = !pushes && order.DeliveryEndpoint is not null;
        NoticeOutbox.Follow(write, id, options);
        var pushJob = pushes ? write.Enqueue(PushDelivery.To(order), new EnqueueOptions { NotBefore = FirstPush(write.Now) }) : default(JobId?);
        var changed = OrderBook.Change(write, order, pushes ? OrderEvent.StoredForPush : OrderEvent.StoredForPickup, OrderActor.Provider,
            (next, now) => next with
            {
                CompletedAt = completedAt,
                ReadyAt = now,
                KeepUntil = completedAt + options.Retention,
                KeptFrom = clock.Now(write),
                ContentHash = stored.Hash.Wire,
                Push = pushes ? PushState.Scheduled : isDisabled ? PushState.Disabled : PushState.None,
                PushJob = pushJob?.Value,
                LastError = isDisabled ? PushFailure.NotAllowed : null,
            }, stored.Hash.Wire);
        if (changed is null)
            throw new PosthouseException(IvxpErrors.InvalidOrderState, "The order left its work while the work ran; the result is not stored.");
        OrderRows.InsertDeliverable(write, id, stored);
        if (isDisabled)
            OrderBook.RecordPushEnd(write, changed);
    }

    private DateTimeOffset? FirstPush(DateTimeOffset now) => options.Push.Delays[0] > TimeSpan.Zero ? now + options.Push.Delays[0] : null;

    private Outcome<Nothing> Fail(Order order, Exception error)
    {
        // Only what the service meant to be read is kept: any other exception may quote the client.
        var said = error is ServiceFailedException ? error.Message : $"The service threw {error.GetType().Name}.";
        log.Logger.WorkFailed(Log.Shown(order.Id), said);
        return error is ServiceFailedException { IsFinal: true }
            ? Outcome.Dead(said, write: write => GiveUp(write, order.Id))
            : Outcome.Retry(new Failure(FailureKind.Transient, said), whenPoisoned: write => GiveUp(write, order.Id));
    }

    private static void GiveUp(IWrite write, string id) =>
        OrderBook.Change(write, OrderRows.Find(write, id), OrderEvent.WorkFailed, OrderActor.Provider, (next, _) => next with { LastError = "work_failed" });
}
