using Posthouse.Ivxp.Payments;

namespace Posthouse.Ivxp.Chain;

/// <summary>What a node said to a transaction.</summary>
public enum SendOutcome
{
    /// <summary>The answer was lost, or the node is away: it may have it. Send the same bytes again.</summary>
    Unknown = 0,

    /// <summary>The node has it, now or already.</summary>
    Taken = 1,

    /// <summary>Its nonce is behind the account's: this very transaction is mined, or another one took its place. <see cref="ChainWallet.LookAsync"/> tells.</summary>
    NonceUsed = 2,

    /// <summary>Another one of the same nonce waits and offers as much, or the offer is below what the node takes.</summary>
    Underpriced = 3,

    /// <summary>The node refuses it for another reason, such as no ether for the fee.</summary>
    Refused = 4,
}

/// <summary>A node's answer to a transaction.</summary>
/// <param name="Outcome">The class.</param>
/// <param name="Detail">The node's own words, where it refused.</param>
public readonly record struct SendAnswer(SendOutcome Outcome, string? Detail)
{
    // Nodes agree on no codes, only on these words (geth, op-geth, reth, nethermind, erigon, anvil).
    private static readonly (string Words, SendOutcome Outcome)[] _sentences =
    [
        ("already known", SendOutcome.Taken),
        ("already imported", SendOutcome.Taken),
        ("alreadyknown", SendOutcome.Taken),
        ("known transaction", SendOutcome.Taken),
        ("nonce too low", SendOutcome.NonceUsed),
        ("nonce is too low", SendOutcome.NonceUsed),
        ("oldnonce", SendOutcome.NonceUsed),
        ("underpriced", SendOutcome.Underpriced),
        ("max fee per gas less than block base fee", SendOutcome.Underpriced),
    ];

    internal static SendAnswer From(ChainAnswer<string> answer) => answer switch
    {
        { Failure: null, Value: not null } => new(SendOutcome.Taken, null),
        { Failure: EthereumRpc.Refusal, Detail: { } said } => new(Classify(said), said),
        _ => new(SendOutcome.Unknown, answer.Failure),
    };

    private static SendOutcome Classify(string said)
    {
        foreach (var (words, outcome) in _sentences)
        {
            if (said.Contains(words, StringComparison.OrdinalIgnoreCase))
                return outcome;
        }
        return SendOutcome.Refused;
    }
}
