using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse queue clear [--all] [--yes]</c>: removes finished jobs, or everything.</summary>
internal static class QueueClearCommand
{
    public static Command Create(TimeProvider time)
    {
        var all = new Option<bool>("--all") { Description = "Discards also what waits and what failed, whichever project it is of" };
        var yes = new Option<bool>("--yes") { Description = "Does not ask before --all" };
        var command = new Command("clear", "Removes finished jobs, whichever project they are of") { all, yes };
        command.SetAction(async (parsed, _) =>
        {
            var site = QueueSite.Of(parsed, time);
            var everything = parsed.GetValue(all);
            QueueCounts counts;
            using (var reader = site.LookInside()) { counts = reader.Read(JobReads.Count); }
            if (everything && !parsed.GetValue(yes) && !Agrees(site, counts)) { return ExitCodes.Failed; }

            var cleared = (await site.DecideAsync(new JobCommand.Clear(everything))).Changed;
            // What was taken back, ran out or was replaced is not completed. What ended in between counts with what was completed.
            var closed = Math.Min(cleared, counts.Closed);
            var what = everything ? $"{cleared} total" : closed == 0 ? $"{cleared} completed" : $"{cleared - closed} completed and {closed} closed";
            return site.Answer(string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.DoneMark} Cleared {what} operation(s)"), json => json.WriteNumber("cleared", cleared));
        });
        return command;
    }

    private static bool Agrees(QueueSite site, QueueCounts counts)
    {
        if (!site.Terminal.IsInteractive || site.Json)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "clear --all gives up jobs that were never sent; nobody can be asked here, so say --yes.");
        }

        site.Say(site.Place.Title);
        site.Output.Write(string.Create(CultureInfo.InvariantCulture, $"Give up {counts.Open - counts.Running} open job(s) and remove all finished ones? [y/N] "));
        return Console.In.ReadLine()?.Trim() is { Length: > 0 } answer && char.ToLowerInvariant(answer[0]) == 'y';
    }
}
