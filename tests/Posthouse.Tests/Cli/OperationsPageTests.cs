using System.Text.RegularExpressions;
using Posthouse.Cli;
using Posthouse.Tests.House;

namespace Posthouse.Tests.Cli;

/// <summary>What an operator copies from a page at night is there.</summary>
public sealed partial class OperationsPageTests
{
    [Fact]
    public void Each_command_of_the_page_is_one_that_this_program_takes()
    {
        var root = Program.CreateRoot(TimeProvider.System);
        var commands = Commands(Tree.Read("docs/operations.md").Text).ToList();

        commands.Count.ShouldBeGreaterThan(30);
        foreach (var command in commands)
            root.Parse(command).Errors.Select(error => error.Message).Where(error => !error.StartsWith("Required argument missing", StringComparison.Ordinal)).ShouldBeEmpty(string.Join(' ', command));
    }

    [Theory]
    [InlineData("docs/operations.md")]
    [InlineData("docs/telemetry.md")]
    public void Each_series_that_is_named_is_in_the_table(string page)
    {
        var table = Tree.Read("docs/telemetry.md").Text.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal) && line.Split('|').Length == 6)
            .Select(line => line.Split('|')[2].Trim(' ', '`')).ToList();

        Series().Matches(Tree.Read(page).Text).Select(match => match.Value)
            .Where(name => !table.Exists(series => series.StartsWith(name, StringComparison.Ordinal))).ShouldBeEmpty();
    }

    /// <summary>Those of blocks, up to a comment, and those inside sentences; without the program's name.</summary>
    private static IEnumerable<string[]> Commands(string page)
    {
        var isBlock = false;
        foreach (var line in page.Replace("$(date +%F)", "TODAY", StringComparison.Ordinal).Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) { isBlock = !isBlock; }
            foreach (Match match in (isBlock ? OfBlock() : OfSentence()).Matches(line)) { yield return match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries); }
        }
    }

    [GeneratedRegex(@"(?:^|\s)posthouse ([a-z](?:(?!\sposthouse\s).)*?)(?:\s+#.*)?$")]
    private static partial Regex OfBlock();

    [GeneratedRegex(@"`(?:sudo -u posthouse )?posthouse ([a-z][^`…]*)`")]
    private static partial Regex OfSentence();

    [GeneratedRegex(@"\b(?:posthouse|mesh)_[a-z_]*[a-z]\b(?!=)")]
    private static partial Regex Series();
}
