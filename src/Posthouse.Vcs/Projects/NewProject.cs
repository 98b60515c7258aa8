using System.Text;
using Posthouse.Vcs.Git;

namespace Posthouse.Vcs.Projects;

/// <summary>Rules that would be added to a file.</summary>
/// <param name="Name">The file's name in the root.</param>
/// <param name="Rules">The rules that it lacks.</param>
internal sealed record ProposedRules(string Name, IReadOnlyList<string> Rules);

/// <summary>
/// Makes a folder a project: a Git repository, a folder <c>.posthouse</c>, rules for what the project's program makes by itself.
/// What is there is used as it is.
/// </summary>
/// <param name="git">Git.</param>
internal sealed class NewProject(IGit git)
{
    private const string Settings = """
        {
          // What everybody who works on this project shares, for example: "Locks": { "Timeout": "08:00:00" }
          // 'posthouse config list' shows all keys and whose value counts: this file's before your own, the command line's before both.
        }

        """;

    /// <summary>Finds the repository around a folder, or makes one in it.</summary>
    /// <returns>Its root, and whether it was made.</returns>
    /// <exception cref="PosthouseException">NOT_A_PROJECT: a bare repository or Git's own folder; GIT_MISSING or LOCAL_FAILURE.</exception>
    public async Task<(string Root, bool IsNew)> RepositoryAsync(string folder, CancellationToken cancellationToken)
    {
        var kind = await git.RunAsync(new GitCall(folder, "rev-parse", "--is-bare-repository"), cancellationToken);
        if (kind.ExitCode == 0)
            return ((await ProjectFinder.PlaceAsync(git, folder, cancellationToken)).Root, false);

        // Whoever set a name for first branches keeps it; Git's own is on its way from one to another.
        var named = await git.RunAsync(new GitCall(folder, "config", "--get", "init.defaultBranch"), cancellationToken);
        await DoAsync(named.ExitCode == 0 ? new GitCall(folder, "init", "--quiet") : new GitCall(folder, "init", "--quiet", "--initial-branch=main"), cancellationToken);
        return ((await ProjectFinder.PlaceAsync(git, folder, cancellationToken)).Root, true);
    }

    /// <summary>Refuses what can be no remote's address.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: it begins with a dash, or has a line break.</exception>
    public static void RequireAddress(string url)
    {
        if (url.StartsWith('-') || url.AsSpan().ContainsAny('\n', '\0'))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "The remote's address begins with a dash or has a line break; that is none.");
    }

    /// <summary>Adds the remote.</summary>
    /// <returns>Whether it was added; false where it is there with this very address.</returns>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: it is there with another address, or this is no address.</exception>
    public async Task<bool> RemoteAsync(string root, string name, string url, CancellationToken cancellationToken)
    {
        RequireAddress(url);
        var known = await git.RunAsync(new GitCall(root, "config", "--get", $"remote.{name}.url"), cancellationToken);
        if (known.ExitCode == 0)
        {
            return known.Text.TrimEnd('\n') == url ? false : throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"The remote '{name}' is {Secrets.Strip(known.Text.TrimEnd('\n'))} already. Say 'git remote set-url {name} URL' to change it, or 'posthouse remote add' for another.");
        }

        await DoAsync(new GitCall(root, "remote", "add", "--", name, url), cancellationToken);
        return true;
    }

    /// <summary>Makes the project's folder with a file of settings that sets nothing.</summary>
    /// <returns>Whether it was made.</returns>
    public static bool WriteSettings(string root)
    {
        var folder = Directory.CreateDirectory(Path.Combine(root, ".posthouse"));
        var path = Path.Combine(folder.FullName, "config.json");
        if (File.Exists(path))
            return false;
        File.WriteAllText(path, Settings);
        return true;
    }

    /// <summary>What the files of rules lack.</summary>
    public static IReadOnlyList<ProposedRules> Propose(string root, IReadOnlyCollection<ProjectKind> kinds)
    {
        string[] ignored = [.. kinds.SelectMany(kind => kind.Ignored), .. ProjectKind.IgnoredEverywhere];
        string[] binary = [.. kinds.SelectMany(kind => kind.Binary).Concat(ProjectKind.BinaryEverywhere).Select(pattern => pattern + " binary")];
        ProposedRules[] all = [Lacking(root, ".gitignore", ignored), Lacking(root, ".gitattributes", binary)];
        return [.. all.Where(one => one.Rules.Count > 0)];
    }

    /// <summary>Puts rules behind what a file has.</summary>
    public static void Write(string root, ProposedRules proposed, IReadOnlyCollection<ProjectKind> kinds)
    {
        var whose = string.Join(", ", kinds.Select(kind => kind.Name).DefaultIfEmpty("sound and film"));
        var title = proposed.Name == ".gitignore" ? $"{whose}: made anew by the program, so not shared" : $"{whose}: neither compared nor merged line by line";
        File.AppendAllText(Path.Combine(root, proposed.Name), RuleFile.Addition(Read(root, proposed.Name), title, proposed.Rules), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    private static ProposedRules Lacking(string root, string name, string[] rules) => new(name, RuleFile.Missing(Read(root, name), rules));

    private static string Read(string root, string name) => Path.Combine(root, name) is var path && File.Exists(path) ? File.ReadAllText(path) : "";

    private async Task DoAsync(GitCall call, CancellationToken cancellationToken)
    {
        var answer = await git.RunAsync(call, cancellationToken);
        if (answer.ExitCode != 0)
            throw new VcsException(GitFailures.Judge(answer));
    }
}
