using System.Text.RegularExpressions;

namespace Posthouse.Tests.House;

/// <summary>
/// The law of projects. A project exists because it is (a) a capability someone installs alone, (b) an optional
/// third-party dependency, (c) another host or target, (d) the executable, (e) tests, benchmarks or samples; never
/// because it is a layer. Capabilities never see each other.
/// </summary>
internal static partial class ProjectLaw
{
    /// <summary>Each project with its reason and the projects it may refer to.</summary>
    private static readonly Dictionary<string, (char Reason, string[] MaySee)> _projects = new(StringComparer.Ordinal)
    {
        ["Posthouse"] = ('a', ["Posthouse.Generator"]),
        ["Posthouse.Generator"] = ('c', []),
        ["Posthouse.Ivxp"] = ('a', ["Posthouse", "Posthouse.Generator"]),
        ["Posthouse.Vcs"] = ('a', ["Posthouse", "Posthouse.Generator"]),
        ["Posthouse.Mesh"] = ('a', ["Posthouse"]),
        ["Posthouse.Postgres"] = ('b', ["Posthouse"]),
        ["Posthouse.Redis"] = ('b', ["Posthouse", "Posthouse.Mesh"]),
        ["Posthouse.AspNetCore"] = ('c', ["Posthouse", "Posthouse.Ivxp", "Posthouse.Mesh"]),
        ["Posthouse.Cli"] = ('d', ["Posthouse", "Posthouse.Ivxp", "Posthouse.Vcs", "Posthouse.Mesh", "Posthouse.Redis", "Posthouse.Postgres", "Posthouse.AspNetCore"]),
        ["Posthouse.Tests"] = ('e', ["*"]),
        ["Posthouse.Tests.Prober"] = ('e', ["Posthouse", "Posthouse.Ivxp", "Posthouse.Vcs", "Posthouse.Mesh", "Posthouse.Postgres"]),
        ["Posthouse.Generator.Tests"] = ('e', ["*"]),
        ["Posthouse.SystemTests"] = ('e', ["*"]),
        ["Posthouse.Benchmarks"] = ('e', ["*"]),
        ["Posthouse.Coverage"] = ('e', []),
        ["CsvReports"] = ('e', ["Posthouse.AspNetCore"]),
        ["OfflineChat"] = ('e', ["Posthouse", "Posthouse.Generator"]),
        ["OfflineChat.Server"] = ('e', []),
    };

    public static IEnumerable<string> Breaches(TextFile project)
    {
        var name = project.Name[..^".csproj".Length];
        if (!_projects.TryGetValue(name, out var law))
        {
            return [$"{project.Path} has no reason to exist in {nameof(ProjectLaw)}"];
        }

        return from reference in ProjectReference().Matches(project.Text)
               let target = reference.Groups["name"].Value
               where !law.MaySee.Contains(target) && !law.MaySee.Contains("*")
               select $"{project.Path} refers to {target}; it may see {string.Join(", ", law.MaySee)}";
    }

    /// <summary>Settings that switch a law of the house off for a whole project.</summary>
    public static IEnumerable<string> SilencedLaws(TextFile project) =>
        from off in Silenced().Matches(project.Text) select $"{project.Path} says {off.Value}";

    [GeneratedRegex(@"<ProjectReference\s+Include=""[^""]*?(?<name>[^/\\""]+)\.csproj""")]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"<NoWarn>[^<]*1591[^<]*</NoWarn>|<GenerateDocumentationFile>\s*false|<TreatWarningsAsErrors>\s*false|<Nullable>\s*disable")]
    private static partial Regex Silenced();
}
