using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Notices;

/// <summary>A client that gave an e-mail address is to be told, once, that its result waits.</summary>
/// <param name="OrderId">The order.</param>
[Job("ivxp.mail", DeduplicationKey = "{OrderId}")]
internal sealed record MailNotice(string OrderId) : IJob<Nothing>
{
    public Nothing OptimisticResult(OptimisticContext context) => default;
}

/// <summary>
/// Sends the mail. That it was taken is part of the transaction that ends the job; a process that dies between the two sends
/// it again, under the same Message-ID, by which mailboxes know a copy.
/// </summary>
internal sealed class MailNoticeHandler(OrderBook book, IvxpOptions options, IMailPost post, IvxpLog log) : IJobHandler<MailNotice, Nothing>
{
    public async Task<Outcome<Nothing>> HandleAsync(MailNotice job, JobContext context, CancellationToken cancellationToken)
    {
        // Who has collected in the meantime needs no mail any more, nor does one from whom mail was taken off the menu.
        if (await book.FindAsync(job.OrderId) is not { State: OrderState.ReadyForPickup, NotifiedAt: null, ClientEmail: { } to } order || options.Notices.Smtp is null)
            return Outcome.Done(default(Nothing));
        if (await post.SendAsync(ReadyMail.For(order, to, options), cancellationToken) is { } failure)
        {
            log.Logger.MailFailed(Log.Shown(order.Id), failure.Message);
            return failure.Kind is FailureKind.Permanent ? Outcome.Dead(failure.Message) : Outcome.Retry(failure);
        }
        log.Logger.MailSent(Log.Shown(order.Id));
        return Outcome.Done(default(Nothing), write => Note(write, order.Id));
    }

    private static void Note(IWrite write, string id) => OrderBook.Change(
        write, OrderRows.Find(write, id), OrderEvent.NoticeSent, OrderActor.Provider, (next, now) => next with { NotifiedAt = next.NotifiedAt ?? now });
}
