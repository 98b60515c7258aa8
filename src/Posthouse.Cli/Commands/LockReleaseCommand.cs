using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse lock release [PATH]</c>: gives a lock back, unless that would leave work behind.</summary>
internal static class LockReleaseCommand
{
    /// <summary>The status where there was nothing to give back.</summary>
    private const string NothingHeld = "nothing_held";

    public static Command Create(TimeProvider time)
    {
        var path = LockCommand.Path();
        var lockId = LockCommand.LockId("Only this lock; the beginning of its id is enough");
        var all = new Option<bool>("--all-mine") { Description = "Gives back every lock that this clone holds, and takes back those that it waits for" };
        var force = new Option<bool>("--force-unpushed") { Description = "Gives it back although commits that touch it were not pushed" };
        var command = new Command("release", "Gives a lock back") { path, lockId, all, force };
        VcsVerb.Does(command, time, async (site, parsed, cancellationToken) =>
        {
            if (parsed.GetValue(all) && (parsed.GetValue(path) is not null || parsed.GetValue(lockId) is not null))
            {
                throw new PosthouseException(ErrorCodes.OptionsInvalid, "--all-mine excludes PATH and --lock-id: say one of them.");
            }

            await site.SyncFirstAsync(cancellationToken, keepsLocks: false);
            var desk = new LockDesk(site);
            if (!parsed.GetValue(all))
            {
                var key = ResourcePath.Of(site.Project.Root, site.Flags.Folder, parsed.GetValue(path));
                return await ReleaseAsync(site, desk, key, await desk.LockIdAsync(key, parsed.GetValue(lockId)), parsed.GetValue(force), cancellationToken);
            }

            List<VerbEnd> ends = [];
            foreach (var (key, id) in await TheseAndWantedAsync(desk, await MineAsync(site, desk, cancellationToken)))
            {
                ends.Add(await ReleaseAsync(site, desk, key, id, parsed.GetValue(force), cancellationToken));
            }

            return Together(ends);
        });
        return command;
    }

    /// <summary>The given locks, and those that wait in the queue: given back, they would still be taken later.</summary>
    public static async Task<List<(ResourceKey Key, string? LockId)>> TheseAndWantedAsync(LockDesk desk, IEnumerable<LockFace> held)
    {
        List<(ResourceKey Key, string? LockId)> all = [.. held.Select(face => (face.View.Key, (string?)face.Record!.LockId))];
        return [.. all, .. (await desk.WantedAsync()).Except(all.Select(one => one.Key)).Select(key => (key, (string?)null))];
    }

    /// <summary>Gives one lock back.</summary>
    public static async Task<VerbEnd> ReleaseAsync(ProjectSite site, LockDesk desk, ResourceKey key, string? lockId, bool leaveUnpushed, CancellationToken cancellationToken)
    {
        // What is gone already cannot be given back, and keeps nobody from pushing once it is given up.
        var lost = (await desk.LostAsync()).Find(face => face.View.Key == key);
        if (lost is not null)
        {
            await desk.GiveUpAsync(key);
            if (!(await desk.WantedAsync()).Contains(key)) { return LockText.Lost(site, lost, isGivenUp: true); }
        }

        if (!leaveUnpushed && await Unpushed.CountAsync(site, key, cancellationToken) is > 0 and var count && !await Unpushed.IsQueuedAsync(site))
        {
            return VerbEnd.Failed(VcsErrors.UnpushedWork,
                string.Create(CultureInfo.InvariantCulture, $"{count} commit(s) that touch {LockBox.Named(key.Path)} were not pushed: the next holder would start without them."),
                "Say 'posthouse push --release', or 'posthouse lock release --force-unpushed' to leave them behind.");
        }

        var end = await site.PerformAsync(new ReleaseLock(site.Project.CloneId, key.Path, lockId), ForegroundBudget.Release(site.Configuration), cancellationToken);
        var face = await desk.KnownAsync(key);
        // What is queued is held until it is sent, but nobody wants it kept any longer.
        if (end.Kind is OperationEndKind.Done or OperationEndKind.Queued) { HeartbeatProcess.Leave(site, key); }
        // Whoever names a lock that another has is told so, though nothing of it is left to do.
        if (end is { Kind: OperationEndKind.Done, Result: { LockId: { } about } result } && face is { View: { IsHeld: true, IsMine: false }, Record: { } other } && other.LockId == about)
        {
            return VerbEnd.Failed(VcsErrors.LockNotHeld, result.Summary, "'posthouse lock list --mine' shows the locks of this clone.") with { Data = json => OperationText.Data(json, end, face) };
        }

        if (end.Kind != OperationEndKind.Done) { return OperationText.Unfinished(end); }

        // It was tried, and what is there was never this clone's; what was never locked is no lock to show.
        var isNothing = end.Attempts > 0 && face is not { View.IsMine: true };
        return new VerbEnd(isNothing ? NothingHeld : "released")
        {
            Lines = [TextTable.Clean($"{site.Terminal.DoneMark} {end.Result?.Summary ?? "Lock released: " + LockBox.Named(key.Path)}", site.Terminal.Unicode)],
            Warnings = !isNothing || ResourcePath.IsThere(site.Project.Root, key) ? [] : [$"Nothing is at '{key.Path}' here: check how it is spelled."],
            Data = json => OperationText.Data(json, end, isNothing && face?.Record is null ? null : face),
        };
    }

    /// <summary>The locks of this clone: as the remote tells it, or as it is remembered where the remote is away.</summary>
    private static async Task<List<LockFace>> MineAsync(ProjectSite site, LockDesk desk, CancellationToken cancellationToken)
    {
        var known = await desk.KnownAllAsync();
        if (!site.Flags.Offline)
        {
            try
            {
                await desk.ReachAsync(cancellationToken);
                known = await desk.ReadAllAsync(cancellationToken);
            }
            catch (VcsException failure) when (failure.Failure.MayWait)
            {
                site.Tell($"{site.Terminal.WarningMark} {failure.Failure.Message}; the locks that are remembered here are released");
            }
        }

        return [.. known.Where(face => face.View is { IsMine: true, IsHeld: true })];
    }

    /// <summary>Several ends as one: the worst decides.</summary>
    private static VerbEnd Together(List<VerbEnd> ends)
    {
        var worst = ends.OrderByDescending(end => end.ExitCode).FirstOrDefault();
        return new VerbEnd(worst is null ? NothingHeld : worst.ExitCode == ExitCodes.Done ? "released" : worst.Status, worst?.ExitCode ?? ExitCodes.Done)
        {
            Lines = worst is null ? ["This clone holds no lock."] : [.. ends.SelectMany(end => end.Lines)],
            Warnings = [.. ends.SelectMany(end => end.Warnings)],
            Error = worst?.Error,
            ErrorLines = ends.All(end => end.Error is null) ? null : [.. ends.Where(end => end.Error is not null).SelectMany(end => end.ErrorLines ?? [end.Error!.Message])],
            Data = json =>
            {
                json.WriteStartArray();
                foreach (var end in ends) { end.Data?.Invoke(json); }
                json.WriteEndArray();
            },
        };
    }
}
