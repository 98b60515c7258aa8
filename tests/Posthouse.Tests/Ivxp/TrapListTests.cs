using System.Text.RegularExpressions;
using Posthouse.Tests.House;

namespace Posthouse.Tests.Ivxp;

/// <summary>The list of traps is true: every row names tests, and they exist.</summary>
public sealed partial class TrapListTests
{
    private const string List = "tests/Posthouse.Tests/Ivxp/TRAPS.md";

    [Fact]
    public void Every_row_of_the_list_names_tests_that_exist()
    {
        var rows = Tree.Read(List).Text.Split('\n').Where(line => line.StartsWith('|')).Skip(2).Select(line => line.Trim('|', ' ').Split(" | ")).ToList();
        rows.Count.ShouldBe(27);
        var sources = Tree.Read(path => path.StartsWith("tests/", StringComparison.Ordinal) && path.EndsWith("Tests.cs", StringComparison.Ordinal)).ToList();
        foreach (var row in rows)
        {
            row.Length.ShouldBe(3, row[0]);
            var tests = Named().Matches(row[2]);
            tests.ShouldNotBeEmpty(row[0]);
            foreach (Match test in tests)
                sources.ShouldContain(source => Proves(source, test.Groups[1].Value, test.Groups[2].Value), test.Value);
        }
    }

    [Theory]
    [InlineData("[Fact]\n    public void Holds()", true)]
    [InlineData("[Theory]\n    [InlineData(1)]\n    public async Task Holds(int n)", true)]
    [InlineData("    private static void Holds()", false)]
    [InlineData("[Fact]\n    public void Holds_not()", false)]
    public void A_method_counts_only_if_it_is_a_test(string source, bool expected) => Proves(new TextFile("tests/a/SomeTests.cs", source), "SomeTests", "Holds").ShouldBe(expected);

    private static bool Proves(TextFile source, string type, string method) => source.Name == type + ".cs"
        && Regex.IsMatch(source.Text, $@"\[(Fact|Theory)\]\s+(\[[^\n]*\](\s*//[^\n]*)?\s+)*public (async Task|Task|void) {Regex.Escape(method)}\(");

    [GeneratedRegex("`([A-Za-z]+Tests)\\.([A-Za-z0-9_]+)`")]
    private static partial Regex Named();
}
