using Posthouse.Jobs;

namespace Posthouse.Ivxp.Chain;

/// <summary>
/// A client who is away is to be told on the chain that its result waits. All of them stand in one lane, for the wallet's
/// transactions are numbered: the next one is made only when the last one is mined.
/// </summary>
/// <param name="OrderId">The order.</param>
[Job("ivxp.announce", Lane = "ivxp-chain-wallet", DeduplicationKey = "{OrderId}", WhenDead = WhenDead.Skip)]
internal sealed record AnnounceReady(string OrderId) : IJob<Nothing>
{
    public Nothing OptimisticResult(OptimisticContext context) => default;
}
