namespace Posthouse.Ivxp.Chain;

/// <summary>Where a prepared transaction stands.</summary>
public enum FateKind
{
    /// <summary>The node does not know it: never sent, or forgotten. Send the same bytes again.</summary>
    Unknown = 0,

    /// <summary>It waits for a block.</summary>
    Pending = 1,

    /// <summary>It is in a block and did what it says.</summary>
    Mined = 2,

    /// <summary>It is in a block and was reverted: nothing moved but the fee.</summary>
    Reverted = 3,

    /// <summary>Another transaction of the same nonce is final, so that this one can never be mined. Preparing a new one pays nothing twice.</summary>
    Displaced = 4,
}

/// <summary>What became of a transaction.</summary>
/// <param name="Kind">Where it stands.</param>
/// <param name="BlockNumber">Its block, for <see cref="FateKind.Mined"/> and <see cref="FateKind.Reverted"/>.</param>
public readonly record struct TransactionFate(FateKind Kind, long? BlockNumber);
