using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Storage.Sqlite;
using Posthouse.Vcs.Sync;

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
        var command = new Command("status", "Shows how many jobs stand where, and the first of those that are open") { watch, all };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var site = QueueSite.Of(parsed, time);
            var here = parsed.GetValue(all) ? null : await site.HereAsync(cancellationToken);
            if (parsed.GetValue(watch))
            {
                await Watch.RunAsync(site, (to, reader) => Write(to, reader, here, oneLine: true), cancellationToken);
            }

            using var reader = site.Look();
            Write(site, reader, here, oneLine: false);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(QueueSite site, StoreReader? reader, IReadOnlyList<KnownProject>? here, bool oneLine)
    {
        if (here is not null && reader is not null)
        {
            var (own, operations, gone, others) = reader.Read(read => (ProjectQueue.Count(read, here), ProjectQueue.Foremost(read, here, Entries), site.Interrupted(read, here), ProjectQueue.Others(read, here)));
            WriteProject(site, here, own, operations, gone, others, oneLine);
            return;
        }

        // A program gets everything; a person is spared what a server has to do for itself, later.
        var spared = site.Json ? null : Housekeeping.JobName;
        var (counts, jobs, interrupted, housekeeping) = reader?.Read(read => (JobReads.Count(read), Foremost.Open(read, Entries, spared), site.Interrupted(read, null), spared is null ? 0 : Foremost.Scheduled(read, spared)))
            ?? (null, (List<JobRecord>)[], 0, 0);
        if (!site.Json)
        {
            QueueText.Status(site, counts, jobs, interrupted, housekeeping);
            return;
        }

        site.Document("shown", json =>
        {
            JobJson.Counts(json, counts ?? new QueueCounts());
            JobJson.Jobs(json, jobs, site.WriteFacts);
        }, exists: counts is not null, oneLine: oneLine);
    }

    private static void WriteProject(QueueSite site, IReadOnlyList<KnownProject> here, QueueCounts counts, List<JobRecord> jobs, long interrupted, long others, bool oneLine)
    {
        if (!site.Json)
        {
            QueueText.Status(site, counts, jobs, interrupted, housekeeping: 0);
            if (others > 0)
            {
                site.Output.WriteLine();
                site.Say(string.Create(CultureInfo.InvariantCulture, $"  {others} more of other projects or purchases: 'posthouse queue status --all-projects' shows all"));
            }

            return;
        }

        site.Document("shown", json =>
        {
            json.WriteString("project", here.Count > 0 ? here[0].Root : site.Folder);
            JobJson.Counts(json, counts);
            JobJson.Jobs(json, jobs, site.WriteFacts);
            json.WriteNumber("others", others);
        }, oneLine: oneLine);
    }
}
