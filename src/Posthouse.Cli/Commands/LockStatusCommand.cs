using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse lock status [PATH]</c>: one lock in full, and the others in short; offline the last that was known.</summary>
internal static class LockStatusCommand
{
    public static Command Create(TimeProvider time)
    {
        var path = LockCommand.Path();
        var command = new Command("status", "Shows who has a lock, and for how long") { path };
        LockLookVerb.Does(command, time, (parsed, flags, look, terminal) =>
        {
            var filters = LockFilters.Of(parsed);
            var key = ResourcePath.Of(look.Root, flags.Folder, parsed.GetValue(path));
            var face = look.Faces.FirstOrDefault(one => one.View.Key == key)
                ?? new LockFace(new LockView(key, VersionToken.Absent, null, LockStanding.Free), time.GetUtcNow());
            var isLost = look.Lost.Any(one => one.View.Key == key);
            var cover = face.View.IsHeld || isLost ? null : look.Faces.Where(one => one.View.IsHeld && one.View.Key != key && one.View.Key.Covers(key.Path))
                .OrderByDescending(one => one.View.Standing == LockStanding.Held).FirstOrDefault();
            // A lock on the whole is what somebody with a path wants to know about, too.
            var others = filters.Of(look.Faces.Where(one => one.View.Key != key));
            return new VerbEnd(isLost ? "lost" : cover is not null ? cover.Word : look.IsRemembered && face.ReadAt is null ? "unknown" : face.Word, isLost ? ExitCodes.LockConflict : ExitCodes.Done)
            {
                Lines = filters.IsGiven ? LockListCommand.Lines(look, filters.Of(look.Faces), terminal)
                    : [.. cover is null ? Box(face, look, terminal) : Covered(face, cover, look, terminal), .. Others(look, others.FindAll(one => one != cover), terminal)],
                Data = json => LockListCommand.Json(json, look, filters.IsGiven ? filters.Of(look.Faces) : others, members =>
                {
                    members.WritePropertyName("lock");
                    LockJson.Write(members, cover ?? face, cover is null ? null : face.Path);
                }),
            };
        });
        return command;
    }

    /// <summary>Nobody has the path by itself, and it is not free.</summary>
    private static IEnumerable<string> Covered(LockFace face, LockFace cover, LockLook look, Terminal terminal) =>
        [TextTable.Clean($"{face.Path} is locked together with {LockBox.Named(cover.Path)}:", terminal.Unicode), .. Box(cover, look, terminal)];

    private static IEnumerable<string> Box(LockFace face, LockLook look, Terminal terminal) => look.IsRemembered && face.ReadAt is null
        ? [TextTable.Clean($"Nothing is known here about {LockBox.Named(face.Path)}.", terminal.Unicode)]
        : face.ReadAt is { } read ? [.. LockBox.Lines(face, terminal), $"  As it was {Ages.Ago(read, face.Now)}"]
        : LockBox.Lines(face, terminal);

    private static IEnumerable<string> Others(LockLook look, List<LockFace> others, Terminal terminal) =>
        others.Count == 0 ? [] : ["", "Other locks of this project:", .. LockListCommand.Lines(look, others, terminal)];
}
