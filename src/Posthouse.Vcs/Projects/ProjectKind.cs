namespace Posthouse.Vcs.Projects;

/// <summary>A program whose projects are known: by what, and which of its files nobody needs to share.</summary>
/// <param name="Name">The program.</param>
/// <param name="Extension">Its project's ending.</param>
/// <param name="IsFolder">Whether the project is a folder (a package) and no single file.</param>
/// <param name="Ignored">What it makes anew by itself: bounces, freeze files, autosaves, caches. Rules of <c>.gitignore</c>.</param>
/// <param name="Binary">What can be neither compared nor merged line by line. Patterns of <c>.gitattributes</c>.</param>
internal sealed record ProjectKind(string Name, string Extension, bool IsFolder, IReadOnlyList<string> Ignored, IReadOnlyList<string> Binary)
{
    /// <summary>A package of Logic Pro. Its <c>Alternatives</c> hold the arrangement itself and are kept.</summary>
    public static ProjectKind Logic { get; } = new("Logic Pro", ".logicx", IsFolder: true,
        ["Bounces/", "Freeze Files/", "Freeze Files.nosync/", "Autosave/", "Project File Backups/", "Undo Data.nosync/"], ["**/*.logicx/**"]);

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<ProjectKind> All { get; } =
    [
        Logic,
        new("Final Cut Pro", ".fcpbundle", IsFolder: true, ["Render Files/", "Transcoded Media/", "Analysis Files/", "__BACKUP/"], ["**/*.fcpbundle/**"]),
        new("Ableton Live", ".als", IsFolder: false, ["Backup/", "Samples/Processed/Freeze/", "*.asd"], ["*.als", "*.alc", "*.adg", "*.amxd"]),
        new("Pro Tools", ".ptx", IsFolder: false, ["Session File Backups/", "Bounced Files/", "Rendered Files/", "*.wfm"], ["*.ptx"]),
    ];

    /// <summary>What every system leaves behind.</summary>
    public static IReadOnlyList<string> IgnoredEverywhere { get; } = [".DS_Store", "Thumbs.db"];

    /// <summary>Sound and film, whichever program wrote it.</summary>
    public static IReadOnlyList<string> BinaryEverywhere { get; } =
        ["*.wav", "*.aif", "*.aiff", "*.caf", "*.flac", "*.mp3", "*.m4a", "*.ogg", "*.mid", "*.mov", "*.mp4", "*.mxf"];

    /// <summary>The projects in a folder and in the folders right below it: two levels are where people keep them.</summary>
    /// <returns>Each with its path relative to the folder, <c>.</c> for the folder itself, in the order of their names.</returns>
    public static IReadOnlyList<(ProjectKind Kind, string Path)> In(string root)
    {
        if (Of(root) is { } whole)
            return [(whole, ".")];
        var found = new List<(ProjectKind Kind, string Path)>();
        foreach (var near in Entries(root))
        {
            if (Of(near) is { } kind)
                found.Add((kind, near));
            else if (Directory.Exists(near))
                found.AddRange(Entries(near).Select(entry => (Kind: Of(entry), entry)).Where(one => one.Kind is not null).Select(one => (one.Kind!, one.entry)));
        }

        return [.. found.Select(one => (one.Kind, Path.GetRelativePath(root, one.Path).Replace('\\', '/'))).OrderBy(one => one.Item2, StringComparer.Ordinal)];
    }

    /// <summary>The kind of project that a path is, or null.</summary>
    public static ProjectKind? Of(string path) => All.FirstOrDefault(kind =>
        Path.TrimEndingDirectorySeparator(path).EndsWith(kind.Extension, StringComparison.OrdinalIgnoreCase) && (kind.IsFolder ? Directory.Exists(path) : File.Exists(path)));

    private static IEnumerable<string> Entries(string folder) =>
        Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(entry => Path.GetFileName(entry) is not (".git" or ".posthouse"));
}
