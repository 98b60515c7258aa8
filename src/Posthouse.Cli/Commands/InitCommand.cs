using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse init [--logic PATH] [--remote URL]</c>: makes a folder a project that others can share.</summary>
internal static class InitCommand
{
    public static Command Create(TimeProvider time)
    {
        var logic = new Option<string?>("--logic") { Description = "The Logic Pro project, a folder NAME.logicx in this one; otherwise projects are looked for", HelpName = "PATH" };
        var remote = new Option<string?>("--remote") { Description = "The address that the project is shared through", HelpName = "URL" };
        var yes = new Option<bool>("--yes") { Description = "Adds the proposed rules to .gitignore and .gitattributes without asking" };
        var command = new Command("init", "Makes this folder a project that others can share") { logic, remote, yes };
        GitSite.AddFlagsTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var site = GitSite.Of(parsed, time);
            if (!Directory.Exists(site.Folder)) { throw new PosthouseException(ErrorCodes.OptionsInvalid, $"There is no folder {site.Folder}."); }

            var project = new NewProject(site.Git);
            var named = parsed.GetValue(logic) is { } path ? LogicIn(site.Folder, path) : null;
            var address = parsed.GetValue(remote);
            if (address is not null) { NewProject.RequireAddress(address); }
            var (root, isNew) = await project.RepositoryAsync(site.Folder, cancellationToken);
            var addedRemote = address is not null && await project.RemoteAsync(root, "origin", address, cancellationToken);
            var wroteSettings = NewProject.WriteSettings(root);
            var found = ProjectKind.In(root).ToList();
            if (named is not null && found.All(one => Path.GetFullPath(one.Path, root) != named)) { found.Insert(0, (ProjectKind.Logic, Path.GetRelativePath(root, named).Replace('\\', '/'))); }

            var kinds = found.Select(one => one.Kind).Distinct().ToList();
            var proposed = NewProject.Propose(root, kinds);
            var writes = proposed.Count > 0 && (parsed.GetValue(yes) || Agrees(site, proposed));
            if (writes) { foreach (var one in proposed) { NewProject.Write(root, one, kinds); } }

            // The project's own file is only being made, and what stands there already is not judged here.
            var configuration = Configuration.Load(Places.OfProcess(root) with { Project = null }, [], parsed.GetValue(CommandLine.Set) ?? []);
            if (LockBackend.Prepare(configuration) is { } locks) { site.Say($"{site.Terminal.DoneMark} Locks are kept in {locks}"); }

            var hasRemote = (await site.Git.RunAsync(new GitCall(root, "remote"), cancellationToken)).Text.Length > 0;
            var made = new InitText(root, isNew, wroteSettings, addedRemote ? Secrets.Strip(address!) : null, hasRemote, found, proposed, writes);
            if (site.Json) { site.Output.WriteLine(new Envelope("init", "done", ExitCodes.Done) { Data = made.Write }.Text()); }
            else { foreach (var line in made.Lines(site.Terminal)) { site.Say(line); } }

            return ExitCodes.Done;
        });
        return command;
    }

    private static string LogicIn(string folder, string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, folder));
        if (ProjectKind.Of(full) != ProjectKind.Logic)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{full} is no Logic Pro project: that is a folder whose name ends with {ProjectKind.Logic.Extension}.");
        }

        return full == folder || full.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? full : throw new PosthouseException(
            ErrorCodes.OptionsInvalid, $"{full} is not in {folder}. Go to the folder that is to be shared, or name it with -C {Path.GetDirectoryName(full)}.");
    }

    private static bool Agrees(GitSite site, IReadOnlyList<ProposedRules> proposed)
    {
        if (!site.Terminal.IsInteractive) { return false; }

        foreach (var one in proposed)
        {
            site.Say($"{one.Name} would get:");
            foreach (var rule in one.Rules) { site.Say("  " + rule); }
        }

        site.Output.Write("Add these rules? [Y/n] ");
        return Console.In.ReadLine() is { } answer && (answer.Trim().Length == 0 || char.ToLowerInvariant(answer.Trim()[0]) == 'y');
    }
}
