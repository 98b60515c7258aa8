using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse lock renew [PATH]</c>: moves the end of a lease.</summary>
internal static class LockRenewCommand
{
    public static Command Create(TimeProvider time)
    {
        var path = LockCommand.Path();
        var timeout = new Option<string?>("--timeout") { Description = "The lease from now on: 4h, 30m, or a number of hours; otherwise the one the lock has", HelpName = "DUR" };
        var add = new Option<string?>("--add") { Description = "Adds this much to the lease's end instead", HelpName = "DUR" };
        var lockId = LockCommand.LockId("Only this lock; the beginning of its id is enough");
        var command = new Command("renew", "Moves the end of a lock's lease") { path, timeout, add, lockId };
        VcsVerb.Does(command, time, async (site, parsed, cancellationToken) =>
        {
            var (lease, added) = (parsed.GetValue(timeout), parsed.GetValue(add));
            if (lease is not null && added is not null) { throw new PosthouseException(ErrorCodes.OptionsInvalid, "--timeout and --add exclude each other: say one of them."); }

            var desk = new LockDesk(site);
            var key = ResourcePath.Of(site.Project.Root, site.Flags.Folder, parsed.GetValue(path));
            await site.SyncFirstAsync(cancellationToken, keepsLocks: false);
            // Without a time the lease that the lock has, whoever may know it here, begins anew and never ends earlier.
            var span = added is not null ? DurationText.Parse("--add", added, TimeSpan.FromHours(1))
                : lease is null ? TimeSpan.Zero : LockAcquireCommand.Lease(lease, site.Configuration);
            var operation = new RenewLock(site.Project.CloneId, key.Path, (long)span.TotalSeconds, added is not null, await desk.LockIdAsync(key, parsed.GetValue(lockId)));
            return await RenewAsync(site, desk, operation, cancellationToken);
        });
        return command;
    }

    /// <summary>Renews a lock and says until when.</summary>
    public static async Task<VerbEnd> RenewAsync(ProjectSite site, LockDesk desk, RenewLock operation, CancellationToken cancellationToken)
    {
        var key = Posthouse.Vcs.Locks.ResourceKey.Of(operation.Resource);
        var end = await site.PerformAsync(operation, ForegroundBudget.Renew(site.Configuration), cancellationToken);
        var face = await desk.KnownAsync(key);
        if (end.Kind == OperationEndKind.Conflict && face is not null && end.Failure?.Code == VcsErrors.LockLost) { return LockText.Lost(site, face); }
        if (end.Kind != OperationEndKind.Done) { return OperationText.Unfinished(end); }

        var until = face?.Record is { } record ? $": {LockBox.Named(face.Path)} until {Ages.Utc(record.ExpiresAt)} ({Ages.Ahead(record.ExpiresAt, face.FarNow)})" : "";
        return new VerbEnd("renewed")
        {
            Lines = [TextTable.Clean($"{site.Terminal.DoneMark} Lock renewed{until}", site.Terminal.Unicode)],
            Data = json => OperationText.Data(json, end, face is null ? null : face with { ReadAt = null }),
        };
    }
}
