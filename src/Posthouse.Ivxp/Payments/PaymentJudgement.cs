using System.Numerics;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Ivxp.Payments;

/// <summary>The judgement of a payment: a pure function of what the chain showed.</summary>
internal static class PaymentJudgement
{
    /// <summary>Judges a transaction that is in no block.</summary>
    /// <param name="known">The node's word on the transaction, null if it does not know it.</param>
    public static PaymentOutcome WithoutReceipt(ChainTransaction? known) => known is null
        ? new PaymentOutcome.Refused(IvxpErrors.PaymentNotVerified, "not_found")
        // In a block and yet without receipt: the node is between two blocks.
        : new PaymentOutcome.NotYet(known.BlockNumber is null ? "pending" : "confirmations");

    /// <summary>Judges a transaction that is in a block.</summary>
    /// <param name="claim">What is expected.</param>
    /// <param name="rule">How sure it must be.</param>
    /// <param name="receipt">The transaction's receipt.</param>
    /// <param name="block">The block now at the receipt's height, null if there is none.</param>
    /// <param name="head">The newest block's height.</param>
    public static PaymentOutcome Judge(PaymentClaim claim, PaymentRule rule, ChainReceipt receipt, ChainBlock? block, long head)
    {
        if (receipt.TransactionHash != claim.TransactionHash)
            return new PaymentOutcome.Unavailable("malformed");
        if (block is null || block.Hash != receipt.BlockHash)
            return new PaymentOutcome.NotYet("reorganised");
        if (block.Number != receipt.BlockNumber)
            return new PaymentOutcome.Unavailable("malformed");
        if (head - receipt.BlockNumber + 1 < rule.Confirmations)
            return new PaymentOutcome.NotYet("confirmations");
        if (!receipt.Succeeded)
            return new PaymentOutcome.Refused(IvxpErrors.PaymentNotVerified, "reverted");
        var paid = Sum(claim, receipt);
        if (paid.IsZero)
            return WhyNothing(claim, receipt);
        if (paid < claim.Price.Units)
            return new PaymentOutcome.Refused(IvxpErrors.AmountMismatch, "underpaid");
        // More than 9 × 10^12 USDC do not exist: a contract that reports them is not USDC.
        if (paid > long.MaxValue)
            return new PaymentOutcome.Refused(IvxpErrors.AmountMismatch, "amount_out_of_range");
        return block.Time > claim.PayUntil + rule.Grace
            ? new PaymentOutcome.Refused(IvxpErrors.OrderExpired, "paid_late")
            : new PaymentOutcome.Verified(UsdcAmount.FromUnits((long)paid), claim.Payer, block.Time, block.Number);
    }

    // A wallet may split a payment or pay through a contract, so all logs count and the transaction's own "to" does not.
    private static BigInteger Sum(PaymentClaim claim, ChainReceipt receipt)
    {
        var sum = BigInteger.Zero;
        foreach (var log in receipt.Logs)
        {
            if (log.Address == claim.Network.Contract && TokenTransfer.TryRead(log, out var transfer)
                && transfer.From == claim.Payer && transfer.To == claim.Recipient)
                sum += transfer.Units;
        }
        return sum;
    }

    private static PaymentOutcome.Refused WhyNothing(PaymentClaim claim, ChainReceipt receipt)
    {
        var reason = "no_transfer";
        foreach (var log in receipt.Logs)
        {
            if (!TokenTransfer.TryRead(log, out var transfer))
                continue;
            if (log.Address != claim.Network.Contract)
            {
                if (transfer.From == claim.Payer && transfer.To == claim.Recipient)
                    return new PaymentOutcome.Refused(IvxpErrors.InvalidTokenContract, "wrong_token");
            }
            // Anybody can have a token report a transfer of nothing in a client's name: it pays nothing, and is no proof against others.
            else if (transfer.From == claim.Payer && transfer.To == claim.Recipient)
                return new PaymentOutcome.Refused(IvxpErrors.AmountMismatch, "underpaid");
            else
                reason = transfer.To == claim.Recipient ? "wrong_payer" : "wrong_recipient";
        }
        return new PaymentOutcome.Refused(IvxpErrors.PaymentNotVerified, reason);
    }
}
