using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse history</c>: what this clone did with locks and branches, as the log of the person's own store has it.</summary>
internal static class HistoryCommand
{
    /// <summary>More than a screen, and less than a page of the log costs.</summary>
    private const int Page = 500;

    public static Command Create(TimeProvider time)
    {
        var since = new Option<string?>("--since") { Description = "Only from a time on: 2026-02-05, 2026-02-05T10:00:00Z, or how long ago, such as 2h or 7d", HelpName = "TIME" };
        var command = new Command("history", "Lists what was done with locks and branches here") { since };
        command.Aliases.Add("events");
        VcsFlags.AddTo(command);
        VcsVerb.Does(command, time, async (site, parsed, _) =>
        {
            var from = parsed.GetValue(since) is { } given ? Since(given, time.GetUtcNow()) : DateTimeOffset.MinValue;
            var entries = await site.Store.ReadAsync(read => Read(read, site.Project.CloneId, from));
            return new VerbEnd("listed")
            {
                Lines = entries.Count == 0 ? ["Nothing was done here yet."] : [.. entries.Select(entry => Line(entry, site.Terminal))],
                Data = json =>
                {
                    json.WriteStartObject();
                    json.WriteStartArray("events");
                    foreach (var (stored, _) in entries)
                    {
                        json.WriteStartObject();
                        json.WriteNumber("position", stored.Position);
                        json.WriteString("at", stored.At.UtcDateTime);
                        json.WriteString("kind", stored.Kind);
                        json.WriteString("entry_id", stored.Subject);
                        json.WritePropertyName("body");
                        json.WriteRawValue(stored.Body.Span);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                    json.WriteEndObject();
                },
            };
        });
        return command;
    }

    /// <summary>The events of one clone, oldest first.</summary>
    private static List<(StoredEvent Stored, OperationNote Note)> Read(IRead read, string cloneId, DateTimeOffset from)
    {
        List<(StoredEvent, OperationNote)> found = [];
        var position = 0L;
        while (true)
        {
            var page = JobReads.Events(read, position, new EventFilter(Room: OperationNote.Room), Page);
            foreach (var stored in page.Where(stored => stored.At >= from))
            {
                if (OperationNote.TryRead(stored) is { } note && note.CloneId == cloneId) { found.Add((stored, note)); }
            }

            if (page.Count < Page) { return found; }
            position = page[^1].Position;
        }
    }

    private static string Line((StoredEvent Stored, OperationNote Note) entry, Terminal terminal)
    {
        var (stored, note) = entry;
        var mark = note.Failure is null ? terminal.DoneMark : terminal.WarningMark;
        return TextTable.Clean($"{Ages.Utc(stored.At)}  {mark} {note.Summary}{(note.Failure is { } failure ? ": " + failure.Message : "")}", terminal.Unicode);
    }

    private static DateTimeOffset Since(string given, DateTimeOffset now) =>
        DateTimeOffset.TryParseExact(given, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant
            : DurationText.TryParse(given, out var ago) ? now - ago
            : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--since {given}: a day such as 2026-02-05, a time such as 2026-02-05T10:00:00Z, or how long ago, such as 2h or 7d, is taken.");
}
