using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Vcs.Heartbeat;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// What a verb that talks to the remote does for the locks of its clone, where <c>Locks:AutoRenew</c> is on: one whose lease is about
/// to end is renewed, because its holder is plainly at work. It warns and never fails. A lease that is over already is left alone:
/// nobody knows whether its holder still wants it.
/// </summary>
internal sealed class AutoRenew(ProjectSite site)
{
    /// <summary>Renews what is about to end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!site.Configuration.IsOn(ConfigurationKeys.LocksAutoRenew) || site.Flags.Offline || !site.Locks.Capabilities.HasFlag(LockCapabilities.Renewal)) { return; }

        var ending = (await new LockDesk(site).KnownAllAsync()).FindAll(IsAboutToEnd);
        if (ending.Count == 0) { return; }
        if ((await site.RemoteStateAsync()).NotBefore > site.Time.GetUtcNow() || await site.ReachAsync(cancellationToken) is Reachability.Offline) { return; }

        // The verb itself has not begun; what the remote does not answer in time must not hold it up.
        using var limit = new CancellationTokenSource(site.Configuration.Duration(ConfigurationKeys.SyncAutoBudget), site.Time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            foreach (var face in ending) { await RenewAsync(face, ends.Token); }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            site.Tell($"{site.Terminal.WarningMark} A lock could not be renewed: the remote did not answer in time.");
        }
    }

    private bool IsAboutToEnd(LockFace face) => face.View is { IsMine: true, Standing: LockStanding.Held, Remaining: { } left }
        && left < site.Configuration.Duration(ConfigurationKeys.LocksRenewBefore);

    private async Task RenewAsync(LockFace face, CancellationToken cancellationToken)
    {
        var kept = new KeptLock(site.Project.CloneId, face.View.Key.Path, face.Record!.LockId, site.Time.GetUtcNow());
        var renewal = new LeaseRenewal(site.Services.GetRequiredService<IWorkplaces>(), site.Book, site.Store);
        var name = LockBox.Named(face.Path);
        switch (await renewal.RenewAsync(kept, $"auto-{kept.LockId}-{SystemIds.Instance.NextUInt64():x16}", cancellationToken))
        {
            case LockAnswer.Renewed { Lock: { Record: { } record } }:
                site.Tell($"{site.Terminal.NoteMark} Lock renewed, for it was about to end: {name} until {Ages.Utc(record.ExpiresAt)}");
                break;
            case LockAnswer.Failed failed:
                site.Tell($"{site.Terminal.WarningMark} The lock of {name} could not be renewed: {failed.Failure.Message.Split('\n')[0]}");
                break;
            case LockAnswer.Unknown unknown:
                site.Tell($"{site.Terminal.WarningMark} The lock of {name} may have been renewed, or not: {unknown.Failure.Message.Split('\n')[0]}");
                break;
            default:
                site.Tell($"{site.Terminal.WarningMark} LOST: the lock of {name} was taken from you.");
                break;
        }
    }
}
