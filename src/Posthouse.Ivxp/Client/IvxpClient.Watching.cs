using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Ivxp.Client;

/// <content>Watching the chain for the provider's word that a result waits.</content>
public sealed partial class IvxpClient
{
    // Two new blocks on the networks known here: who waits does not feel it, and a public node does not mind.
    private static readonly TimeSpan ChainLook = TimeSpan.FromSeconds(4);

    // A node that is away costs the purchase nothing, for the provider itself is asked meanwhile.
    private static readonly TimeSpan SlowestChainLook = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Waits as <see cref="FollowAsync"/> does, and watches the chain beside it: the provider's <c>ServiceReady</c> has the result collected,
    /// checked and confirmed at once. The provider is asked from time to time all the same, and whoever is first wins. How far the chain
    /// was read is stored with the purchase.
    /// </summary>
    /// <param name="id">The purchase: its order's id, its own, or the beginning of either. A receipt is signed once its result was checked, or now if it is here.</param>
    /// <param name="changed">As for <see cref="FollowAsync"/>.</param>
    /// <param name="noticed">Told each notice of this order, perhaps more than once.</param>
    /// <param name="cancellationToken">Ends the waiting; the purchase goes on.</param>
    /// <exception cref="PosthouseException">PURCHASE_NOT_FOUND. OPTIONS_INVALID: there is no node. WRONG_CHAIN: the node is one of another chain.</exception>
    public async Task<Purchase> FollowOnChainAsync(
        string id, Action<Purchase, Failure?> changed, Action<ReadyNotice> noticed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(noticed);
        var node = _steps.Node ?? throw new PosthouseException(ErrorCodes.OptionsInvalid, "No node of the chain is known: set Ivxp:RpcUrl to the address of one.");
        var purchase = await WantReceiptAsync(await Book.FindAsync(id));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var following = FollowAsync(purchase.Id, changed, end.Token);
        var watching = WatchAsync(node, purchase, noticed, end.Token);
        try
        {
            if (await Task.WhenAny(following, watching) == watching)
                await watching;
            return await following;
        }
        finally
        {
            end.Cancel();
            await Task.WhenAll(following, watching).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task<Purchase> WantReceiptAsync(Purchase purchase) => purchase switch
    {
        { Step: PurchaseStep.Through, Content: not null, ConfirmedAt: null, DisputedAt: null } => await ConfirmAsync(purchase.Id, purchase.Rating),
        _ => await Book.ChangeAsync(purchase.Id, (now, _) => now with { Wants = now.Wants | Purchase.WantsReceipt }),
    };

    /// <summary>Ends only with its token, or because the node is one of another chain.</summary>
    private async Task WatchAsync(EthereumRpc node, Purchase purchase, Action<ReadyNotice> noticed, CancellationToken cancellationToken)
    {
        var watch = new ReadyWatch(node, purchase.Client);
        var whenAway = ChainLook;
        while (true)
        {
            var seen = await LookAsync(node, watch, purchase.Id, noticed, cancellationToken);
            whenAway = seen is not Look.NodeIsAway ? ChainLook : whenAway + whenAway < SlowestChainLook ? whenAway + whenAway : SlowestChainLook;
            if (seen is not Look.MoreToRead)
                await Task.Delay(whenAway, _time, cancellationToken);
        }
    }

    /// <summary>Reads one page.</summary>
    private async Task<Look> LookAsync(EthereumRpc node, ReadyWatch watch, string id, Action<ReadyNotice> noticed, CancellationToken cancellationToken)
    {
        var purchase = await Book.GetAsync(id);
        if (purchase is not { OrderId: { } order, Network: { } network, TransactionHash: { } payment })
            return Look.NothingNew;
        var chain = await node.ChainIdAsync(cancellationToken);
        if (chain.Value is not { } number)
            return Look.NodeIsAway;
        if (UsdcNetwork.Find(network) is { } right && right.ChainId != number)
            throw new PosthouseException(ChainErrors.WrongChain, $"The node is one of chain {number}, but {network} is {right.ChainId}. Set Ivxp:RpcUrl to one of the right chain.");
        // Nothing is delivered before it is paid, so that the payment's block is early enough for whoever comes back after a week.
        if ((purchase.ChainCursor ?? (await node.ReceiptAsync(payment, cancellationToken)).Value?.BlockNumber) is not { } from)
            return Look.NothingNew;
        var page = (await watch.ReadAsync(from, cancellationToken)).Value;
        if (page is null)
            return Look.NodeIsAway;
        foreach (var notice in page.Notices.Where(notice => notice.IsOf(order)))
        {
            noticed(notice);
            await FetchNowAsync(id);
        }
        if (page.NextBlock != purchase.ChainCursor)
            await Book.ChangeAsync(id, (now, _) => now with { ChainCursor = page.NextBlock });
        return page.IsCaughtUp ? Look.NothingNew : Look.MoreToRead;
    }

    /// <summary>Collects instead of waiting. Anybody can write such a notice: if there is no result, it is waited for as before.</summary>
    private async Task FetchNowAsync(string id)
    {
        var waiting = default(string);
        await Book.ChangeAsync(id, (now, write) =>
        {
            if (now is not { Step: PurchaseStep.Wait, FailureCode: null })
                return now;
            waiting = now.JobId;
            return TakeStep.Enter(write, now with { Step = PurchaseStep.Fetch });
        });
        // Last, so that the purchase never stands without a job that goes on. It holds the lane until then.
        if (waiting is not null)
            await _jobs.DecideAsync(new JobCommand.Cancel(JobId.Parse(waiting)));
    }

    private enum Look
    {
        NothingNew,
        MoreToRead,
        NodeIsAway,
    }
}
