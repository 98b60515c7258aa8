using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Doctor;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse doctor</c>: looks at everything that locks and sync stand on, and says what to do where something is wrong.</summary>
internal static class DoctorCommand
{
    public static Command Create(TimeProvider time)
    {
        var looksOnly = new Option<bool>("--look-only") { Description = "Changes nothing: leaves what abandoned pushes left on the remote" };
        var command = new Command("doctor", "Looks at Git, the disk, the remote and its locks, and says what is wrong") { looksOnly };
        GitSite.AddFlagsTo(command);
        command.Options.Add(VcsFlags.RemoteOption);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var site = GitSite.Of(parsed, time);
            var findings = new List<Finding>();
            await foreach (var finding in FindAsync(parsed, site, time, parsed.GetValue(looksOnly), cancellationToken))
            {
                findings.Add(finding);
                Say(site, finding);
            }

            var broken = findings.Count(finding => finding.Health == Health.Broken);
            var exit = broken == 0 ? ExitCodes.Done : ExitCodes.Failed;
            if (site.Json) { site.Output.WriteLine(Document(findings, exit)); }
            site.Say("");
            var notable = findings.Count(finding => finding.Health == Health.Notable);
            site.Say(broken == 0
                ? notable == 0 ? $"{site.Terminal.DoneMark} Everything works." : string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.WarningMark} It works, with {notable} thing(s) to look at.")
                : string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.FailedMark} {broken} thing(s) do not work."));
            return exit;
        });
        return command;
    }

    private static async IAsyncEnumerable<Finding> FindAsync(
        ParseResult parsed, GitSite site, TimeProvider time, bool looksOnly, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var places = Places.OfProcess(site.Folder);
        await foreach (var finding in new MachineExam(site.Git, site.Folder, places.Pocket).RunAsync(cancellationToken)) { yield return finding; }

        var (project, missing) = await OpenAsync(parsed, time, cancellationToken);
        if (missing is not null) { yield return missing; }
        if (project is null) { yield break; }

        await using (project)
        {
            yield return new Finding("project", Health.Good, project.Project.Root);
            var known = new KnownProject(project.Project.CloneId, project.Project.Root, project.Project.Remote, project.Address, time.GetUtcNow());
            yield return QueueExam.Judge(await project.Store.ReadAsync(read => ProjectQueue.Count(read, [known])), time.GetUtcNow());
            var tolerance = project.Configuration.Duration(ConfigurationKeys.LocksClockSkewTolerance);
            var within = project.Configuration.Duration(ConfigurationKeys.NetworkProbeTimeout);
            var exam = new RemoteExam(project.Git, project.Project, project.Policy, tolerance, time, looksOnly)
            {
                Folder = project.Flags.Folder,
                IsSilent = ends => RemoteReach.IsSilentAsync(project.Remote, within, time, ends),
                LocksElsewhere = LockBackend.Elsewhere(project.Configuration),
            };
            await foreach (var finding in exam.RunAsync(cancellationToken)) { yield return finding; }
        }
    }

    private static async Task<(ProjectSite? Project, Finding? Missing)> OpenAsync(ParseResult parsed, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return (await ProjectSite.OpenAsync(parsed, time, cancellationToken), null);
        }
        catch (PosthouseException none)
        {
            // Outside of a project there is nothing wrong; a project that nobody can share is half made.
            var lines = none.Message.Split('\n', 2);
            return (null, new Finding("project", none.Code == VcsErrors.NotAProject ? Health.Skipped : Health.Broken, lines[0], lines.Length > 1 ? lines[1].Trim() : null));
        }
    }

    private static void Say(GitSite site, Finding finding)
    {
        var mark = finding.Health switch
        {
            Health.Good => site.Terminal.DoneMark,
            Health.Skipped => site.Terminal.NoteMark,
            Health.Notable => site.Terminal.WarningMark,
            _ => site.Terminal.FailedMark,
        };
        site.Say($"{mark} {finding.Name}: {finding.Text}");
        if (finding.Hint is { } hint) { site.Say("    " + hint); }
    }

    private static string Document(List<Finding> findings, int exit) =>
        new Envelope("doctor", exit == ExitCodes.Done ? "done" : "broken", exit)
        {
            Data = json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("findings");
                foreach (var finding in findings)
                {
                    json.WriteStartObject();
                    json.WriteString("name", finding.Name);
                    json.WriteString("health", finding.Word);
                    json.WriteString("text", finding.Text);
                    json.WriteString("hint", finding.Hint);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            },
            Warnings = [.. findings.Where(finding => finding.Health == Health.Notable).Select(finding => $"{finding.Name}: {finding.Text}")],
        }.Text();
}
