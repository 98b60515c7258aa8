using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Orders.Proofs;

/// <summary>
/// A client proves a payment. Three steps: judge the message (pure), read the chain (no transaction held), and in one transaction
/// look again, claim the payment and enqueue the work. Two requests that meet in between are told apart by the last step alone.
/// </summary>
internal sealed class AcceptPayment(
    OrderBook book, IvxpOptions options, IvxpExchanges exchanges, ISecp256k1 curve, TimeProvider time, IIds ids, IvxpLog log)
{
    // Until then the kept claim has been looked at again at least once.
    private static readonly TimeSpan ChainBackIn = TimeSpan.FromSeconds(30);

    public async Task<Reply<DeliveryAccepted>> AnswerAsync(ProofOfPayment proof, CancellationToken cancellationToken)
    {
        if (!TransactionHash.TryNormalize(proof.Transaction, out var transaction))
            return new Refusal(IvxpErrors.InvalidRequest, "tx_hash is 0x and 64 hexadecimal digits.");
        if (!OrderId.IsValid(proof.OrderId) || await book.FindAsync(proof.OrderId) is not { } order)
            return new Refusal(IvxpErrors.OrderNotFound, IvxpProtocol.Messages.OrderNotFound);
        if (ProofText.Refuse(proof, transaction, order.Client, curve) is { } unsigned)
            return unsigned;

        // A proof whose answer was lost may come again however late: it changes nothing.
        if (order.TransactionHash is not null)
            return await RepeatAsync(order, transaction);
        var now = time.GetUtcNow();
        if (!ProofText.IsFresh(proof, now))
            return new Refusal(IvxpErrors.InvalidTimestamp, $"The proof is too old or ahead of time; it is {WireTime.Write(now)}. Sign it again when you send it.");
        if (UsdcNetwork.FindPaid(proof.Network) != order.Network)
            return new Refusal(IvxpErrors.InvalidNetwork, $"This order is paid on {order.Network.Id}.");
        if (ProofNonces.Has(proof.Text) && await book.ReadAsync(read => ProofNonces.IsSpent(read, order.Id, proof.Text, transaction)))
            return SpentNonce();

        var claim = new OrderClaim(order.Id, transaction, proof.Text, proof.Signature, PushEndpoint.Kept(proof.Endpoint));
        return await JudgeAsync(order, claim, OrderActor.Client, cancellationToken);
    }

    /// <summary>Reads the chain and settles or keeps the claim.</summary>
    /// <param name="order">The order.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="actor">The client if it waits for the answer, else the provider, who looks at a kept claim again.</param>
    /// <param name="cancellationToken">Ends the reading of the chain.</param>
    public async Task<Reply<DeliveryAccepted>> JudgeAsync(Order order, OrderClaim claim, OrderActor actor, CancellationToken cancellationToken)
    {
        switch (await VerifyAsync(order, claim, cancellationToken))
        {
            case PaymentOutcome.Verified verified:
                return await SettleAsync(claim, verified, actor);
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

    private async Task<Reply<DeliveryAccepted>> SettleAsync(OrderClaim claim, PaymentOutcome.Verified verified, OrderActor actor)
    {
        var secret = WebhookSecret.New(ids);
        var (reply, isNew) = await book.WriteAsync(write => Settle(write, claim, verified, actor, secret));
        if (isNew)
            log.Logger.Paid(Log.Shown(claim.OrderId), claim.TransactionHash);
        return reply;
    }

    private static (Reply<DeliveryAccepted> Reply, bool IsNew) Settle(IWrite write, OrderClaim claim, PaymentOutcome.Verified verified, OrderActor actor, string secret)
    {
        var order = OrderRows.Find(write, claim.OrderId)!;
        if (order.TransactionHash is not null)
            return (Repeated(order, claim.TransactionHash), false);
        if (ProofNonces.IsSpent(write, order.Id, claim.SignedText, claim.TransactionHash))
            return (SpentNonce(), false);
        if (write.Scalar("SELECT COUNT(*) FROM ivxp_payment WHERE network = $1 AND tx_hash = $2", order.Network.Id, claim.TransactionHash) > 0)
            return (new Refusal(IvxpErrors.PaymentNotVerified, "This transaction has paid another order.", "transaction_used"), false);
        if (OrderLaw.Next(order.State, OrderEvent.PaymentVerified) is null)
            return (new Refusal(IvxpErrors.InvalidOrderState, "This order can no longer be paid."), false);
        var work = write.Enqueue(new PerformWork(order.Id)).Value;
        OrderBook.Change(write, order, OrderEvent.PaymentVerified, actor, (changed, now) => changed with
        {
            TransactionHash = claim.TransactionHash,
            PaidAt = now,
            DeliveryEndpoint = claim.Endpoint ?? order.ContactEndpoint,
            WebhookSecret = secret,
            WorkJob = work,
        }, claim.TransactionHash);
        write.Execute(
            "INSERT INTO ivxp_payment (network, tx_hash, order_id, units, block_number, block_time, signed_text, signature) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            order.Network.Id, claim.TransactionHash, order.Id, verified.Amount.Units, verified.BlockNumber, OrderRows.Stored(verified.BlockTime),
            claim.SignedText, claim.Signature);
        ProofNonces.Note(write, order.Id, claim.SignedText, claim.TransactionHash);
        OrderClaims.Drop(write, order.Id, claim.TransactionHash);
        return (Accepted(order.Id, secret), true);
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

    /// <summary>The answer to a proof that was taken before. Where the provider found the payment by itself, nobody has been told the secret yet.</summary>
    private async Task<Reply<DeliveryAccepted>> RepeatAsync(Order order, string transaction)
    {
        var repeated = Repeated(order, transaction);
        if (repeated.Refusal is not null || !await book.ReadAsync(read => IsUntold(read, order.Id)))
            return repeated;
        return await book.WriteAsync(write => IsUntold(write, order.Id)
            ? Accepted(order.Id, OrderBook.Change(write, OrderRows.Find(write, order.Id), OrderEvent.PaymentRepeated, OrderActor.Client)?.WebhookSecret)
            : repeated);
    }

    private static bool IsUntold(IRead read, string id) => read.Scalar(
        "SELECT COUNT(*) FROM ivxp_order_history WHERE order_id = $1 AND actor = 'client' AND event IN ('payment_verified', 'payment_repeated')", id) == 0;

    private static Refusal SpentNonce() => new(IvxpErrors.SignatureInvalid, "This nonce was used with another payment. Sign again with a new one.", "nonce");

    private static Reply<DeliveryAccepted> Repeated(Order order, string transaction) =>
        order.TransactionHash == transaction && OrderLaw.Next(order.State, OrderEvent.PaymentRepeated) is not null
            ? Accepted(order.Id)
            : new Refusal(IvxpErrors.DuplicateDeliveryRequest, "This order is already paid, by another transaction.", "other_transaction");

    private static DeliveryAccepted Accepted(string id, string? secret = null) =>
        new(IvxpProtocol.Statuses.Accepted, id, "The payment is verified; the work begins.", WebhookSecret: secret);
}
