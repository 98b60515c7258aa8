using Posthouse.Cli.Hosting;
using Posthouse.Vcs;
using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Output;

/// <summary>What is said about locks beside the box.</summary>
internal static class LockText
{
    /// <summary>Somebody else has what is wanted, a folder above it, or a part of it.</summary>
    /// <param name="face">What is in the way.</param>
    /// <param name="wanted">What is wanted.</param>
    /// <param name="terminal">Who reads it.</param>
    /// <param name="word">A resource's path as the next word of a verb.</param>
    /// <param name="entry">The operation that stays in the queue as failed, because others wait for it; null: none does.</param>
    public static VerbEnd Conflict(LockFace face, ResourceKey wanted, Terminal terminal, Func<string, string> word, string? entry = null)
    {
        var record = face.Record!;
        var until = face.View.Remaining is null ? "" : " until " + Ages.Utc(record.ExpiresAt);
        var message = $"{Subject(face.Path)} locked by {record.Owner.Named}{until}";
        var hint = $"Ask them to release it, wait with 'posthouse lock acquire{word(wanted.Path)} --wait', "
            + $"or take it from them with 'posthouse lock break{word(face.View.Key.Path)} --force --lock-id {record.LockId} -m REASON'.";
        List<string> lines =
        [
            $"{terminal.FailedMark} {message}",
            $"   Since: {Ages.Utc(record.AcquiredAt)} ({Ages.Ago(record.AcquiredAt, face.FarNow)})",
        ];
        if (record.Message is { } why) { lines.Add("   Message: " + why); }
        if (face.View.Key != wanted) { lines.Add($"   It {(face.View.Key.Covers(wanted.Path) ? "covers" : "is a part of")} {LockBox.Named(wanted.Path)}: only one of you may have both"); }
        lines.Add("   Lock ID: " + record.LockId);
        if (face.View is { Standing: LockStanding.Expired, TakeoverFrom: { } from })
        {
            lines.Add(from <= face.Now ? "   Its lease is over: try again now" : "   Its lease is over: it can be taken over " + Ages.Ahead(from, face.Now));
        }

        lines.Add("   " + hint);
        if (entry is not null)
        {
            lines.Add($"   Entry ID: {entry}");
            lines.Add($"   It stays in the queue as failed, and what waits for this lock behind it: 'posthouse queue discard {entry}' gives both up");
        }

        return new VerbEnd("conflict", ExitCodes.LockConflict)
        {
            Error = new EnvelopeError(VcsErrors.LockConflict, EnvelopeError.Word(FailureCategory.LockConflict), message, hint, null),
            ErrorLines = lines,
            Data = json => LockJson.Write(json, face, entry: entry),
        };
    }

    /// <summary>A lock that this clone held is another's, or nobody's.</summary>
    /// <param name="site">Who lost it.</param>
    /// <param name="face">The lock.</param>
    /// <param name="isGivenUp">Whether that was just said to be accepted.</param>
    public static VerbEnd Lost(ProjectSite site, LockFace face, bool isGivenUp = false)
    {
        var word = ResourcePath.Word(site.Project.Root, site.Flags.Folder, face.View.Key.Path);
        var by = face.Record is { } record ? record.State == LockState.Broken && record.By is { } breaker ? $" by {breaker.Named}" : face.View.IsHeld ? $": {record.Owner.Named} has it now" : "" : "";
        var message = $"LOST: the lock of {LockBox.Named(face.Path)} was taken{by}";
        var hint = (face.Record?.Reason is { } reason ? $"Reason: {reason}\n" : "") + (isGivenUp
            ? "It is given up now. Your commits are safe here, and 'posthouse push' sends them without it, unless another has it: talk to them first."
            : $"Your commits are safe here. Talk to them; then 'posthouse lock acquire{word}' takes a new lock, or 'posthouse lock release{word}' gives this one up, and 'posthouse push' goes again.");
        return new VerbEnd("lost", ExitCodes.LockConflict)
        {
            Error = new EnvelopeError(VcsErrors.LockLost, EnvelopeError.Word(FailureCategory.LockConflict), message, hint, null),
            ErrorLines = [$"{site.Terminal.FailedMark} {message}", .. hint.Split('\n').Select(line => "   " + line)],
            Data = json => LockJson.Write(json, face),
        };
    }

    /// <summary>This clone holds nothing there.</summary>
    public static VerbEnd NotHeld(LockFace face) =>
        VerbEnd.Failed(VcsErrors.LockNotHeld, $"This clone holds no lock on {LockBox.Named(face.Path)}.", "'posthouse lock list' shows the locks there are.");

    private static string Subject(string path) => path == ResourceKey.WholeProject ? "Project" : $"'{path}'";
}
