using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders;

/// <summary>
/// A client proves a payment. Three steps: judge the message (pure), read the chain (no transaction held), and in one transaction
/// look again, claim the payment and enqueue the work. Two requests that meet in between are told apart by the last step alone.
/// </summary>
internal sealed class AcceptPayment(
    OrderBook book, IvxpOptions options, IvxpExchanges exchanges, ISecp256k1 curve, TimeProvider time, IvxpLog log)
{
    // Until then the kept claim has been looked at again at least once.
    private static readonly TimeSpan ChainBackIn = TimeSpan.FromSeconds(30);

    public async Task<Reply<DeliveryAccepted>> AnswerAsync(DeliveryRequest request, CancellationToken cancellationToken)
    {
        if (request.MessageType != IvxpProtocol.MessageTypes.DeliveryRequest)
            return new Refusal(IvxpErrors.InvalidRequest, $"message_type must be {IvxpProtocol.MessageTypes.DeliveryRequest}.");
        if (!TransactionHash.TryNormalize(request.PaymentProof.TxHash, out var transaction))
            return new Refusal(IvxpErrors.InvalidRequest, "payment_proof.tx_hash is 0x and 64 hexadecimal digits.");
        if (!OrderId.IsValid(request.OrderId) || await book.FindAsync(request.OrderId) is not { } order)
            return new Refusal(IvxpErrors.OrderNotFound, IvxpProtocol.Messages.OrderNotFound);
        if (ProofText.Refuse(request, transaction, order.Client, curve) is { } unsigned)
            return unsigned;

        // A proof whose answer was lost may come again however late: it changes nothing.
        if (order.TransactionHash is not null)
            return Repeated(order, transaction);
        if (!WireTime.TryParse(request.Timestamp, out var signedAt) || !WireTime.IsFresh(signedAt, time.GetUtcNow()))
            return new Refusal(IvxpErrors.InvalidTimestamp, "The proof is too old or ahead of time. Sign it again when you send it.");
        if (request.PaymentProof.Network != order.Network.Id)
            return new Refusal(IvxpErrors.InvalidNetwork, $"This order is paid on {order.Network.Id}.");

        var endpoint = PushEndpoint.Kept(request.DeliveryEndpoint);
        var claim = new OrderClaim(order.Id, transaction, request.SignedMessage, request.Signature, endpoint);
        return await JudgeAsync(order, claim, cancellationToken);
    }

    /// <summary>Reads the chain and settles or keeps the claim.</summary>
    public async Task<Reply<DeliveryAccepted>> JudgeAsync(Order order, OrderClaim claim, CancellationToken cancellationToken)
    {
        switch (await VerifyAsync(order, claim, cancellationToken))
        {
            case PaymentOutcome.Verified verified:
                return await SettleAsync(claim, verified);
            case PaymentOutcome.Refused refused:
                return new Refusal(refused.Code, "The chain does not show this order's payment.", refused.Reason);
            case PaymentOutcome.NotYet notYet:
                await KeepAsync(claim, notYet.Reason);
                return new Refusal(IvxpErrors.PaymentNotVerified, "The payment is not final yet; it is looked at again by itself.", notYet.Reason);
            case PaymentOutcome.Unavailable away:
                await KeepAsync(claim, away.Reason);
                return new Refusal(IvxpErrors.ServiceUnavailable, "The chain cannot be read now. Your proof is kept; send it again to hear the outcome.",
                    away.Reason, ChainBackIn);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private async Task<PaymentOutcome> VerifyAsync(Order order, OrderClaim claim, CancellationToken cancellationToken)
    {
        if (options.RpcUrl() is not { } node)
            return new PaymentOutcome.Unavailable("unreachable");
        var expected = new PaymentClaim(order.Network, claim.TransactionHash, order.Client, order.PaymentAddress, order.Price, order.PayUntil);
        return await new PaymentVerifier(new EthereumRpc(exchanges.Chain, node, options.RpcTimeout), options.PaymentRule).VerifyAsync(expected, cancellationToken);
    }

    private async Task<Reply<DeliveryAccepted>> SettleAsync(OrderClaim claim, PaymentOutcome.Verified verified)
    {
        var (reply, isNew) = await book.WriteAsync(write => Settle(write, claim, verified));
        if (isNew)
            log.Logger.Paid(Log.Shown(claim.OrderId), claim.TransactionHash);
        return reply;
    }

    private static (Reply<DeliveryAccepted> Reply, bool IsNew) Settle(IWrite write, OrderClaim claim, PaymentOutcome.Verified verified)
    {
        var order = OrderRows.Find(write, claim.OrderId)!;
        if (order.TransactionHash is not null)
            return (Repeated(order, claim.TransactionHash), false);
        if (write.Scalar("SELECT COUNT(*) FROM ivxp_payment WHERE network = $1 AND tx_hash = $2", order.Network.Id, claim.TransactionHash) > 0)
            return (new Refusal(IvxpErrors.PaymentNotVerified, "This transaction has paid another order.", "transaction_used"), false);
        var paid = OrderBook.Change(write, order, OrderEvent.PaymentVerified, OrderActor.Client, (changed, now) => changed with
        {
            TransactionHash = claim.TransactionHash,
            PaidAt = now,
            DeliveryEndpoint = claim.Endpoint ?? order.ContactEndpoint,
        }, claim.TransactionHash);
        if (paid is null)
            return (new Refusal(IvxpErrors.InvalidOrderState, "This order can no longer be paid."), false);
        write.Execute(
            "INSERT INTO ivxp_payment (network, tx_hash, order_id, units, block_number, block_time, signed_text, signature) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            order.Network.Id, claim.TransactionHash, order.Id, verified.Amount.Units, verified.BlockNumber, OrderRows.Stored(verified.BlockTime),
            claim.SignedText, claim.Signature);
        OrderClaims.Drop(write, order.Id, claim.TransactionHash);
        write.Enqueue(new PerformWork(order.Id));
        return (Accepted(order.Id), true);
    }

    private Task<bool> KeepAsync(OrderClaim claim, string reason)
    {
        log.Logger.ClaimKept(Log.Shown(claim.OrderId), reason);
        return book.WriteAsync(write =>
        {
            OrderClaims.Keep(write, claim);
            return true;
        });
    }

    private static Reply<DeliveryAccepted> Repeated(Order order, string transaction) =>
        order.TransactionHash == transaction && OrderLaw.Next(order.State, OrderEvent.PaymentRepeated) is not null
            ? Accepted(order.Id)
            : new Refusal(IvxpErrors.DuplicateDeliveryRequest, "This order is already paid, by another transaction.", "other_transaction");

    private static DeliveryAccepted Accepted(string id) => new(IvxpProtocol.Statuses.Accepted, id, "The payment is verified; the work begins.");
}
