using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse queue export|import DIR</c>: operations on projects as files, one for each, to look at, to keep, or from an older program.</summary>
internal static class QueueTransferCommand
{
    public static Command CreateExport(TimeProvider time)
    {
        var folder = new Argument<string>("DIR") { Description = "The folder to write to; made if it is not there" };
        var command = new Command("export", "Writes the operations on projects as files, one JSON object each") { folder };
        command.SetAction((parsed, _) => Task.FromResult(Export(QueueSite.Of(parsed, time), Path.GetFullPath(parsed.GetRequiredValue(folder)))));
        return command;
    }

    public static Command CreateImport(TimeProvider time)
    {
        var folder = new Argument<string>("DIR") { Description = "The folder to read, for example ~/.oxenvcs/queue" };
        var command = new Command("import", "Queues the operations that such files hold, each once; the files stay as they are") { folder };
        command.SetAction((parsed, cancellationToken) => ImportAsync(parsed, QueueSite.Of(parsed, time), Path.GetFullPath(parsed.GetRequiredValue(folder)), cancellationToken));
        return command;
    }

    private static int Export(QueueSite site, string folder)
    {
        using var reader = site.LookInside();
        Durable.CreatePrivateDirectory(folder);
        var projects = site.Projects().ToDictionary(project => project.CloneId, StringComparer.Ordinal);
        var written = 0;
        for (long after = 0; ;)
        {
            var page = reader.Read(read => JobReads.List(read, new JobQuery { AfterSeq = after, Limit = JobQuery.MaxPage }));
            foreach (var job in page)
            {
                var isEnded = job.State is JobState.Dead && !JobLaw.NeedsDecision(job.Reason!.Value);
                if (isEnded || OpenOperations.TryRead(job.Name, job.Payload) is not { } operation) { continue; }

                using var file = Durable.CreatePrivateFile(Path.Combine(folder, job.Id.Value + ".json"));
                file.Write(QueueEntryJson.Write(job, operation, projects.GetValueOrDefault(operation.CloneId), $"{Environment.UserName}@{Environment.MachineName}"));
                written++;
            }

            if (page.Count < JobQuery.MaxPage) { break; }
            after = page[^1].Seq;
        }

        site.Answer(string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.DoneMark} Exported {written} operation(s) to {folder}"), json =>
        {
            json.WriteNumber("exported", written);
            json.WriteString("folder", folder);
        });
        return ExitCodes.Done;
    }

    private static async Task<int> ImportAsync(ParseResult parsed, QueueSite site, string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder)) { throw new PosthouseException(ErrorCodes.OptionsInvalid, $"There is no folder {folder}."); }

        if (site.Place.Server is { } server) { throw new PosthouseException(ErrorCodes.OptionsInvalid, $"Operations on projects are queued in a person's own store, not in {server.Shown}. Name a folder with --data DIR."); }
        await using var services = VcsPocket.Container(site.Place, CommandLine.Configuration(parsed), site.Time);
        var import = new QueueImport(services);
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)) { await import.TakeAsync(path, cancellationToken); }

        if (!site.Json)
        {
            foreach (var (path, why) in import.Refused) { site.Say($"{site.Terminal.WarningMark} {Path.GetFileName(path)}: {why}"); }
        }

        return site.Answer(
            string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.DoneMark} Imported {import.Taken} operation(s), {import.Skipped} done or here already, {import.Refused.Count} refused"),
            json =>
            {
                json.WriteNumber("imported", import.Taken);
                json.WriteNumber("skipped", import.Skipped);
                json.WriteStartObject("refused");
                foreach (var (path, why) in import.Refused) { json.WriteString(Path.GetFileName(path), why); }
                json.WriteEndObject();
            },
            import.Refused.Count > 0 ? ExitCodes.PartlySynced : ExitCodes.Done);
    }
}
