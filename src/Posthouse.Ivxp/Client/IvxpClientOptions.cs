using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Client;

/// <summary>How a buyer buys. Immutable; read once at start.</summary>
public sealed record IvxpClientOptions
{
    /// <summary>The account that pays and signs. Asked when something is to be signed, so that a process which only looks needs no key.</summary>
    public required Func<Wallet> Wallet { get; init; }

    /// <summary>The Ethereum node through which the wallet pays; null: payments are made elsewhere, and their transactions are given.</summary>
    public Uri? RpcUrl { get; init; }

    /// <summary>The most that a payment costs in fees.</summary>
    public FeeRule Fees { get; init; } = FeeRule.Default;

    /// <summary>How long a payment may wait for a block before it is sent again with higher fees. Default a minute: dozens of blocks.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Time for one question to the node. Default 10 s, as for a provider.</summary>
    public TimeSpan RpcTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The buyer's name in requests. Default <c>Posthouse</c>.</summary>
    public string Name { get; init; } = "Posthouse";
}
