using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Storage;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse queue status</c>: the counts, and the jobs that matter first.</summary>
internal static class QueueStatusCommand
{
    /// <summary>So many entries fit a screen with the counts above them.</summary>
    private const int Entries = 10;

    public static Command Create(TimeProvider time)
    {
        var watch = QueueCommand.Watch();
        var all = new Option<bool>("--all-projects") { Description = "Inside a project, shows also what other projects and purchases have pending" };
        var state = QueueListCommand.AcceptOnly(new Option<string?>("--state") { Description = "Shows the jobs in this state; otherwise those that are open" }, ProjectQueue.States);
        var limit = new Option<int>("--limit") { Description = $"How many jobs are shown at most, 1 to {JobQuery.MaxPage}", DefaultValueFactory = _ => Entries };
        var command = new Command("status", "Shows how many jobs stand where, and the first of those that are open") { watch, all, state, limit };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var site = QueueSite.Of(parsed, time);
            var look = new QueueLook(parsed.GetValue(all) ? null : await site.HereAsync(cancellationToken), parsed.GetValue(state), QueueCommand.Limit(parsed.GetValue(limit)));
            if (parsed.GetValue(watch))
            {
                await Watch.RunAsync(site, (to, reader) => Write(to, reader, look, oneLine: true), cancellationToken);
            }

            using var reader = site.Look();
            Write(site, reader, look, oneLine: false);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(QueueSite site, IStoreLook? reader, QueueLook look, bool oneLine)
    {
        var view = reader?.Read(read => QueueView.Of(read, site, look));
        if (!site.Json)
        {
            QueueText.Status(site, view);
            if (view is not { Others: > 0 }) { return; }

            site.Output.WriteLine();
            site.Say(string.Create(CultureInfo.InvariantCulture, $"  {view.Others} more of other projects or purchases: {site.Next("status --all-projects")} shows all"));
            return;
        }

        site.Document("shown", json =>
        {
            if (look.Here is { } here && view is not null) { json.WriteString("project", here.Count > 0 ? here[0].Root : site.Folder); }
            JobJson.Counts(json, view?.Counts ?? new QueueCounts());
            JobJson.Jobs(json, view?.Jobs ?? [], site.WriteFacts);
            if (look.Here is not null && view is not null) { json.WriteNumber("others", view.Others); }
        }, exists: view is not null, oneLine: oneLine);
    }
}
