using Microsoft.Extensions.Logging;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Diagnostics;

/// <summary>Writes facts to the log, one line each.</summary>
internal static class FactLog
{
    /// <summary>Writes one fact.</summary>
    public static void Write(this ILogger logger, MeshFact fact)
    {
        if (!OfNetwork(logger, fact))
        {
            OfPrices(logger, fact);
        }
    }

    private static bool OfNetwork(ILogger logger, MeshFact fact)
    {
        switch (fact)
        {
            case AllProvidersOffline { HasPrices: false } none: logger.NoPricesYet(none.Since); break;
            case AllProvidersOffline all: logger.AllProvidersOffline(all.Since); break;
            case ExtendedOffline extended: logger.ExtendedOffline(Minutes(extended.Duration)); break;
            case StillOffline still: logger.StillOffline(Minutes(still.Duration)); break;
            case ProviderDisconnected gone: logger.ProviderDisconnected(gone.Provider, gone.Reason); break;
            case ProviderReconnected back: logger.ProviderReconnected(back.Provider, back.OfflineFor.TotalSeconds); break;
            case NetworkRecovered recovered: logger.NetworkRecovered(recovered.Duration.TotalSeconds, recovered.Assets); break;
            case ProviderDiscovered found: logger.ProviderDiscovered(found.Provider, found.Hops); break;
            case NetworkStatusChanged { Status: var now }:
                logger.NetworkStatusChanged(now.State, now.ActiveProviders.Count, now.ConnectedPeers, now.TotalNetworkSize);
                break;
            case ProviderDegraded degraded: logger.ProviderDegraded(degraded.Provider, degraded.BySelf); break;
            case ProviderHealed healed: logger.ProviderHealed(healed.Provider); break;
            case ProviderFlapping flapping: logger.ProviderFlapping(flapping.Provider); break;
            case ClockJumped jumped: logger.ClockJumped(jumped.Jump.TotalSeconds); break;
            case OwnClockDiffers { Behind: var behind }: logger.OwnClockDiffers(Math.Abs(behind.TotalSeconds), behind > TimeSpan.Zero ? "behind" : "ahead of"); break;
            case OwnClockAgrees: logger.OwnClockAgrees(); break;
            case OwnTimersLate late: logger.OwnTimersLate(late.Lateness.TotalSeconds); break;
            case DuplicateIdentity twice: logger.DuplicateIdentity(twice.Node, twice.Address); break;
            case ProviderRefused refused: logger.ProviderRefused(refused.Provider, WhyNot(refused.Reason)); break;
            case SeedUnreachable seed: logger.SeedUnreachable(seed.Address, seed.Cause); break;
            case SeedReached seed: logger.SeedReached(seed.Address); break;
            case PeerBanned banned: logger.PeerBanned(banned.Peer, banned.Lasts.TotalMinutes); break;
            default: return false;
        }

        return true;
    }

    private static void OfPrices(ILogger logger, MeshFact fact)
    {
        switch (fact)
        {
            case ServingCachedData: logger.ServingCachedData(); break;
            case PriceDiscrepancy { Pair: var (low, high) } found:
                logger.PriceDiscrepancy(found.Key, Math.Round(found.Pair.Percent, 2), low.Price, low.Provider, high.Price, high.Provider);
                break;
            case DiscrepancyEnded ended: logger.DiscrepancyEnded(ended.Key); break;
            case PriceQuarantined held: logger.PriceQuarantined(held.Key, held.From, held.To); break;
            case CrossCheckWanted wanted: logger.CrossCheckWanted(wanted.Key); break;
            case DataWentStale stale: logger.DataWentStale(stale.Assets, Minutes(stale.Oldest)); break;
            case PricesExpired expired: logger.PricesExpired(expired.Key, expired.Before); break;
            case ProviderEjected ejected: logger.ProviderEjected(ejected.Provider, ejected.Lasts.TotalSeconds); break;
            case ProviderReadmitted readmitted: logger.ProviderReadmitted(readmitted.Provider); break;
            case PromotedSelf: logger.PromotedSelf(); break;
            case SteppedDown: logger.SteppedDown(); break;
            case BudgetSpent spent: logger.BudgetSpent(spent.Reason, spent.Until); break;
            default: throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType().Name, "This fact has no line in the log; give it one.");
        }
    }

    private static string WhyNot(Refusal reason) => reason switch
    {
        Refusal.SignerNotAllowed => "Mesh:Providers does not name it",
        Refusal.Uncertified => "it has no certificate of an operator",
        Refusal.OperatorUnknown => "the operator that made its certificate is none of Mesh:Operators",
        Refusal.CertificateExpired => "its certificate does not hold now",
        Refusal.CertificateForged => "its certificate was made for another mesh, or altered",
        _ => "it signs with a key that was given up",
    };

    private static long Minutes(TimeSpan time) => (long)time.TotalMinutes;
}
