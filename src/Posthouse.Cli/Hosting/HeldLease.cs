using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Vcs.Heartbeat;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Hosting;

/// <summary>Keeps one lock alive in this process, while its verb runs.</summary>
internal sealed class HeldLease(ProjectSite site, LockFace held)
{
    /// <summary>Keeps it until it is stopped or the lock is lost.</summary>
    /// <returns>The register where it was lost, or null.</returns>
    public async Task<LockFace?> KeepAsync(CancellationToken cancellationToken)
    {
        if (!site.Locks.Capabilities.HasFlag(LockCapabilities.Renewal)) { return null; } // It lasts until it is given back.

        var own = Directory.CreateTempSubdirectory("posthouse-hold-");
        try
        {
            var folder = new HeartbeatFolder(own.FullName);
            // A command is somebody's wish as long as it runs, so there is no other end.
            folder.Keep(new KeptLock(site.Project.CloneId, held.View.Key.Path, held.Record!.LockId, site.Time.GetUtcNow()) { MaxHold = TimeSpan.MaxValue });
            var renewal = new LeaseRenewal(site.Services.GetRequiredService<IWorkplaces>(), site.Book, site.Store);
            await RunAsync(new HeartbeatLoop(folder, renewal, HeartbeatSettings.Of(site.Configuration), SystemIds.Instance, site.Time, Hear), cancellationToken);
            return renewal.Lost is { } lost ? new LockFace(lost, site.Time.GetUtcNow()) : null;
        }
        finally
        {
            own.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(HeartbeatLoop loop, CancellationToken cancellationToken)
    {
        try
        {
            await loop.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The command has ended.
        }
    }

    private void Hear(HeartbeatEvent heard)
    {
        if (heard.Kind is HeartbeatEventKind.Renewed) { return; }
        site.Complain($"{(heard.Kind is HeartbeatEventKind.Ended ? site.Terminal.FailedMark : site.Terminal.WarningMark)} {heard.Text}");
        if (heard.Kind is HeartbeatEventKind.Ended && site.Terminal.ShowsProgress) { site.Error.Write('\a'); }
    }
}
