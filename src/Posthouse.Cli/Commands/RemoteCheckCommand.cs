using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse remote check [NAME]</c>: tries what a remote can do, and says what that means for locks and pushes.</summary>
internal static class RemoteCheckCommand
{
    public static Command Create(TimeProvider time)
    {
        var name = new Argument<string?>("NAME") { Description = "The remote's name; otherwise the one of --remote", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("check", "Finds out what a remote can do, with refs that it takes away again") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var flags = VcsFlags.Of(parsed);
            var configuration = Configuration.Load(Places.OfProcess(flags.Folder), [], parsed.GetValue(CommandLine.Set) ?? []);
            var (terminal, git, to) = (ProjectSite.TerminalOf(flags, configuration), new GitProgram(time, new GitOptions()), parsed.InvocationConfiguration);
            var project = await ProjectFinder.FindAsync(git, flags.Folder, parsed.GetValue(name) ?? flags.Remote, cancellationToken);
            var remote = new GitRemote(git, project, time, SystemIds.Instance);
            if (await RemoteReach.IsSilentAsync(remote, configuration.Duration(ConfigurationKeys.NetworkProbeTimeout), time, cancellationToken)) { throw new VcsException(RemoteReach.Silent); }
            var probed = await new RemoteProbe(new PathRemoteGit(git, project, () => Task.FromResult(false)), project, SystemIds.Instance).RunAsync(cancellationToken);
            var end = LockBackend.Elsewhere(configuration) is { } elsewhere ? await ElsewhereAsync(parsed, time, probed, elsewhere, terminal, cancellationToken) : End(probed, terminal);
            return end.Write(CommandLine.Verb(parsed), flags, terminal, to.Output, to.Error);
        });
        return command;
    }

    /// <summary>Where locks are kept elsewhere, that place decides whether they can be; the remote says only what it can do besides.</summary>
    private static async Task<VerbEnd> ElsewhereAsync(
        ParseResult parsed, TimeProvider time, ProbedRemote probed, string elsewhere, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var site = await ProjectSite.OpenAsync(parsed, time, cancellationToken);
        var held = 0;
        await foreach (var view in site.Policy.ListAsync(cancellationToken)) { held += view.IsHeld ? 1 : 0; }
        var end = End(probed, terminal);
        return end with
        {
            Status = "usable",
            ExitCode = ExitCodes.Done,
            Error = null,
            Lines = [.. end.Lines, TextTable.Clean($"Locks are kept elsewhere: in {elsewhere}, which answers; {held} held", terminal.Unicode)],
            Warnings = [.. end.Warnings, .. site.Limits()],
        };
    }

    private static VerbEnd End(ProbedRemote probed, Terminal terminal)
    {
        var isUsable = probed is { LockPrefix: not null, DecidesRaces: true };
        var message = $"{probed.Address} cannot keep locks: {probed.Refusal?.Message ?? "of two writers at the same time not exactly one won."}";
        return new VerbEnd(isUsable ? "usable" : "unusable", isUsable ? ExitCodes.Done : ExitCodes.NoProject)
        {
            Lines = [.. Lines(probed, terminal).Select(line => TextTable.Clean(line, terminal.Unicode))],
            Warnings = probed.LeftBehind.Count == 0 ? [] : [$"The remote did not let go of {string.Join(", ", probed.LeftBehind)}; they do no harm."],
            Error = isUsable ? null : new EnvelopeError(VcsErrors.RemoteUnsupported, "project", message, probed.Refusal?.Hint, null),
            Data = json =>
            {
                json.WriteStartObject();
                json.WriteString("address", probed.Address);
                json.WriteString("lock_prefix", probed.LockPrefix);
                json.WriteBoolean("compare_and_swap", probed.DecidesRaces);
                json.WriteBoolean("custom_refs", probed.LockPrefix == LockProtocol.RefPrefix);
                json.WriteBoolean("atomic", probed.IsAtomic);
                if (probed.HasLfsLocks is { } lfs) { json.WriteBoolean("lfs_locks", lfs); } else { json.WriteNull("lfs_locks"); }
                if (probed.ServerTime is { } at) { json.WriteString("server_time", at.UtcDateTime); } else { json.WriteNull("server_time"); }
                json.WriteEndObject();
            },
        };
    }

    private static IEnumerable<string> Lines(ProbedRemote probed, Terminal terminal)
    {
        yield return probed.Address;
        yield return Line(probed.DecidesRaces, "decides races: exactly one of two writers wins", "does not decide races: locks are not safe here");
        yield return Line(probed.LockPrefix == LockProtocol.RefPrefix, "takes refs of our own",
            probed.LockPrefix is null ? "lets no locks be kept" : $"takes no refs of our own; locks are branches under {probed.LockPrefix}");
        yield return Line(probed.IsAtomic, "takes a branch and its locks in one transaction (a lost lock stops the push)", "takes no transactions: locks are checked just before a push");
        if (probed.HasLfsLocks is { } lfs) { yield return Line(lfs, "serves the locks of Git LFS", "serves no locks of Git LFS"); }
        yield return Line(probed.ServerTime is not null, "tells its time: leases are judged by it", "does not tell its time: leases are judged by this machine's clock");

        string Line(bool can, string yes, string no) => $"  {(can ? terminal.DoneMark : terminal.WarningMark)} {(can ? yes : no)}";
    }
}
