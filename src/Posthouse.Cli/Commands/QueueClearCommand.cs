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
        var failed = new Option<bool>("--failed") { Description = "Discards also what failed, inside a project what is its own" };
        var everywhere = new Option<bool>("--all-projects") { Description = "With --all or --failed: also what is another project's, and purchases" };
        var yes = new Option<bool>("--yes") { Description = "Does not ask before --all" };
        var command = new Command("clear", "Removes finished jobs, whichever project they are of") { all, failed, everywhere, yes };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var site = QueueSite.Of(parsed, time);
            var (everything, onlyFailed) = (parsed.GetValue(all), parsed.GetValue(failed));
            if (everything && onlyFailed) { throw new PosthouseException(ErrorCodes.OptionsInvalid, "--all and --failed exclude each other: --all discards what failed, too."); }

            var here = (everything || onlyFailed) && !parsed.GetValue(everywhere) ? await site.HereAsync(cancellationToken) : null;
            long finishedOtherwise;
            int open;
            using (var reader = site.LookInside())
            {
                finishedOtherwise = reader.Read(JobReads.Count).Closed;
                open = everything || onlyFailed ? reader.Read(read => ProjectQueue.Undone(read, here, onlyFailed)).Count : 0;
            }

            if (everything && !parsed.GetValue(yes) && !Agrees(site, open)) { return ExitCodes.Failed; }

            var (given, with) = everything || onlyFailed ? await GiveUpAsync(site, here, onlyFailed) : (0, []);
            var ended = given + with.Count;
            var cleared = Math.Max(ended, (await site.DecideAsync(new JobCommand.Clear(Everything: false))).Changed);
            // What was taken back, ran out or was replaced is not completed. What ended in between counts with what was completed.
            var closed = Math.Min(cleared - ended, finishedOtherwise);
            var what = everything ? $"{cleared} total" : $"{(onlyFailed ? $"{given} failed and " : "")}{cleared - ended - closed} completed{(closed == 0 ? "" : $" and {closed} closed")}";
            var sentence = string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.DoneMark} Cleared {what} operation(s)");
            return site.Answer(string.Join('\n', [sentence, .. QueueDecisionCommand.WithIt(site, with)]), json =>
            {
                json.WriteNumber("cleared", cleared);
                QueueDecisionCommand.WriteWith(json, with);
            });
        });
        return command;
    }

    /// <summary>Gives up what is open, or what failed, in one transaction.</summary>
    /// <returns>How many these were, and what waited and ended with them.</returns>
    private static async Task<(int Given, List<JobRecord> With)> GiveUpAsync(QueueSite site, IReadOnlyList<KnownProject>? here, bool failed)
    {
        await using var store = site.Open();
        return await store.WriteAsync(write =>
        {
            var undone = ProjectQueue.Undone(write, here, failed);
            var standing = failed ? undone.SelectMany(seq => StandingOn(write, seq)).DistinctBy(one => one.Seq).OrderBy(one => one.Seq).ToList() : [];
            List<JobRecord> with = [.. standing.Select(one => JobReads.Get(write, one.Id)!)];
            foreach (var seq in standing.Select(one => one.Seq).Concat(undone)) { Ending.Close((Group)write, seq, DeadReason.Discarded); }
            return (undone.Count, with);
        });
    }

    /// <summary>What waits for a lock that is given up would only fail without it, and a release would overtake its push.</summary>
    private static IReadOnlyList<OpenOperation> StandingOn(IRead read, long seq) =>
        JobReads.List(read, new JobQuery { AfterSeq = seq - 1, Limit = 1 }) is [var job] && OpenOperations.TryRead(job.Name, job.Payload) is { } operation
            ? OperationQueue.StandingOn(read, job.Id, operation)
            : [];

    private static bool Agrees(QueueSite site, int open)
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
