using System.Diagnostics.CodeAnalysis;

namespace Posthouse.Ivxp.Payments;

/// <summary>Reads one transaction from a node and has it judged. It changes nothing and tries nothing twice: the queue does.</summary>
/// <param name="rpc">The node.</param>
/// <param name="rule">How sure a payment must be.</param>
public sealed class PaymentVerifier(EthereumRpc rpc, PaymentRule rule)
{
    /// <summary>Judges whether a transaction pays an order.</summary>
    /// <param name="claim">What is expected; its hash in lower case.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<PaymentOutcome> VerifyAsync(PaymentClaim claim, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(claim);
        // Asked every time, for an operator may point the address at another node while we run.
        var chain = await rpc.ChainIdAsync(cancellationToken);
        if (IsLost(chain, required: true, out var lost))
            return lost;
        if (chain.Value != claim.Network.ChainId)
            return new PaymentOutcome.Unavailable("wrong_chain");

        var receipt = await rpc.ReceiptAsync(claim.TransactionHash, cancellationToken);
        if (IsLost(receipt, required: false, out lost))
            return lost;
        if (receipt.Value is null)
        {
            var transaction = await rpc.TransactionAsync(claim.TransactionHash, cancellationToken);
            return IsLost(transaction, required: false, out lost) ? lost : PaymentJudgement.WithoutReceipt(transaction.Value);
        }

        var head = await rpc.BlockNumberAsync(cancellationToken);
        if (IsLost(head, required: true, out lost))
            return lost;
        var block = await rpc.BlockAsync(receipt.Value.BlockNumber, cancellationToken);
        return IsLost(block, required: false, out lost)
            ? lost
            : PaymentJudgement.Judge(claim, rule, receipt.Value, block.Value, head.Value!.Value);
    }

    private static bool IsLost<T>(ChainAnswer<T> answer, bool required, [NotNullWhen(true)] out PaymentOutcome? lost)
    {
        var failure = answer.Failure ?? (required && answer.Value is null ? "malformed" : null);
        lost = failure is null ? null : new PaymentOutcome.Unavailable(failure);
        return lost is not null;
    }
}
