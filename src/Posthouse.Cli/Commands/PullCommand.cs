using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse pull</c>: fetches a branch and moves the local one; never over work that is only here.</summary>
internal static class PullCommand
{
    public static Command Create(TimeProvider time)
    {
        var branch = new Option<string?>("--branch") { Description = "The branch; otherwise the present one", HelpName = "NAME" };
        var rebase = new Option<bool>("--rebase") { Description = "Puts local commits on top, unless they touch what the remote touched" };
        var forward = new Option<bool>("--ff-only") { Description = "Only moves forwards; so it is without --rebase, too" };
        var command = new Command("pull", "Fetches a branch and moves the local one forward") { branch, rebase, forward };
        VcsFlags.AddTo(command);
        VcsVerb.Does(command, time, async (site, parsed, cancellationToken) =>
        {
            if (parsed.GetValue(rebase) && parsed.GetValue(forward)) { throw new PosthouseException(ErrorCodes.OptionsInvalid, "--rebase and --ff-only exclude each other: say one of them."); }

            var name = parsed.GetValue(branch) ?? await new BranchState(site.Git, site.Project).CurrentAsync(cancellationToken)
                ?? throw new PosthouseException(ErrorCodes.OptionsInvalid, "No branch is checked out here; name one with --branch NAME.");
            await site.SyncFirstAsync(cancellationToken);
            void Said(Jobs.JobId id, string line)
            {
                if (site.Flags.Verbose) { site.Tell("   " + line); }
            }

            site.Feed.Said += Said;
            var end = await site.PerformAsync(new PullCommits(site.Project.CloneId, name, parsed.GetValue(rebase)), ForegroundBudget.Pull(site.Configuration), cancellationToken);
            site.Feed.Said -= Said;
            return end.Kind != OperationEndKind.Done ? OperationText.Unfinished(end) : new VerbEnd(end.Result!.Commit is null ? "up_to_date" : "pulled")
            {
                Lines = [TextTable.Clean($"{site.Terminal.DoneMark} {end.Result.Summary}", site.Terminal.Unicode)],
                Data = json => OperationText.Data(json, end, null),
            };
        });
        return command;
    }
}
