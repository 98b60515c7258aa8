using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;

namespace Posthouse.Ivxp.Orders.Proofs;

/// <summary>A kept proof is to be judged once the chain can be read and is sure.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="TransactionHash">Lower case.</param>
[Job("ivxp.check-payment", DeduplicationKey = "{OrderId}/{TransactionHash}")]
internal sealed record CheckPayment(string OrderId, string TransactionHash) : IJob<Nothing>
{
    public Nothing OptimisticResult(OptimisticContext context) => default;
}

/// <summary>Judges a kept proof by the same steps as one that has just come.</summary>
internal sealed class CheckPaymentHandler(OrderBook book, AcceptPayment payments, TimeProvider time, IvxpLog log)
    : IJobHandler<CheckPayment, Nothing>
{
    // A payment in no block for so long was replaced or never sent; the client may still prove it again.
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);

    // A transaction that a reorganisation took out of its block is known nowhere until it is passed on again; one that never was is soon told apart.
    private static readonly TimeSpan LostFor = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(10);

    public async Task<Outcome<Nothing>> HandleAsync(CheckPayment job, JobContext context, CancellationToken cancellationToken)
    {
        var order = await book.FindAsync(job.OrderId);
        var claim = await book.ReadAsync(read => OrderClaims.Find(read, job.OrderId, job.TransactionHash));
        if (order is null || claim is null)
            return Outcome.Done(default(Nothing));
        var refusal = order.TransactionHash is null ? (await payments.JudgeAsync(order, claim, OrderActor.Provider, cancellationToken)).Refusal : null;
        if (refusal?.Code == IvxpErrors.ServiceUnavailable)
            return Outcome.Retry(new Failure(FailureKind.NotReached, $"The chain cannot be read: {refusal.Reason}."));
        if (refusal?.Code == IvxpErrors.PaymentNotVerified && time.GetUtcNow() - context.AcceptedAt < Patience(refusal.Reason))
            return Outcome.Snooze(LookAgainAfter);
        if (refusal is not null)
            log.Logger.ClaimDropped(Log.Shown(order.Id), refusal.Reason ?? refusal.Code);
        return Outcome.Done(default(Nothing), write => OrderClaims.Drop(write, job.OrderId, job.TransactionHash));
    }

    private static TimeSpan Patience(string? reason) => reason switch
    {
        "pending" or "confirmations" or "reorganised" => GiveUpAfter,
        "not_found" => LostFor,
        _ => TimeSpan.Zero,
    };
}
