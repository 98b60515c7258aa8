namespace Posthouse.Ivxp.Chain;

/// <summary>What can be wrong when a transaction is made or sent. The messages say what to do next.</summary>
public static class ChainErrors
{
    /// <summary>The node did not answer, or not with sense. Nothing was signed.</summary>
    public const string ChainUnavailable = "CHAIN_UNAVAILABLE";

    /// <summary>The node is one of another chain than the one that was asked for.</summary>
    public const string WrongChain = "WRONG_CHAIN";

    /// <summary>The chain asks for more than <see cref="FeeRule.MaxFeePerGas"/> just now.</summary>
    public const string FeeAboveCap = "FEE_ABOVE_CAP";

    /// <summary>The chain would refuse or revert the transaction: too little USDC, no ether for the fee, or the wrong contract.</summary>
    public const string ChainRefused = "CHAIN_REFUSED";
}
