using Posthouse.Ivxp.Diagnostics;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Payments;
using Posthouse.Jobs;

namespace Posthouse.Ivxp.Chain;

/// <summary>
/// One look at one announcement: made and written down if there is none, sent again if the node lost it, replaced with higher fees
/// if it is stuck, settled when it is mined. Every try begins with what is on disk, so that dying anywhere costs nothing but a look.
/// </summary>
internal sealed class AnnounceReadyHandler(OrderBook book, IvxpOptions options, IvxpExchanges exchanges, TimeProvider time, IvxpLog log)
    : IJobHandler<AnnounceReady, Nothing>
{
    // An empty wallet or a chain that asks too much is not mended in seconds.
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(1);

    public async Task<Outcome<Nothing>> HandleAsync(AnnounceReady job, JobContext context, CancellationToken cancellationToken)
    {
        var order = await book.FindAsync(job.OrderId);
        if (options.Contract is not { } contract || order?.ContentHash is null)
            return Outcome.Done(default(Nothing));
        if (options.RpcUrl() is not { } node)
            return Away("unreachable");
        var chain = new ChainWallet(new EthereumRpc(exchanges.Chain, node, options.RpcTimeout), options.Wallet, contract.Fees);
        try
        {
            return await StepAsync(order, contract, chain, cancellationToken);
        }
        catch (PosthouseException e) when (e.Code is ChainErrors.ChainUnavailable or ChainErrors.WrongChain)
        {
            return Away(e.Message);
        }
        catch (PosthouseException e) when (e.Code is ChainErrors.FeeAboveCap)
        {
            log.Logger.AnnouncementHeld(Log.Shown(order.Id), e.Message);
            return Outcome.Snooze(LookAgainAfter);
        }
        catch (PosthouseException e) when (e.Code is ChainErrors.ChainRefused)
        {
            // Counted, so that a wrong contract ends as a job that somebody has to look at.
            return Outcome.Retry(new Failure(FailureKind.Transient, e.Message));
        }
    }

    private async Task<Outcome<Nothing>> StepAsync(Order order, ContractOptions contract, ChainWallet chain, CancellationToken cancellationToken)
    {
        var made = await book.ReadAsync(read => Announcements.Of(read, order.Id));
        if (made.Exists(one => one.MinedIn is not null))
            return Outcome.Done(default(Nothing));
        var newest = default(TransactionFate);
        // Any of those that replaced one another may be the mined one.
        for (var i = made.Count - 1; i >= 0; i--)
        {
            newest = await chain.LookAsync(made[i].Transaction.Hash, made[i].Transaction.Nonce, cancellationToken);
            if (newest.Kind is FateKind.Mined or FateKind.Reverted)
                return Mined(order, made[i].Transaction.Hash, newest);
        }
        var (next, wait) = made.Count == 0 || newest.Kind is FateKind.Displaced
            ? (await FirstAsync(order, contract, chain, cancellationToken), contract.LookEvery)
            : await AgainAsync(order, contract, chain, made[0], newest.Kind, cancellationToken);
        return next is null ? Outcome.Snooze(wait) : await SendAsync(order, chain, next, wait, cancellationToken);
    }

    private async Task<SignedTransaction> FirstAsync(Order order, ContractOptions contract, ChainWallet chain, CancellationToken cancellationToken)
    {
        var made = await chain.PrepareAsync(order.Network, contract.Address, Call(order), cancellationToken: cancellationToken);
        // Crash point: from here on the very same bytes are sent, however often the process dies.
        await KeepAsync(order, made, forget: true);
        return made;
    }

    /// <summary>What is to be sent now, null while the newest only has to wait; and when to look again.</summary>
    private async Task<(SignedTransaction? Next, TimeSpan Wait)> AgainAsync(
        Order order, ContractOptions contract, ChainWallet chain, Announcement newest, FateKind fate, CancellationToken cancellationToken)
    {
        var again = fate is FateKind.Unknown ? newest.Transaction : null;
        if (time.GetUtcNow() - newest.MadeAt < contract.StuckAfter)
            return (again, contract.LookEvery);
        if (await chain.PrepareReplacementAsync(order.Network, contract.Address, Call(order), newest.Transaction, cancellationToken) is not { } higher)
        {
            log.Logger.AnnouncementHeld(Log.Shown(order.Id), "its fee stands at the cap.");
            return (again, LookAgainAfter);
        }
        await KeepAsync(order, higher, forget: false);
        log.Logger.AnnouncementRaised(Log.Shown(order.Id), newest.Transaction.Hash, higher.Hash);
        return (higher, contract.LookEvery);
    }

    private async Task<Outcome<Nothing>> SendAsync(
        Order order, ChainWallet chain, SignedTransaction transaction, TimeSpan wait, CancellationToken cancellationToken)
    {
        var (outcome, detail) = await chain.SendAsync(transaction, cancellationToken);
        switch (outcome)
        {
            case SendOutcome.Taken:
                log.Logger.AnnouncementSent(Log.Shown(order.Id), transaction.Hash);
                return Outcome.Snooze(wait);
            case SendOutcome.Refused:
                log.Logger.AnnouncementHeld(Log.Shown(order.Id), detail ?? "the node refuses it");
                return Outcome.Snooze(LookAgainAfter);
            case SendOutcome.Unknown:
                return Away(detail ?? "no answer");
            default:
                // The next look tells what took its nonce, or raises its fee.
                return Outcome.Snooze(wait);
        }
    }

    private Outcome<Nothing> Mined(Order order, string hash, TransactionFate fate)
    {
        if (fate.Kind is FateKind.Reverted)
            return Outcome.Dead($"The contract reverted the notice {hash}: was it deployed by this provider's wallet? Name the right one in Ivxp:Notices:Contract:Address.");
        log.Logger.Announced(Log.Shown(order.Id), hash);
        return Outcome.Done(default(Nothing), write => Announcements.Settle(write, hash, fate.BlockNumber));
    }

    private Task<bool> KeepAsync(Order order, SignedTransaction made, bool forget) => book.WriteAsync(write =>
    {
        if (forget)
            Announcements.Drop(write, order.Id);
        Announcements.Keep(write, order.Id, made);
        return true;
    });

    private static byte[] Call(Order order) =>
        ContractCall.ServiceReady(ReadyNotice.HashOf(order.Id), order.Client, Convert.FromHexString(order.ContentHash.AsSpan(order.ContentHash!.IndexOf(':') + 1)));

    private static Outcome Away(string why) => Outcome.Retry(new Failure(FailureKind.NotReached, $"The notice has to wait for the chain: {why}."));
}
