using System.Text.RegularExpressions;

namespace Posthouse.Tests.House;

/// <summary>Laws of the tree as a whole: what stands at the root, what no file may give away.</summary>
internal static partial class TreeLaws
{
    /// <summary>What is at the root without standing in <c>root.txt</c>, whose lines are a name and a reason.</summary>
    public static IEnumerable<string> UnlistedAtRoot(IEnumerable<string> files, string list)
    {
        var listed = list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
        return files.Select(path => path.Split('/')[0]).Distinct().Where(name => !listed.Contains(name));
    }

    /// <summary>Paths of one machine and names of package mirrors: true where they were written, wrong everywhere else.</summary>
    public static IEnumerable<string> MachineTraces(TextFile file) =>
        from trace in Trace().Matches(file.Text)
        select $"{file.Path} gives away a machine: {trace.Value}";

    // The public NuGet feed is the one host that may be named, and only the NuGet settings need to.
    [GeneratedRegex("""(?<![\w.:/\-])(/root/|/home/[a-z]+/|/Users/[A-Za-z]+/)|[A-Z]:\\Users\\|"resolved":\s*"https?:|registry\.npmjs\.org|(?<!https://)api\.nuget\.org""")]
    private static partial Regex Trace();
}
