using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Git;

namespace Posthouse.Vcs.Projects;

/// <summary>Finds the project that a folder is in. Asks Git, which knows work trees, links and safe folders better than any walk upwards.</summary>
internal static class ProjectFinder
{
    /// <summary>The project around a folder, and its remote.</summary>
    /// <param name="git">Git.</param>
    /// <param name="folder">Any folder of the work tree. A submodule is a project of its own; a second work tree of a clone is that same clone.</param>
    /// <param name="remoteName">The remote's name, for example <c>origin</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="PosthouseException">
    /// NOT_A_PROJECT: no work tree is here; NO_REMOTE: it has no remote of that name; REMOTE_UNSUPPORTED: the remote has several push
    /// addresses; GIT_MISSING; LOCAL_FAILURE: Git refuses the folder.
    /// </exception>
    public static async Task<Project> FindAsync(IGit git, string folder, string remoteName, CancellationToken cancellationToken)
    {
        var place = await PlaceAsync(git, folder, cancellationToken);
        var url = await PushUrlAsync(git, place.Root, remoteName, cancellationToken);
        return new Project(place.Root, place.GitFolder, CloneId.At(CloneId.Of(place.GitFolder, SystemIds.Instance), remoteName), remoteName, url);
    }

    /// <summary>Where the work tree and Git's folder are, without looking at remotes.</summary>
    /// <exception cref="PosthouseException">NOT_A_PROJECT, GIT_MISSING or LOCAL_FAILURE, as for <see cref="FindAsync"/>.</exception>
    public static async Task<(string Root, string GitFolder)> PlaceAsync(IGit git, string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
            throw new PosthouseException(VcsErrors.NotAProject, $"There is no folder {folder}.");

        // Git answers in this order and ends at the first question that makes no sense here, so one call tells all cases apart.
        var answer = await git.RunAsync(new GitCall(folder, "rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--git-common-dir", "--show-toplevel"), cancellationToken);
        var lines = answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (answer.ExitCode == 0 && lines is ["false", "true", _, _])
            return (Durable.Canonical(lines[3]), Durable.Canonical(Path.GetFullPath(lines[2], folder)));
        throw Explain(folder, lines, answer.Errors);
    }

    private static async Task<string> PushUrlAsync(IGit git, string root, string remoteName, CancellationToken cancellationToken)
    {
        var answer = await git.RunAsync(new GitCall(root, "remote", "get-url", "--push", "--all", remoteName), cancellationToken);
        var urls = answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (answer.ExitCode == 0 && urls is [var url])
            return url;
        if (urls.Length > 1)
        {
            throw new PosthouseException(VcsErrors.RemoteUnsupported,
                $"The remote '{remoteName}' has {urls.Length} push addresses, and a lock can be kept at one only. Keep one with 'git remote set-url --push {remoteName} URL', or name another remote with --remote.");
        }

        var others = (await git.RunAsync(new GitCall(root, "remote"), cancellationToken)).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        throw new PosthouseException(VcsErrors.NoRemote, others.Length == 0
            ? $"This project has no remote yet, so there is nobody to share a lock with. Say 'posthouse remote add {remoteName} URL'."
            : $"This project has no remote '{remoteName}'; it has {string.Join(", ", others)}. Name one with --remote, or say 'posthouse remote add {remoteName} URL'.");
    }

    private static PosthouseException Explain(string folder, string[] lines, string errors) => lines switch
    {
        ["true", ..] => new PosthouseException(VcsErrors.NotAProject, $"{folder} is a bare repository: a place that others push to. Clone it, and work in the clone."),
        ["false", "false", ..] => new PosthouseException(VcsErrors.NotAProject, $"{folder} is inside Git's own folder. Go to the project's folder."),
        ["false", "true", ..] => new PosthouseException(VcsErrors.NotAProject, $"{folder} is in a folder whose name has a line break, which cannot be worked with. Rename it."),
        _ when errors.Contains("not a git repository", StringComparison.Ordinal) =>
            new PosthouseException(VcsErrors.NotAProject, $"{folder} is not inside a project. Go to one, name one with -C DIR, or make this one with 'posthouse init'."),
        _ => new VcsException(new RemoteFailure(FailureCategory.Local, "Git cannot work in " + folder + ".") { Hint = errors.Trim() }),
    };
}
