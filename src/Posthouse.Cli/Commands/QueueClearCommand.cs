using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse queue clear [--all] [--yes]</c>: removes finished jobs, or everything.</summary>
internal static class QueueClearCommand
{
    public static Command Create(TimeProvider time)
    {
        var all = new Option<bool>("--all") { Description = "Discards also what waits and what failed, inside a project what is its own" };
        var everywhere = new Option<bool>("--all-projects") { Description = "With --all: also what is another project's, and purchases" };
        var yes = new Option<bool>("--yes") { Description = "Does not ask before --all" };
        var command = new Command("clear", "Removes finished jobs, whichever project they are of") { all, everywhere, yes };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var site = QueueSite.Of(parsed, time);
            var everything = parsed.GetValue(all);
            var here = everything && !parsed.GetValue(everywhere) ? await site.HereAsync(cancellationToken) : null;
            QueueCounts counts;
            long open;
            using (var reader = site.LookInside())
            {
                counts = reader.Read(JobReads.Count);
                open = here is null ? counts.Open - counts.Running : reader.Read(read => ProjectQueue.Undone(read, here)).Count;
            }

            if (everything && !parsed.GetValue(yes) && !Agrees(site, open)) { return ExitCodes.Failed; }

            var cleared = here is null ? (await site.DecideAsync(new JobCommand.Clear(everything))).Changed : await ClearAsync(site, here);
            // What was taken back, ran out or was replaced is not completed. What ended in between counts with what was completed.
            var closed = Math.Min(cleared, counts.Closed);
            var what = everything ? $"{cleared} total" : closed == 0 ? $"{cleared} completed" : $"{cleared - closed} completed and {closed} closed";
            return site.Answer(string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.DoneMark} Cleared {what} operation(s)"), json => json.WriteNumber("cleared", cleared));
        });
        return command;
    }

    /// <summary>Gives up what one clone has open, and removes what is finished.</summary>
    private static async Task<int> ClearAsync(QueueSite site, IReadOnlyList<KnownProject> here)
    {
        await using var store = site.Open();
        await store.WriteAsync(write =>
        {
            foreach (var seq in ProjectQueue.Undone(write, here)) { Ending.Close((Group)write, seq, DeadReason.Discarded); }
            return true;
        });
        return (await store.DecideAsync(new JobCommand.Clear(Everything: false))).Changed;
    }

    private static bool Agrees(QueueSite site, long open)
    {
        if (!site.Terminal.IsInteractive || site.Json)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "clear --all gives up jobs that were never sent; nobody can be asked here, so say --yes.");
        }

        site.Say(site.Place.Title);
        site.Output.Write(string.Create(CultureInfo.InvariantCulture, $"Give up {open} open job(s) and remove all finished ones? [y/N] "));
        return Console.In.ReadLine()?.Trim() is { Length: > 0 } answer && char.ToLowerInvariant(answer[0]) == 'y';
    }
}
