using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Payments;

/// <summary>What an order expects of the transaction that is said to pay it.</summary>
/// <param name="Network">Where it must be.</param>
/// <param name="TransactionHash">Lower case.</param>
/// <param name="Payer">The order's client; nobody else's transfer counts.</param>
/// <param name="Recipient">The address stored with the order.</param>
/// <param name="Price">The least that must have moved.</param>
/// <param name="PayUntil">The quote's end. The block's time is judged, not the proof's: a client may pay, go dark and prove later.</param>
public sealed record PaymentClaim(
    UsdcNetwork Network,
    string TransactionHash,
    EthereumAddress Payer,
    EthereumAddress Recipient,
    UsdcAmount Price,
    DateTimeOffset PayUntil);

/// <summary>How sure a payment must be.</summary>
/// <param name="Confirmations">Blocks that must show it, its own included; at least 1.</param>
/// <param name="Grace">How much later than <see cref="PaymentClaim.PayUntil"/> a block may be, for block times stray from ours.</param>
public sealed record PaymentRule(int Confirmations, TimeSpan Grace)
{
    /// <summary>One confirmation, as the source says, and 60 s of grace, as much as clocks are allowed elsewhere.</summary>
    public static PaymentRule Default { get; } = new(1, IvxpProtocol.Limits.MaxAhead);
}

/// <summary>What the chain says of a claim: one of four.</summary>
public abstract record PaymentOutcome
{
    private PaymentOutcome()
    {
    }

    /// <summary>Paid.</summary>
    /// <param name="Amount">What moved, which may be more than the price.</param>
    /// <param name="Payer">Who paid.</param>
    /// <param name="BlockTime">When.</param>
    /// <param name="BlockNumber">Where.</param>
    public sealed record Verified(UsdcAmount Amount, EthereumAddress Payer, DateTimeOffset BlockTime, long BlockNumber) : PaymentOutcome;

    /// <summary>Not decided yet: keep the claim and look again. Answered 402 with this reason.</summary>
    /// <param name="Reason"><c>pending</c>, <c>confirmations</c> or <c>reorganised</c>.</param>
    public sealed record NotYet(string Reason) : PaymentOutcome;

    /// <summary>Not paid, as far as this transaction goes.</summary>
    /// <param name="Code">A code of <see cref="IvxpErrors"/>.</param>
    /// <param name="Reason">Why, for programs.</param>
    public sealed record Refused(string Code, string Reason) : PaymentOutcome;

    /// <summary>The chain could not be read: keep the claim, answer 503 and look again. Never "not paid".</summary>
    /// <param name="Reason">The failure's class, or <c>wrong_chain</c>.</param>
    public sealed record Unavailable(string Reason) : PaymentOutcome;
}
