using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Mesh;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse mesh events</c>: the last lines of a node's log.</summary>
internal static class MeshEventsCommand
{
    public static Command Create(TimeProvider time)
    {
        var since = new Option<long>("--since") { Description = "Only what came after this number", HelpName = "N" };
        var command = new Command("events", "Shows what happened in the mesh as the node's log tells it, oldest first") { since, MeshSite.Server, MeshSite.Data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var site = MeshSite.Of(parsed, time);
            var number = parsed.GetValue(since);
            if (number < 0) { throw new PosthouseException(ErrorCodes.OptionsInvalid, "--since is the number of an event, as the first column shows it."); }

            var events = await site.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/mesh/events?since={number}"), MeshJson.Default.IReadOnlyListMeshEvent, cancellationToken);
            if (site.Json)
            {
                return MeshSite.Document(parsed, "shown", json =>
                {
                    json.WriteStartObject();
                    json.WritePropertyName("events");
                    JsonSerializer.Serialize(json, events, MeshJson.Default.IReadOnlyListMeshEvent);
                    json.WriteEndObject();
                });
            }

            if (events.Count == 0) { site.Output.WriteLine("Nothing happened since."); }
            foreach (var happened in events)
            {
                var mark = happened.Level >= LogLevel.Warning ? site.Terminal.WarningMark + " " : "";
                site.Output.WriteLine(TextTable.Clean(string.Create(CultureInfo.InvariantCulture, $"{happened.Number,4}  {happened.At:yyyy-MM-dd HH:mm:ss}Z  {mark}{happened.Message}"), site.Terminal.Unicode));
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
