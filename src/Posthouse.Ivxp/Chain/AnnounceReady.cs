using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Jobs;
using Posthouse.Storage;

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

    /// <summary>Enqueues it in the transaction that made an order ready for pickup, if there is a contract.</summary>
    /// <param name="write">The transaction.</param>
    /// <param name="order">The order as it stands now.</param>
    /// <param name="options">Whether there is a contract.</param>
    public static void Follow(IWrite write, Order order, IvxpOptions options)
    {
        if (order.State is OrderState.ReadyForPickup && options.Contract is not null)
            write.Enqueue(new AnnounceReady(order.Id));
    }
}
