using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;

namespace Posthouse.Ivxp.Client;

/// <content>A payment that was signed and that no block shows yet. All that stand for one payment have one nonce, so that one of them is mined at most.</content>
internal sealed partial class PurchaseSteps
{
    private const char BetweenHashes = ' ';

    /// <summary>Looks at the chain for what became of a payment, and has it sent again, with higher fees where it is stuck.</summary>
    private async Task<Outcome<Nothing>> LookAfterAsync(ProviderClient provider, Purchase purchase, ChainWallet chain, bool isStuck, TimeSpan again)
    {
        var newest = default(TransactionFate);
        string[] hashes = [.. purchase.Replaced?.Split(BetweenHashes) ?? [], purchase.TransactionHash!];
        foreach (var hash in hashes)
        {
            newest = await chain.LookAsync(hash, purchase.Nonce!.Value, CancellationToken.None);
            if (newest.Kind is FateKind.Mined)
                return await MinedAsync(provider, purchase, hash, again);
            if (newest.Kind is FateKind.Reverted)
                return Stop(purchase, ClientErrors.PaymentReverted, $"The payment {hash} was reverted: nothing moved but the fee. Look into the wallet before you order again.");
        }
        if (newest.Kind is FateKind.Displaced)
        {
            // None of them can be mined any more: signing another one pays nothing twice.
            return GoOn(provider, purchase, (now, _) => now.Unpaid() with { Step = PurchaseStep.Pay });
        }
        if (isStuck && await ReplacementAsync(purchase, chain) is { } higher)
            return await SendNextAsync(provider, purchase, now => now.PaidBy(higher) with { Replaced = Joined(now), SentAt = null });
        // A node may forget what waits; the very bytes that were stored are good at any time.
        return (newest.Kind, purchase.Step) switch
        {
            (FateKind.Pending, PurchaseStep.Send) => GoOn(provider, purchase, (now, write) => now with { SentAt = write.Now, Step = PurchaseStep.Prove }),
            (FateKind.Unknown, PurchaseStep.Prove) => await SendNextAsync(provider, purchase, now => now),
            _ => Outcome.Snooze(again),
        };
    }

    private static Task<SignedTransaction?> ReplacementAsync(Purchase purchase, ChainWallet chain)
    {
        var network = UsdcNetwork.Find(purchase.Network)!;
        return chain.PrepareReplacementAsync(
            network, network.Contract, ContractCall.Transfer(purchase.PaymentAddress!.Value, purchase.Price!.Value), Stored(purchase), CancellationToken.None);
    }

    /// <summary>On disk first; the step that sends takes it from there.</summary>
    private async Task<Outcome<Nothing>> SendNextAsync(ProviderClient provider, Purchase purchase, Func<Purchase, Purchase> edit)
    {
        if (purchase.Step is not PurchaseStep.Send)
            return GoOn(provider, purchase, (now, _) => edit(now) with { Step = PurchaseStep.Send });
        await book.ChangeAsync(purchase.Id, (now, _) => edit(now));
        return Outcome.Snooze(SendAgainAfter);
    }

    /// <summary>Proves what is in a block, which may be an older one than the last that was sent.</summary>
    private async Task<Outcome<Nothing>> MinedAsync(ProviderClient provider, Purchase purchase, string hash, TimeSpan again)
    {
        if (purchase.Step is PurchaseStep.Send)
            return GoOn(provider, purchase, (now, write) => now with { TransactionHash = hash, SentAt = write.Now, Step = PurchaseStep.Prove });
        if (hash != purchase.TransactionHash)
            await book.ChangeAsync(purchase.Id, (now, _) => now with { TransactionHash = hash });
        return Outcome.Snooze(again);
    }

    private static string Joined(Purchase purchase) => purchase.Replaced is { } older ? older + BetweenHashes + purchase.TransactionHash : purchase.TransactionHash!;
}
