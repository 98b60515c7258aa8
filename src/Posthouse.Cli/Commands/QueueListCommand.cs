using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Storage;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse queue list</c>: pages of jobs in the order they were accepted.</summary>
internal static class QueueListCommand
{
    private const int Page = 100;

    /// <summary>The words of <c>--state</c>: those of the counts, and two that mean states of the store.</summary>
    private static readonly string[] _states = [.. ProjectQueue.States, "done", "dead"];

    public static Command Create(TimeProvider time)
    {
        var state = new Option<string?>("--state") { Description = "Only jobs in this state; failed are those that need a decision, dead are failed and closed, done is completed" }.AcceptOnly(_states);
        var name = new Option<string?>("--name") { Description = "Only jobs of this type" };
        var lane = new Option<string?>("--lane") { Description = "Only jobs of this lane" };
        var limit = new Option<int>("--limit") { Description = $"How many at most, 1 to {JobQuery.MaxPage}", DefaultValueFactory = _ => Page };
        var after = new Option<long>("--after") { Description = "Only jobs accepted after the one with this number; a page ends with the number for the next" };
        var watch = QueueCommand.Watch();
        var command = new Command("list", "Lists jobs in the order they were accepted") { state, name, lane, limit, after, watch };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var site = QueueSite.Of(parsed, time);
            var query = new JobQuery { Name = parsed.GetValue(name), Lane = parsed.GetValue(lane), Limit = QueueCommand.Limit(parsed.GetValue(limit)), AfterSeq = parsed.GetValue(after) };
            var word = parsed.GetValue(state);
            if (parsed.GetValue(watch))
            {
                await Watch.RunAsync(site, (to, reader) => Write(to, reader, query, word, oneLine: true), cancellationToken);
            }

            using var reader = site.Look();
            Write(site, reader, query, word, oneLine: false);
            return ExitCodes.Done;
        });
        return command;
    }

    public static Option<string?> AcceptOnly(this Option<string?> option, string[] words)
    {
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    private static void Write(QueueSite site, IStoreLook? reader, JobQuery query, string? state, bool oneLine)
    {
        var jobs = reader?.Read(read => ProjectQueue.List(read, query, state)) ?? [];
        long? next = jobs.Count == query.Limit ? jobs[^1].Seq : null;
        if (site.Json)
        {
            site.Document("listed", json =>
            {
                JobJson.Jobs(json, jobs);
                if (next is { } place) { json.WriteNumber("next", place); } else { json.WriteNull("next"); }
            }, exists: reader is not null, oneLine: oneLine);
            return;
        }

        site.Say(site.Place.Title);
        site.Output.WriteLine();
        if (reader is null) { foreach (var line in site.NoStore()) { site.Say(line); } }
        else if (jobs.Count == 0) { site.Say("No such job is here."); }
        else { Table(site, jobs).Write(site.Output, site.Terminal.Unicode); }
        if (next is not null) { site.Say(string.Create(CultureInfo.InvariantCulture, $"There may be more: --after {next}")); }
    }

    private static TextTable Table(QueueSite site, IEnumerable<JobRecord> jobs)
    {
        var now = site.Time.GetUtcNow();
        var table = new TextTable("ID", "Job", "State", "Priority", "Attempts", "Accepted").AlignRight(3, 4);
        foreach (var job in jobs)
        {
            table.Add(job.Id.Value, site.TitleOf(job), JobWords.Standing(job), job.Priority.ToString(CultureInfo.InvariantCulture),
                job.Attempts.ToString(CultureInfo.InvariantCulture), Ages.Ago(job.AcceptedAt, now));
        }

        return table;
    }
}
