using Posthouse.Storage;
using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Hosting;

/// <summary>The path that a person wrote, as the project calls it. The file need not be there: a lock outlives what it locks.</summary>
internal static class ResourcePath
{
    /// <summary>Hidden names are names; a folder that may not be read has none.</summary>
    private static readonly EnumerationOptions _all = new() { AttributesToSkip = 0 };

    /// <summary>The resource of a path.</summary>
    /// <param name="root">The project's root, in full and without links.</param>
    /// <param name="folder">The folder that the path is relative to, in full.</param>
    /// <param name="given">The path; null: the whole project.</param>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: it is outside of the project, or no path.</exception>
    public static ResourceKey Of(string root, string folder, string? given)
    {
        if (given is null) { return ResourceKey.Of(ResourceKey.WholeProject); }
        if (given.Contains('\0', StringComparison.Ordinal) || given.Length == 0) { throw new PosthouseException(ErrorCodes.OptionsInvalid, "An empty path cannot be locked; leave it out for the whole project."); }

        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(given, folder));
        // Git knows a file by the folder that it really lies in. What a link takes out of the project is called as it is here.
        var relative = Path.GetRelativePath(root, Real(full));
        if (IsOutside(relative)) { relative = Path.GetRelativePath(root, full); }
        if (IsOutside(relative)) { throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{given}' is outside of the project {root}; only what is inside of it can be locked."); }
        if (Path.DirectorySeparatorChar != '\\' && relative.Contains('\\', StringComparison.Ordinal))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{given}' has a \\ in its name, which is a separator to others, so it cannot be locked; lock the folder that it is in.");
        }

        return relative.Split(Path.DirectorySeparatorChar)[0].Equals(".git", StringComparison.OrdinalIgnoreCase)
            ? throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{given}' is Git's own and is never pushed, so it cannot be locked.")
            : ResourceKey.Of(Spelled(root, relative));
    }

    /// <summary>Whether the resource is there, in whatever letters and bytes its name is spelled on disk.</summary>
    public static bool IsThere(string root, ResourceKey key) =>
        key.Path == ResourceKey.WholeProject || Path.Exists(Path.Combine(root, Spelled(root, Native(key.Path))));

    /// <summary>
    /// The resource as the next word of a verb that is typed in a folder, quoted for the shell, with the blank before it; nothing for the
    /// whole project. The way back from what <see cref="Of"/> makes of a path.
    /// </summary>
    /// <param name="root">The project's root, in full and without links.</param>
    /// <param name="folder">The folder that verbs read paths from, in full.</param>
    /// <param name="path">The resource's path.</param>
    public static string Word(string root, string folder, string path)
    {
        if (path == ResourceKey.WholeProject) { return ""; }

        // Through a link the way up from a folder is another one.
        var full = Path.Combine(root, Native(path));
        var near = Canonical(folder) == folder ? Path.GetRelativePath(folder, full) : full;
        if (near.StartsWith('-')) { near = "./" + near; }
        return " " + Quoted(near);
    }

    /// <summary>A path as one word of a shell.</summary>
    // What a shell changes between double quotes no name on Windows has, or nobody there can quote it in all shells.
    public static string Quoted(string path) =>
        Path.DirectorySeparatorChar == '\\' || !path.AsSpan().ContainsAny("\"$`\\!") ? $"\"{path}\"" : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Native(string path) => path.Replace('/', Path.DirectorySeparatorChar);

    /// <summary>The path without links to folders; a link to a file stays, for Git keeps it as one.</summary>
    private static string Real(string full) =>
        Directory.Exists(full) || Path.GetDirectoryName(full) is not { } parent ? Canonical(full) : Path.Combine(Canonical(parent), Path.GetFileName(full));

    private static string Canonical(string full)
    {
        for (var (path, tail) = (full, ""); true;)
        {
            if (Directory.Exists(path) || File.Exists(path)) { return Path.Combine(Durable.Canonical(path), tail); }
            if (Path.GetDirectoryName(path) is not { } parent) { return full; }
            (path, tail) = (parent, Path.Combine(Path.GetFileName(path), tail));
        }
    }

    /// <summary>The path as it is spelled on disk, where it is there in other letters only: to a lock the two are one file.</summary>
    private static string Spelled(string root, string relative)
    {
        var found = root;
        foreach (var name in relative.Split(Path.DirectorySeparatorChar))
        {
            var here = Path.Combine(found, name);
            found = Path.Exists(here) || !Directory.Exists(found) ? here
                : Directory.EnumerateFileSystemEntries(found, "*", _all).FirstOrDefault(entry => IsSame(Path.GetFileName(entry), name)) ?? here;
        }

        return Path.GetRelativePath(root, found);
    }

    /// <summary>Whether two names in one folder are one to a lock; a name with a line break or a separator of others is none.</summary>
    private static bool IsSame(string one, string other) => !one.AsSpan().ContainsAny('\n', '\r', '\\') && ResourceKey.Of("./" + one) == ResourceKey.Of("./" + other);

    private static bool IsOutside(string relative) =>
        relative == ".." || relative.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal) || Path.IsPathRooted(relative);
}
