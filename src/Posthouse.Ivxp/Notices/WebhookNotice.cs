using System.Text.Json;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Jobs;
using Posthouse.Retry;

namespace Posthouse.Ivxp.Notices;

/// <summary>The operator's webhook is to be told of one change of an order.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Version">The order's version after the change.</param>
/// <param name="Event">What happened, such as <c>order.ready</c>.</param>
/// <param name="At">When, as the wire writes time.</param>
[Job("ivxp.webhook", DeduplicationKey = "{OrderId}/{Version}")]
internal sealed record WebhookNotice(string OrderId, long Version, string Event, string At) : IJob<Nothing>
{
    public Nothing OptimisticResult(OptimisticContext context) => default;

    /// <summary>The plan of pushes, without its endless tail: a notice that nobody took for hours is for the operator to see.</summary>
    public static Schedule Plan(PushOptions push) => new() { Delays = push.Delays };
}

/// <summary>Posts one notice as Standard Webhooks describes it. The job's id is the notice's id, the same on every attempt.</summary>
internal sealed class WebhookNoticeHandler(OrderBook book, IvxpOptions options, IvxpExchanges exchanges, TimeProvider time, IvxpLog log)
    : IJobHandler<WebhookNotice, Nothing>
{
    private const int MaxAnswerBytes = 4 * 1024;

    public async Task<Outcome<Nothing>> HandleAsync(WebhookNotice job, JobContext context, CancellationToken cancellationToken)
    {
        if (options.Notices.Webhook is not { } webhook || await book.FindAsync(job.OrderId) is not { } order)
            return Outcome.Done(default(Nothing));
        var body = JsonSerializer.SerializeToUtf8Bytes(Message(job, order), IvxpJson.Wire.OrderNotice);
        try
        {
            var answer = await exchanges.Notices.SendAsync(new ExchangeRequest(HttpMethod.Post, webhook.Url)
            {
                Headers = WebhookSignature.Fields(webhook.Secret, context.IdempotencyKey, time.GetUtcNow(), body),
                Body = body,
                Timeout = options.Push.Timeout,
                MaxResponseBytes = MaxAnswerBytes,
                CutsLongAnswer = true,
            }, cancellationToken);
            return answer.IsSuccess ? Outcome.Done(default(Nothing)) : Again(job, FailureClassifier.FromResponse(answer, time.GetUtcNow()));
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            return Again(job, FailureClassifier.Instance.Classify(e));
        }
    }

    private OrderNotice Message(WebhookNotice job, Order order)
    {
        var server = options.Notices.LinkBase();
        return new OrderNotice(job.Event, job.At, new NoticedOrder(order.Id, job.Version, order.ServiceType, order.Client.ToString(), order.ContentHash,
            server is null ? null : ReadyMail.Link(server, IvxpProtocol.Routes.Status, order.Id),
            server is null ? null : ReadyMail.Link(server, IvxpProtocol.Routes.Download, order.Id)));
    }

    private Outcome<Nothing> Again(WebhookNotice job, Failure failure)
    {
        log.Logger.NoticeFailed(job.Event, Log.Shown(job.OrderId), failure.Message);
        return Outcome.Retry(failure);
    }
}
