using System.Diagnostics;

namespace Posthouse.Tests.House;

/// <summary>One text file of the repository; <see cref="Path"/> is relative to the root, with forward slashes.</summary>
internal sealed record TextFile(string Path, string Text)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public string[] Segments => Path.Split('/');
}

/// <summary>The repository as Git sees it: what is tracked, and what would be if it were added now.</summary>
internal static class Tree
{
    private static readonly Lazy<string> _root = new(FindRoot);
    private static readonly Lazy<IReadOnlyList<string>> _files = new(ListFiles);

    public static string Root => _root.Value;

    public static IReadOnlyList<string> Files => _files.Value;

    public static TextFile Read(string path) => new(path, File.ReadAllText(Path.Combine(Root, path)));

    public static IEnumerable<TextFile> Read(Func<string, bool> which) => Files.Where(which).Select(Read);

    /// <summary>The sources that ship: every C# file under <c>src</c>.</summary>
    public static IEnumerable<TextFile> Sources() =>
        Read(path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal));

    public static IEnumerable<TextFile> Projects() => Read(path => path.EndsWith(".csproj", StringComparison.Ordinal));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Posthouse.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run from inside the repository's artifacts folder.");
        }

        return folder.FullName;
    }

    private static List<string> ListFiles()
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = Root, RedirectStandardOutput = true };
        foreach (var argument in (string[])["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            start.ArgumentList.Add(argument);
        }

        using var git = Process.Start(start)!;
        var listed = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        git.ExitCode.ShouldBe(0);

        // A file that is removed but not yet staged is still listed.
        return [.. listed.Split('\0', StringSplitOptions.RemoveEmptyEntries).Distinct().Where(path => File.Exists(Path.Combine(Root, path))).Order(StringComparer.Ordinal)];
    }
}
