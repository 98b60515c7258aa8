using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Jobs;
using Posthouse.Retry;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Client;

/// <content>From the question for a price to the payment.</content>
internal sealed partial class PurchaseSteps
{
    private static readonly TimeSpan SendAgainAfter = TimeSpan.FromSeconds(5);

    private async Task<Outcome<Nothing>> QuoteAsync(ProviderClient provider, Purchase purchase, CancellationToken cancellationToken)
    {
        var bytes = await provider.QuoteBytesAsync(
            new ClientAgent(options.Name, purchase.Client.ToString(), purchase.Endpoint, purchase.Email),
            new RequestedWork(purchase.ServiceType, purchase.Description, purchase.Budget), cancellationToken);
        CrashPoint.Reached((int)PurchaseCrashAt.Quoted);
        var quote = QuoteAnswer.Read(bytes);
        if (quote.Price > purchase.Budget)
            return Stop(purchase, ClientErrors.PriceTooHigh, $"The quote is {quote.Price} USDC, above the {purchase.Budget} you allow.");
        if (await book.ReadAsync(read => PurchaseRows.IsTaken(read, quote.Provider, quote.OrderId)))
            return Stop(purchase, ClientErrors.AnswerInvalid, "The provider quoted an order that you have already. Nothing is paid for it again.");
        return GoOn(provider, purchase, (now, write) => now with
        {
            Provider = quote.Provider,
            OrderId = quote.OrderId,
            Protocol = quote.Protocol,
            Price = quote.Price,
            Network = quote.Network,
            PaymentAddress = quote.PaymentAddress,
            QuotedAt = write.Now,
            Quote = bytes.ToArray(),
            Status = "quoted",
            Step = now.TransactionHash is null ? PurchaseStep.Pay : PurchaseStep.Prove,
        });
    }

    private async Task<Outcome<Nothing>> PayAsync(ProviderClient provider, Purchase purchase, CancellationToken cancellationToken)
    {
        // Play money first: who has a development chain is paid there, and there alone.
        if (purchase.Network == UsdcNetwork.BaseSepolia.Id && await provider.HasDevChainAsync(cancellationToken))
            return GoOn(provider, purchase, (now, _) => now with { Step = PurchaseStep.Send });
        if (ChainOf(purchase) is not { } chain)
        {
            return Stop(purchase, ClientErrors.PaymentNeeded, $"Pay {purchase.Price} USDC to {purchase.PaymentAddress} on {purchase.Network} from {purchase.Client}, "
                + $"and go on with: posthouse order resume {purchase.OrderId} --tx HASH");
        }
        var last = await book.ReadAsync(read => PurchaseRows.LastNonce(read, purchase));
        var signed = await chain.PrepareTransferAsync(UsdcNetwork.Find(purchase.Network)!, purchase.PaymentAddress!.Value, purchase.Price!.Value, last, cancellationToken);
        CrashPoint.Reached((int)PurchaseCrashAt.Signed);
        return GoOn(provider, purchase, (now, write) => Signed(now, signed, write));
    }

    private static Purchase Signed(Purchase purchase, SignedTransaction signed, IWrite write)
    {
        if (PurchaseRows.IsNonceTaken(write, purchase, signed.Nonce))
            throw new PosthouseException(ErrorCodes.Conflict, "Another payment took the wallet's next nonce. This one is signed again.");
        return purchase.PaidBy(signed) with { IntentAt = write.Now, Step = PurchaseStep.Send };
    }

    // Without the job's token: money that is on its way is not called back, and its answer is worth the wait.
    private Task<Outcome<Nothing>> SendAsync(ProviderClient provider, Purchase purchase) =>
        purchase.RawTransaction is null ? SendPlayMoneyAsync(provider, purchase) : SendSignedAsync(provider, purchase);

    /// <summary>The very bytes that were stored: the chain takes one nonce once, so that sending them again is safe.</summary>
    private async Task<Outcome<Nothing>> SendSignedAsync(ProviderClient provider, Purchase purchase)
    {
        var chain = ChainOf(purchase) ?? throw new PosthouseException(ChainErrors.ChainUnavailable, "No node is configured to send the signed payment through.");
        CrashPoint.Reached((int)PurchaseCrashAt.AboutToSend);
        var answer = await chain.SendAsync(Stored(purchase), CancellationToken.None);
        CrashPoint.Reached((int)PurchaseCrashAt.Sent);
        return answer.Outcome switch
        {
            SendOutcome.Taken => GoOn(provider, purchase, (now, write) => now with { SentAt = write.Now, Step = PurchaseStep.Prove }),
            SendOutcome.NonceUsed or SendOutcome.Underpriced => await LookAfterAsync(provider, purchase, chain, answer.Outcome is SendOutcome.Underpriced, SendAgainAfter),
            SendOutcome.Refused => Stop(purchase, ChainErrors.ChainRefused,
                $"The chain refuses the payment: {answer.Detail}. Look whether the wallet holds enough USDC, and ether for the fee, and resume the order."),
            _ => Outcome.Snooze(SendAgainAfter),
        };
    }

    /// <summary>The development chain pays without a signature, so that an answer which was lost leaves open whether money moved.</summary>
    private async Task<Outcome<Nothing>> SendPlayMoneyAsync(ProviderClient provider, Purchase purchase)
    {
        if (purchase.IntentAt is not null)
            return Unknown(purchase);
        await book.ChangeAsync(purchase.Id, (now, write) => now with { IntentAt = write.Now });
        CrashPoint.Reached((int)PurchaseCrashAt.AboutToSend);
        try
        {
            var hash = await provider.PayOnDevChainAsync(purchase.Client, purchase.PaymentAddress!.Value, purchase.Price!.Value, CancellationToken.None);
            CrashPoint.Reached((int)PurchaseCrashAt.Sent);
            return GoOn(provider, purchase, (now, write) => now with { TransactionHash = hash, SentAt = write.Now, Step = PurchaseStep.Prove });
        }
        catch (PosthouseException e) when (e.InnerException is { } cause && FailureClassifier.Instance.Classify(cause) is { Kind: FailureKind.NotReached } failure)
        {
            // Nothing was sent, so nothing moved.
            return Outcome.Retry(failure, write => PurchaseRows.Change(write, purchase.Id, now => now with { IntentAt = null }));
        }
        catch (PosthouseException)
        {
            return Unknown(purchase);
        }
    }

    private static Outcome<Nothing> Unknown(Purchase purchase) => Stop(purchase, ClientErrors.PaymentUnknown,
        $"A payment of this order broke off and money may have moved. Look into your wallet and go on with: posthouse order resume {purchase.OrderId} --tx HASH");

    private static SignedTransaction Stored(Purchase purchase) =>
        new(purchase.TransactionHash!, purchase.RawTransaction!, purchase.Nonce!.Value, purchase.GasLimit!.Value, purchase.Fees!.Value);

    private ChainWallet? ChainOf(Purchase purchase) =>
        Node is { } node ? new ChainWallet(node, WalletOf(purchase), options.Fees) : null;
}
