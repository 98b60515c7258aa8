using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse push</c>: sends a branch together with the locks that this clone holds: both arrive or neither.</summary>
internal static class PushCommand
{
    private static readonly Option<string?> _threshold = new("--staged-threshold")
    {
        Description = "Above so many bytes it goes in batches that need not be sent again after a cut: 64M, 1G, or a number; otherwise Push:StagedThreshold",
        HelpName = "SIZE",
    };

    public static Command Create(TimeProvider time)
    {
        var branch = new Option<string?>("--branch") { Description = "The branch; otherwise the present one", HelpName = "NAME" };
        var lease = new Option<string?>("--force-with-lease")
        {
            Description = "Replaces the remote's branch if it is still at this commit, or where it was last seen",
            HelpName = "COMMIT",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var unfenced = new Option<bool>("--no-fence") { Description = "Sends it without the locks, also where one was lost" };
        var resume = new Option<bool>("--resume") { Description = "Goes on with a push that was cut off, and sends nothing where none was (exit 2)" };
        var restart = new Option<bool>("--restart") { Description = "Throws away what such a push has sent already" };
        var release = new Option<bool>("--release") { Description = "Gives this clone's locks back after it, also those that it waits for" };
        var command = new Command("push", "Sends a branch, and with it the locks that guard it") { branch, lease, unfenced, resume, restart, release, _threshold };
        VcsFlags.AddTo(command);
        VcsVerb.Does(command, time, Own, async (site, parsed, cancellationToken) =>
        {
            if (parsed.GetValue(resume) && parsed.GetValue(restart)) { throw new PosthouseException(ErrorCodes.OptionsInvalid, "--resume and --restart exclude each other: say one of them."); }

            var (name, tip) = await BranchAsync(site, parsed.GetValue(branch), cancellationToken);
            if (parsed.GetValue(resume) && PushSession.Load(site.Project, name) is null) { throw new PosthouseException(ErrorCodes.OptionsInvalid, $"No push of {name} was cut off in this clone, so there is none to go on with. Say 'posthouse push'."); }
            var replaced = parsed.GetResult(lease) is null ? null : await LeaseAsync(site, name, parsed.GetValue(lease), cancellationToken);
            var isFenced = !parsed.GetValue(unfenced) && site.Configuration.IsOn(ConfigurationKeys.LocksFencePush);
            // What was cut off is thrown away, so it is not sent first.
            await site.SyncFirstAsync(cancellationToken, leavesPushes: parsed.GetValue(restart));
            var end = await PushAsync(site, new PushCommits(site.Project.CloneId, name, tip, isFenced, replaced, parsed.GetValue(restart)), cancellationToken);
            return parsed.GetValue(release) && end.ExitCode is ExitCodes.Done or ExitCodes.Queued ? await ReleaseAsync(site, end, cancellationToken) : end;
        });
        return command;
    }

    /// <summary>The branch that is meant, and its commit.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: there is none, or it has no commit.</exception>
    public static async Task<(string Name, string Tip)> BranchAsync(ProjectSite site, string? given, CancellationToken cancellationToken)
    {
        var state = new BranchState(site.Git, site.Project);
        var name = given ?? await state.CurrentAsync(cancellationToken)
            ?? throw new PosthouseException(ErrorCodes.OptionsInvalid, "No branch is checked out here; name one with --branch NAME.");
        return (name, await state.TipAsync(name, cancellationToken)
            ?? throw new PosthouseException(ErrorCodes.OptionsInvalid, $"There is no branch '{name}' with a commit here."));
    }

    /// <summary>What of the configuration the verb's own options set.</summary>
    private static IEnumerable<GivenValue> Own(ParseResult parsed) => parsed.GetValue(_threshold) is { } size
        ? [new GivenValue(ConfigurationKeys.PushStagedThreshold, Bytes(size).ToString(CultureInfo.InvariantCulture), _threshold.Name)]
        : [];

    private static long Bytes(string size)
    {
        var shift = char.ToUpperInvariant(size[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        return long.TryParse(shift == 0 ? size : size[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= long.MaxValue >> shift
            ? number << shift
            : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{_threshold.Name} {size}: a number of bytes is taken, or one with K, M or G behind it.");
    }

    private static async Task<string> LeaseAsync(ProjectSite site, string branch, string? given, CancellationToken cancellationToken)
    {
        var revision = given ?? $"refs/remotes/{site.Project.Remote}/{branch}";
        var answer = await site.Git.RunAsync(new Vcs.Git.GitCall(site.Project.Root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"), cancellationToken);
        return answer.ExitCode == 0 ? answer.Text.Trim() : throw new PosthouseException(ErrorCodes.OptionsInvalid,
            given is null ? $"It is not known here where {site.Project.Remote}'s {branch} is; say --force-with-lease COMMIT." : $"--force-with-lease {given}: there is no such commit here.");
    }

    private static async Task<VerbEnd> PushAsync(ProjectSite site, PushCommits operation, CancellationToken cancellationToken)
    {
        OperationEnd end;
        using (var bar = new TransferBar(site.Error, site.Terminal, site.Time, "Pushing"))
        {
            void Report(Jobs.JobId id, TransferProgress progress) => bar.Report(progress);
            site.Feed.Moved += Report;
            try
            {
                end = await site.PerformAsync(operation, ForegroundBudget.Push(site.Configuration), cancellationToken);
            }
            finally
            {
                site.Feed.Moved -= Report;
            }
        }

        void Progress(Utf8JsonWriter json) => Figures(json, end, PushSession.Load(site.Project, operation.Branch));
        if (end.Kind != OperationEndKind.Done)
        {
            var face = await new LockDesk(site).RefusedForAsync(end);
            return OperationText.Unfinished(end) with { Data = json => OperationText.Data(json, end, face, Progress) };
        }

        var dangling = await DanglingHead.WarningsAsync(site, operation.Branch, end.Result!, cancellationToken);
        return new VerbEnd("pushed")
        {
            Lines = [TextTable.Clean($"{site.Terminal.DoneMark} {end.Result!.Summary}", site.Terminal.Unicode)],
            Warnings = [.. operation.IsFenced ? dangling : ["It was sent without a fence: nobody checked the locks.", .. dangling]],
            Data = json => OperationText.Data(json, end, null, Progress),
        };
    }

    /// <summary>What a finished push counted, or the stage of one that is not.</summary>
    private static void Figures(Utf8JsonWriter json, OperationEnd end, PushSession? session)
    {
        if (end.Result?.Detail is { } detail)
        {
            using var document = JsonDocument.Parse(detail);
            foreach (var member in document.RootElement.EnumerateObject()) { member.WriteTo(json); }
            if (document.RootElement.TryGetProperty("total_bytes", out _)) { return; }
        }

        json.WriteNumber("total_bytes", session?.TotalBytes ?? 0);
        json.WriteNumber("transferred_bytes", session?.TransferredBytes ?? 0);
        json.WriteString("checkpoint", session?.Checkpoint);
    }

    /// <summary>Behind a push that is queued the releases are queued, too: they never overtake it.</summary>
    private static async Task<VerbEnd> ReleaseAsync(ProjectSite site, VerbEnd pushed, CancellationToken cancellationToken)
    {
        var desk = new LockDesk(site);
        List<VerbEnd> ends = [pushed];
        var held = (await desk.KnownAllAsync()).Where(face => face.View is { IsMine: true, IsHeld: true });
        foreach (var (key, id) in await LockReleaseCommand.TheseAndWantedAsync(desk, held))
        {
            ends.Add(await LockReleaseCommand.ReleaseAsync(site, desk, key, id, leaveUnpushed: true, cancellationToken));
        }

        var worst = ends.MaxBy(end => end.ExitCode)!;
        return pushed with
        {
            ExitCode = worst.ExitCode,
            Status = worst.ExitCode == pushed.ExitCode ? pushed.Status : worst.Status,
            Error = worst.Error,
            ErrorLines = worst.ErrorLines,
            Lines = [.. ends.SelectMany(end => end.Lines)],
            Warnings = [.. ends.SelectMany(end => end.Warnings)],
        };
    }
}
