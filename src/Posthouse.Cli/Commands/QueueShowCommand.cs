using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Files;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse queue show ID</c>: everything that is known about one job.</summary>
internal static class QueueShowCommand
{
    /// <summary>A job has about four events; one that was retried for days has more than anybody reads.</summary>
    private const int MostEvents = 200;

    public static Command Create(TimeProvider time)
    {
        var id = QueueCommand.Id();
        var command = new Command("show", "Shows all of one job: fields, payload, last error, what it waits for, events") { id };
        command.SetAction(parsed =>
        {
            var site = QueueSite.Of(parsed, time);
            using var reader = site.LookInside();
            var (job, files, events) = reader.Read(read =>
            {
                var found = site.Find(read, parsed.GetRequiredValue(id));
                var filter = new EventFilter(found.Owner, JobEventBodies.Room, found.Id.Value);
                return (found, Foremost.Files(read, found.Id), JobReads.Events(read, 0, filter, MostEvents));
            });
            if (site.Json) { return Json(site, job, files, events); }

            JobText.Write(site, job, files, events);
            return ExitCodes.Done;
        });
        return command;
    }

    private static int Json(QueueSite site, JobRecord job, List<StoredFile> files, IReadOnlyList<StoredEvent> events) => site.Document("shown", json =>
    {
        json.WriteStartObject("job");
        JobJson.Fields(json, job);
        site.WriteFacts(json, job);
        JobJson.Bytes(json, "payload", job.Payload);
        JobJson.Bytes(json, "optimistic", job.Optimistic);
        JobJson.Bytes(json, "result", job.Result);
        json.WriteStartArray("files");
        foreach (var file in files)
        {
            json.WriteStartObject();
            json.WriteString("hash", file.Hash);
            json.WriteNumber("size", file.Size);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("events");
        foreach (var entry in events)
        {
            json.WriteStartObject();
            json.WriteNumber("position", entry.Position);
            json.WriteString("at", entry.At);
            json.WriteString("kind", entry.Kind);
            json.WritePropertyName("body");
            JobJson.EventBody(json, entry.Body);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
