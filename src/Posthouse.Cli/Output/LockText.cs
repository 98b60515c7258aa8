using Posthouse.Cli.Hosting;
using Posthouse.Vcs;
using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Output;

/// <summary>What is said about locks beside the box.</summary>
internal static class LockText
{
    /// <summary>Somebody else has what is wanted, a folder above it, or a part of it.</summary>
    public static VerbEnd Conflict(LockFace face, ResourceKey wanted, Terminal terminal)
    {
        var record = face.Record!;
        var until = face.View.Remaining is null ? "" : " until " + Ages.Utc(record.ExpiresAt);
        var message = $"{Subject(face.Path)} locked by {record.Owner.Named}{until}";
        var hint = $"Ask them to release it, wait with 'posthouse lock acquire{Target(wanted.Path)} --wait', "
            + $"or take it from them with 'posthouse lock break{Target(face.Path)} --force --lock-id {record.LockId} -m REASON'.";
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
        return new VerbEnd("conflict", ExitCodes.LockConflict)
        {
            Error = new EnvelopeError(VcsErrors.LockConflict, EnvelopeError.Word(FailureCategory.LockConflict), message, hint, null),
            ErrorLines = lines,
            Data = json => LockJson.Write(json, face),
        };
    }

    /// <summary>A lock that this clone held is another's, or nobody's.</summary>
    public static VerbEnd Lost(LockFace face, Terminal terminal, bool isGivenUp = false)
    {
        var by = face.Record is { } record ? record.State == LockState.Broken && record.By is { } breaker ? $" by {breaker.Named}" : face.View.IsHeld ? $": {record.Owner.Named} has it now" : "" : "";
        var message = $"LOST: the lock of {LockBox.Named(face.Path)} was taken{by}";
        var hint = (face.Record?.Reason is { } reason ? $"Reason: {reason}\n" : "") + (isGivenUp
            ? "It is given up now. Your commits are safe here, and 'posthouse push' sends them without it, unless another has it: talk to them first."
            : "Your commits are safe here. Talk to them; then 'posthouse lock acquire' takes a new lock, or 'posthouse lock release' gives this one up, and 'posthouse push' goes again.");
        return new VerbEnd("lost", ExitCodes.LockConflict)
        {
            Error = new EnvelopeError(VcsErrors.LockLost, EnvelopeError.Word(FailureCategory.LockConflict), message, hint, null),
            ErrorLines = [$"{terminal.FailedMark} {message}", .. hint.Split('\n').Select(line => "   " + line)],
            Data = json => LockJson.Write(json, face),
        };
    }

    /// <summary>This clone holds nothing there.</summary>
    public static VerbEnd NotHeld(LockFace face) =>
        VerbEnd.Failed(VcsErrors.LockNotHeld, $"This clone holds no lock on {LockBox.Named(face.Path)}.", "'posthouse lock list' shows the locks there are.");

    /// <summary>A path as the next word of a verb.</summary>
    public static string Target(string path) => path == ResourceKey.WholeProject ? "" : $" \"{path}\"";

    private static string Subject(string path) => path == ResourceKey.WholeProject ? "Project" : $"'{path}'";
}
