namespace Posthouse.Generator.Tests;

/// <summary>The documents say what the code does.</summary>
public sealed class DocumentTests
{
    private static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Posthouse.slnx")))
            {
                folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests run outside the repository.");
            }

            return folder;
        }
    }

    [Fact]
    public void The_table_of_diagnostics_is_the_codes() =>
        Rows("docs/generator.md").Select(r => (r[0], r[1])).ShouldBe(Declared());

    [Fact]
    public void The_release_notes_of_the_analyzer_are_the_codes() =>
        Rows("src/Posthouse.Generator/AnalyzerReleases.Unshipped.md").Select(r => (r[0], r[2])).ShouldBe(Declared());

    [Fact]
    public void Each_explanation_says_what_to_do() => Rows("docs/generator.md").ShouldAllBe(r => r.Length == 4 && r[2].Length > 10 && r[3].Length > 10);

    private static IEnumerable<(string, string)> Declared() =>
        Mistakes.All.OrderBy(d => d.Id, StringComparer.Ordinal).Select(d => (d.Id, d.DefaultSeverity.ToString()));

    private static string[][] Rows(string file) =>
    [
        .. File.ReadAllLines(Path.Combine(Root, file)).Select(line => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells[0].StartsWith("PH", StringComparison.Ordinal)),
    ];
}
