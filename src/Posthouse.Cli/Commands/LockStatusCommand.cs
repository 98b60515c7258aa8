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
            // A lock on the whole is what somebody with a path wants to know about, too.
            var others = filters.Of(look.Faces.Where(one => one.View.Key != key));
            var isLost = look.Lost.Any(one => one.View.Key == key);
            return new VerbEnd(isLost ? "lost" : look.IsRemembered && face.ReadAt is null ? "unknown" : face.Word, isLost ? ExitCodes.LockConflict : ExitCodes.Done)
            {
                Lines = [.. filters.IsGiven ? [] : Box(face, look, terminal), .. filters.IsGiven ? LockListCommand.Lines(filters.Of(look.Faces), terminal) : Others(others, terminal)],
                Data = json => LockListCommand.Json(json, look, filters.IsGiven ? filters.Of(look.Faces) : others, members =>
                {
                    members.WritePropertyName("lock");
                    LockJson.Write(members, face);
                }),
            };
        });
        return command;
    }

    private static IEnumerable<string> Box(LockFace face, LockLook look, Terminal terminal) => look.IsRemembered && face.ReadAt is null
        ? [TextTable.Clean($"Nothing is known here about {LockBox.Named(face.Path)}.", terminal.Unicode)]
        : face.ReadAt is { } read ? [.. LockBox.Lines(face, terminal), $"  As it was {Ages.Ago(read, face.Now)}"]
        : LockBox.Lines(face, terminal);

    private static IEnumerable<string> Others(List<LockFace> others, Terminal terminal) =>
        others.Count == 0 ? [] : ["", "Other locks of this project:", .. LockListCommand.Lines(others, terminal)];
}
