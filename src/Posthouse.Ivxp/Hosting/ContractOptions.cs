using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Hosting;

/// <summary>How clients who are away are told on the chain that a result waits for them.</summary>
/// <param name="Address">The provider's own <c>contracts/ServiceReady.sol</c>, deployed by its wallet.</param>
public sealed record ContractOptions(EthereumAddress Address)
{
    /// <summary>The most that is paid for gas.</summary>
    public FeeRule Fees { get; init; } = FeeRule.Default;

    /// <summary>How long a notice may wait for a block before it is sent again with higher fees. Default a minute: dozens of blocks.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a waiting notice is looked at. Default 2 s, the time between blocks.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(2);
}
