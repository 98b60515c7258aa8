using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse queue pause|resume [--destination NAME]</c>: whether jobs are begun at all; kept across restarts.</summary>
internal static class QueuePauseCommand
{
    public static Command CreatePause(TimeProvider time) =>
        Create(time, "pause", "Begins no more jobs until resumed; running ones end", "paused", "Paused", destination => new JobCommand.Pause(destination));

    public static Command CreateResume(TimeProvider time) =>
        Create(time, "resume", "Ends a pause", "resumed", "Resumed", destination => new JobCommand.Resume(destination));

    private static Command Create(TimeProvider time, string name, string description, string result, string said, Func<string?, JobCommand> command)
    {
        var destination = new Option<string?>("--destination") { Description = "Only jobs that go there; otherwise all", HelpName = "NAME" };
        var verb = new Command(name, description) { destination };
        verb.SetAction(async (parsed, _) =>
        {
            var site = QueueSite.Of(parsed, time);
            var there = parsed.GetValue(destination);
            using var reader = site.LookInside();
            if (there is null) { await site.DecideAsync(command(null)); }
            else
            {
                foreach (var stored in Stored(reader, there)) { await site.DecideAsync(command(stored)); }
            }

            site.Answer($"{site.Terminal.DoneMark} {said}: {there ?? "everything"}", json =>
            {
                json.WriteString("result", result);
                json.WriteString("destination", there);
            });
            return ExitCodes.Done;
        });
        return verb;
    }

    /// <summary>The names under which a destination is paused or has jobs; as it was given, where it has neither.</summary>
    private static List<string> Stored(StoreReader reader, string given)
    {
        var encoded = KeyText.Of($"{given}");
        string[] spellings = [given, encoded, Destinations.Scheduled(given), Destinations.Scheduled(encoded)];
        var paused = reader.Read(JobReads.Count).PausedDestinations;
        var known = spellings.Distinct().Where(name => paused.Contains(name) || reader.Read(read => read.Scalar("SELECT count(*) FROM (SELECT 1 FROM job WHERE destination = $1 LIMIT 1)", name)) > 0).ToList();
        return known.Count > 0 ? known : [given];
    }
}
