using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Transfer;

/// <summary>What stands in the work tree and would be in a pull's way.</summary>
internal sealed class WorkTree(IGit git, Project project)
{
    /// <summary>An unfinished operation of Git, its file, and how to end it.</summary>
    private static readonly (string File, string What, string Hint)[] _unfinished =
    [
        ("rebase-merge", "A rebase", "Finish it with 'git rebase --continue' or take it back with 'git rebase --abort'."),
        ("rebase-apply", "A rebase", "Finish it with 'git rebase --continue' or take it back with 'git rebase --abort'."),
        ("MERGE_HEAD", "A merge", "Finish it with 'git commit' or take it back with 'git merge --abort'."),
        ("CHERRY_PICK_HEAD", "A cherry-pick", "Finish it with 'git cherry-pick --continue' or take it back with 'git cherry-pick --abort'."),
        ("REVERT_HEAD", "A revert", "Finish it with 'git revert --continue' or take it back with 'git revert --abort'."),
        ("BISECT_LOG", "A bisection", "End it with 'git bisect reset'."),
    ];

    /// <summary>Why the work tree may not be touched at all now, or null.</summary>
    public async Task<RemoteFailure?> BusyAsync(CancellationToken cancellationToken)
    {
        var folder = (await TextAsync(cancellationToken, "rev-parse", "--absolute-git-dir")).TrimEnd('\n');
        var held = Path.Combine(folder, "index.lock");
        if (File.Exists(held))
        {
            return new RemoteFailure(FailureCategory.Contention, "Another Git works in this project's folder at this moment.")
            {
                Hint = $"If none does, it was killed: remove {held} and try again.",
            };
        }

        var (file, what, hint) = _unfinished.FirstOrDefault(one => Path.Exists(Path.Combine(folder, one.File)));
        return file is null ? null : Refused($"{what} is unfinished in this project's folder; nothing was changed.", hint);
    }

    /// <summary>Files that Git knows and that are changed here, or staged, against the commit that is checked out.</summary>
    public async Task<IReadOnlyCollection<string>> ChangedAsync(CancellationToken cancellationToken)
    {
        var text = await TextAsync(cancellationToken, "status", "--porcelain=v1", "-z", "--untracked-files=no", "--no-renames", "--ignore-submodules=none");
        return [.. text.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(line => line[3..])];
    }

    /// <summary>Files that differ between two commits; from null: all files of the second.</summary>
    /// <returns>Each path, and whether only the second commit has it.</returns>
    public async Task<IReadOnlyDictionary<string, bool>> BetweenAsync(string? from, string to, CancellationToken cancellationToken)
    {
        var paths = new Dictionary<string, bool>(StringComparer.Ordinal);
        if (from is null)
        {
            foreach (var path in (await TextAsync(cancellationToken, "ls-tree", "-r", "-z", "--name-only", "--full-tree", to)).Split('\0', StringSplitOptions.RemoveEmptyEntries))
                paths[path] = true;
            return paths;
        }

        var parts = (await TextAsync(cancellationToken, "diff-tree", "-r", "-z", "--name-status", "--no-renames", from, to)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i + 1 < parts.Length; i += 2)
            paths[parts[i + 1]] = parts[i] == "A";
        return paths;
    }

    /// <summary>Files here that Git does not know, ignored ones too, where a pull would put files of its own.</summary>
    /// <param name="incoming">What would change, as <see cref="BetweenAsync"/> tells it.</param>
    public IReadOnlyList<string> InTheWay(IReadOnlyDictionary<string, bool> incoming)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in incoming.Where(one => one.Value).Select(one => one.Key))
        {
            var full = Path.Combine(project.Root, path);
            if (File.Exists(full) || (Directory.Exists(full) && Strangers(full, incoming).Any()))
                found.Add(path);
            else if (FileAbove(path) is { } above && !incoming.ContainsKey(above))
                found.Add(above);
        }

        return [.. found];
    }

    /// <summary>Files under a folder that the pull would not remove itself.</summary>
    private IEnumerable<string> Strangers(string folder, IReadOnlyDictionary<string, bool> incoming) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => !incoming.ContainsKey(Path.GetRelativePath(project.Root, file).Replace('\\', '/')));

    /// <summary>The file that stands where a path needs a folder, or null.</summary>
    private string? FileAbove(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            if (File.Exists(Path.Combine(project.Root, path[..slash])))
                return path[..slash];
        }

        return null;
    }

    /// <summary>The refusal that names the files because of which nothing was done.</summary>
    public static RemoteFailure Refused(string message, string hint, IReadOnlyCollection<string>? paths = null)
    {
        const int Shown = 5;
        var names = paths is null ? "" : "\n" + string.Join('\n', paths.Take(Shown).Select(path => "  " + path)) + (paths.Count > Shown ? $"\n  and {paths.Count - Shown} more" : "");
        return new RemoteFailure(FailureCategory.Diverged, message + names) { Code = VcsErrors.LocalChanges, Hint = hint };
    }

    private async Task<string> TextAsync(CancellationToken cancellationToken, params IReadOnlyList<string> words)
    {
        var result = await git.RunAsync(new GitCall(project.Root, words) { Timeout = null }, cancellationToken);
        return result.ExitCode == 0 ? result.Text : throw new VcsException(GitFailures.Judge(result));
    }
}
