using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;

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
                foreach (var stored in reader.Read(read => Pauses.Stored(read, there))) { await site.DecideAsync(command(stored)); }
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
}
