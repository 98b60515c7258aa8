using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Commands;

/// <summary>
/// <c>posthouse lock break [PATH] --force</c>: takes the very lock that was seen from its holder. Nobody can break one that he has
/// not seen: without a terminal its id has to be named, and without a network nothing is broken.
/// </summary>
internal static class LockBreakCommand
{
    /// <summary>Shorter beginnings of an id say too little about what the person means.</summary>
    private const int ShortestPrefix = 4;

    public static Command Create(TimeProvider time)
    {
        var path = LockCommand.Path();
        var force = new Option<bool>("--force") { Description = "Says that you mean it" };
        var lockId = LockCommand.LockId("The lock that is meant; its beginning is enough where the remote can be asked");
        var reason = LockCommand.Message("Why, for its holder to read");
        var command = new Command("break", "Takes a lock from its holder") { path, force, lockId, reason };
        VcsVerb.Does(command, time, async (site, parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(force)) { throw new PosthouseException(ErrorCodes.OptionsInvalid, "Breaking takes the lock from who works with it; say --force if you mean it."); }

            var (key, named) = (ResourcePath.Of(site.Project.Root, site.Flags.Folder, parsed.GetValue(path)), parsed.GetValue(lockId));
            if (named is null && !site.Terminal.IsInteractive) { throw new PosthouseException(ErrorCodes.OptionsInvalid, "Nobody can be asked here, so say --lock-id ID: 'posthouse lock status' shows it."); }
            var desk = new LockDesk(site);
            LockFace? seen;
            try
            {
                if (!site.Flags.Offline) { await desk.ReachAsync(cancellationToken); }
                seen = site.Flags.Offline ? null : await desk.ReadAsync(key, cancellationToken);
            }
            catch (VcsException failure) when (failure.Failure.MayWait)
            {
                if (named is null || !site.Flags.Queue) { return Away(failure.Failure); }
                seen = null;
            }

            if (seen is null)
            {
                return named is not null && site.Flags.Queue
                    ? await BreakAsync(site, desk, new BreakLock(site.Project.CloneId, key.Path, await desk.LockIdAsync(key, named) ?? named, parsed.GetValue(reason)), cancellationToken)
                    : Away(null);
            }

            return Refusal(site, seen, named)
                ?? (named is null && !Agrees(site, seen) ? new VerbEnd("declined", ExitCodes.Failed) { Lines = ["Nothing was changed."] }
                : await BreakAsync(site, desk, new BreakLock(site.Project.CloneId, key.Path, seen.Record!.LockId, parsed.GetValue(reason)), cancellationToken));
        });
        return command;
    }

    private static VerbEnd Away(RemoteFailure? failure) => VerbEnd.Failed(
        failure is null ? VcsErrors.NetworkUnavailable : failure.Code,
        (failure is null ? "" : failure.Message.TrimEnd('.') + ". ") + "A lock is not broken from afar: while the network is away nobody can tell who holds it now.",
        "Try again when the network is back, or say --lock-id ID --queue: then it is broken later, if that very lock is still held.");

    private static VerbEnd? Refusal(ProjectSite site, LockFace seen, string? named)
    {
        if (seen.Record is not { } record || !seen.View.IsHeld)
        {
            return new VerbEnd("not_held") { Lines = [TextTable.Clean($"{site.Terminal.DoneMark} Nobody holds {LockBox.Named(seen.Path)}", site.Terminal.Unicode)], Data = json => LockJson.Write(json, seen) };
        }

        if (named is null) { return null; }
        if (named.Length < ShortestPrefix && named != record.LockId)
        {
            return VerbEnd.Failed(ErrorCodes.OptionsInvalid, $"'{named}' is too short: give at least {ShortestPrefix} characters of the lock's id.");
        }

        return record.LockId.StartsWith(named, StringComparison.OrdinalIgnoreCase) ? null : VerbEnd.Failed(VcsErrors.LockIdMismatch,
            $"The lock on {LockBox.Named(seen.Path)} is {record.LockId} of {record.Owner.Named} now, not '{named}'.", "Look again with 'posthouse lock status'; a newer lock is never broken by an older id.");
    }

    private static bool Agrees(ProjectSite site, LockFace seen)
    {
        foreach (var line in LockBox.Lines(seen, site.Terminal)) { site.Output.WriteLine(line); }
        site.Output.Write($"Take it from {TextTable.Clean(seen.Record!.Owner.Named, site.Terminal.Unicode)}? [y/N] ");
        return Console.In.ReadLine()?.Trim() is { Length: > 0 } answer && char.ToLowerInvariant(answer[0]) == 'y';
    }

    private static async Task<VerbEnd> BreakAsync(ProjectSite site, LockDesk desk, BreakLock operation, CancellationToken cancellationToken)
    {
        var end = await site.PerformAsync(operation, ForegroundBudget.Break(site.Configuration), cancellationToken);
        var face = await desk.KnownAsync(ResourceKey.Of(operation.Resource));
        return end.Kind != OperationEndKind.Done ? OperationText.Unfinished(end) : new VerbEnd("broken")
        {
            Lines = [TextTable.Clean($"{site.Terminal.DoneMark} Lock broken: {LockBox.Named(operation.Resource)} is free, and its holder's next push will be refused", site.Terminal.Unicode)],
            Data = json => OperationText.Data(json, end, face is null ? null : face with { ReadAt = null }),
        };
    }
}
