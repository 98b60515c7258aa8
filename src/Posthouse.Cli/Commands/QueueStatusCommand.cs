using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse queue status</c>: the counts, and the jobs that matter first.</summary>
internal static class QueueStatusCommand
{
    /// <summary>So many entries fit a screen with the counts above them.</summary>
    private const int Entries = 10;

    public static Command Create(TimeProvider time)
    {
        var watch = QueueCommand.Watch();
        var command = new Command("status", "Shows how many jobs stand where, and the first of those that are open") { watch };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var site = QueueSite.Of(parsed, time);
            if (parsed.GetValue(watch))
            {
                await Watch.RunAsync(site, (to, reader) => Write(to, reader, oneLine: true), cancellationToken);
            }

            using var reader = site.Look();
            Write(site, reader, oneLine: false);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(QueueSite site, StoreReader? reader, bool oneLine)
    {
        // A program gets everything; a person is spared what a server has to do for itself, later.
        var spared = site.Json ? null : Housekeeping.JobName;
        var (counts, jobs, housekeeping) = reader?.Read(read => (JobReads.Count(read), Foremost.Open(read, Entries, spared), spared is null ? 0 : Foremost.Scheduled(read, spared)))
            ?? (null, (List<JobRecord>)[], 0);
        if (!site.Json)
        {
            QueueText.Status(site, counts, jobs, housekeeping);
            return;
        }

        site.Output.WriteLine(JobJson.Object(site.Place, counts is not null, json =>
        {
            JobJson.Counts(json, counts ?? new QueueCounts());
            JobJson.Jobs(json, jobs);
        }, oneLine));
    }
}
