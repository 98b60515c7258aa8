using Posthouse.Ivxp.Client;

namespace Posthouse.Cli.Output;

/// <summary>Where a purchase stands that goes no further by itself and has no result.</summary>
internal static class PurchaseEnd
{
    /// <summary>A purchase with its result; a script must never take another one for delivered.</summary>
    /// <exception cref="PosthouseException">PURCHASE_STATE: it was only quoted, or its queue was given up; ORDER_FAILED: it is over.</exception>
    public static Purchase WithResult(Purchase purchase) => purchase switch
    {
        { Content: not null } => purchase,
        { DisputedAt: not null } => throw Without(
            $"you disputed it, and its provider last said {purchase.Status}. Ask again: posthouse order status {purchase.Name}; if a result came since: posthouse order download {purchase.Name}"),
        { Step: PurchaseStep.Through } => throw Without($"it ended as {purchase.Status}."),
        { TransactionHash: null, OrderId: not null } => throw State($"The order is only quoted. Pay it: posthouse order resume {purchase.Name}"),
        _ => throw State($"The order has no result yet ({purchase.Status}), and nothing goes on by itself. Go on with: posthouse order resume {purchase.Name}"),
    };

    private static PosthouseException Without(string why) => new(ClientErrors.OrderFailed, "The order has no result: " + why);

    private static PosthouseException State(string message) => new(ClientErrors.PurchaseState, message);
}
