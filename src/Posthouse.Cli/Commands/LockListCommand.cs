using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse lock list</c>: the locks of a project.</summary>
internal static class LockListCommand
{
    /// <summary>Enough of an id to name the lock by.</summary>
    private const int ShownId = 8;

    public static Command Create(TimeProvider time)
    {
        var path = new Argument<string?>("PATH") { Description = "Only locks of this file or folder, of what is in it, and of what it is in", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("list", "Lists the locks of the project") { path };
        LockLookVerb.Does(command, time, (parsed, flags, look, terminal) =>
        {
            var key = ResourcePath.Of(look.Root, flags.Folder, parsed.GetValue(path));
            var faces = LockFilters.Of(parsed).Of(look.Faces.Where(face => face.View.Key.Overlaps(key)));
            return new VerbEnd(look.IsUnknown ? "unknown" : "listed") { Lines = Lines(look, faces, terminal), Data = json => Json(json, look, faces) };
        });
        return command;
    }

    /// <summary>A table of locks.</summary>
    public static IReadOnlyList<string> Lines(LockLook look, IReadOnlyList<LockFace> faces, Terminal terminal)
    {
        // What is not known is not free.
        if (look.IsUnknown) { return ["Nothing is known here about the locks of this project: somebody may have one."]; }
        if (faces.Count == 0) { return ["No locks."]; }

        var table = new TextTable("Path", "Status", "Holder", "Remaining", "Message", "Lock ID");
        foreach (var face in faces)
        {
            var held = face.View.IsHeld ? face.Record : null;
            table.Add(
                face.Path == ResourceKey.WholeProject ? "(whole project)" : face.Path,
                LockBox.Standing(face, terminal),
                held is null ? "" : face.View.IsMine ? held.Owner.Named + ", you" : held.Owner.Named,
                face.View.Remaining is { } left ? left > TimeSpan.Zero ? Ages.Left(left) : "none" : "",
                held?.Message ?? "",
                held is null ? "" : held.LockId[..Math.Min(ShownId, held.LockId.Length)]);
        }

        var text = new StringWriter { NewLine = "\n" };
        table.Write(text, terminal.Unicode);
        return text.ToString().TrimEnd('\n').Split('\n');
    }

    /// <summary>The same for programs.</summary>
    public static void Json(Utf8JsonWriter json, LockLook look, IReadOnlyList<LockFace> faces, Action<Utf8JsonWriter>? members = null)
    {
        json.WriteStartObject();
        json.WriteString("source", look.IsRemembered ? "cached" : "remote");
        members?.Invoke(json);
        json.WriteStartArray("locks");
        foreach (var face in faces) { LockJson.Write(json, face); }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
