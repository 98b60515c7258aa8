namespace Posthouse.Ivxp.Chain;

/// <summary>What a transaction pays for each unit of gas (EIP-1559), in wei (10^-18 ether).</summary>
/// <param name="MaxFeePerGas">The most in all; what the block does not ask for is not taken.</param>
/// <param name="MaxPriorityFeePerGas">The part for who builds the block.</param>
public readonly record struct GasFees(long MaxFeePerGas, long MaxPriorityFeePerGas)
{
    /// <summary>Wei in a gwei, the unit in which fees are spoken of.</summary>
    public const long WeiPerGwei = 1_000_000_000;
}

/// <summary>How fees are chosen, and the most that is ever paid.</summary>
/// <param name="MaxFeePerGas">The cap in wei per gas, above 0.</param>
public sealed record FeeRule(long MaxFeePerGas)
{
    // A pool takes a replacement only if both fees rise by a tenth; an eighth leaves no doubt about rounding.
    private const long BumpDivisor = 8;

    /// <summary>
    /// 5 gwei: hundreds of times what the networks known here ask on common days; a transfer of 50,000 gas then costs at most
    /// 0.00025 ether.
    /// </summary>
    public static FeeRule Default { get; } = new(5 * GasFees.WeiPerGwei);

    /// <summary>Room for two base fees, so that several full blocks do not shut the transaction out; never above the cap.</summary>
    /// <param name="baseFee">What the next block asks, in wei.</param>
    /// <param name="tip">What the node suggests for the builder, in wei.</param>
    /// <returns>Null if the next block asks for more than the cap.</returns>
    internal GasFees? Choose(long baseFee, long tip)
    {
        if (baseFee > MaxFeePerGas)
            return null;
        // Written so that nothing overflows, whatever the node says.
        var most = (long)Int128.Min(MaxFeePerGas, (Int128)baseFee * 2 + tip);
        return new GasFees(most, Math.Min(tip, most));
    }

    /// <summary>Fees that replace those of a transaction that is stuck.</summary>
    /// <param name="stuck">What it offers.</param>
    /// <param name="fresh">What a new one would offer, or null.</param>
    /// <returns>Null if the cap leaves no room for a replacement.</returns>
    internal GasFees? Replace(GasFees stuck, GasFees? fresh)
    {
        var most = Math.Max(Bumped(stuck.MaxFeePerGas), fresh?.MaxFeePerGas ?? 0);
        var tip = Math.Max(Bumped(stuck.MaxPriorityFeePerGas), fresh?.MaxPriorityFeePerGas ?? 0);
        return most > MaxFeePerGas || tip > most ? null : new GasFees(most, tip);
    }

    private static long Bumped(long fee) => fee + fee / BumpDivisor + 1;
}
