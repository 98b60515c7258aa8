using System.CommandLine;
using System.Globalization;
using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Chain;
using Posthouse.Tests.House;
using Posthouse.Vcs;

namespace Posthouse.Tests.Cli;

/// <summary>Pages that repeat a table of the code say the same as the code.</summary>
public sealed class PagesTests
{
    [Fact]
    public void The_page_of_exit_codes_lists_the_codes_there_are()
    {
        var codes = typeof(ExitCodes).GetFields().Select(field => (int)field.GetRawConstantValue()!);

        FirstCells("docs/exit-codes.md").Select(cell => int.Parse(cell, CultureInfo.InvariantCulture)).ShouldBe(codes.Order());
    }

    [Fact]
    public void The_page_of_exit_codes_has_each_error_of_the_chain_with_its_code()
    {
        var page = Tree.Read("docs/exit-codes.md").Text;

        foreach (var error in typeof(ChainErrors).GetFields().Select(field => (string)field.GetRawConstantValue()!))
            page.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"* `{error}` ({ExitCodes.For(error)}): "));
    }

    [Fact]
    public void The_page_of_exit_codes_has_each_error_of_locks_and_sync_with_its_code()
    {
        var lines = Tree.Read("docs/exit-codes.md").Text.Split('\n');

        foreach (var error in typeof(VcsErrors).GetFields().Select(field => (string)field.GetRawConstantValue()!))
            lines.Where(line => line.Contains($"`{error}`", StringComparison.Ordinal)).ShouldHaveSingleItem()
                .ShouldStartWith(string.Create(CultureInfo.InvariantCulture, $"* {ExitCodes.For(error)}: `"));
    }

    [Fact]
    public void The_page_of_exit_codes_has_each_error_of_the_price_mesh_with_its_code()
    {
        var lines = Tree.Read("docs/exit-codes.md").Text.Split('\n');

        foreach (var error in typeof(MeshErrors).GetFields().Concat(typeof(global::Posthouse.AspNetCore.Mesh.MeshErrors).GetFields()).Select(field => (string)field.GetRawConstantValue()!).Distinct())
            lines.Where(line => line.Contains($"`{error}`", StringComparison.Ordinal)).ShouldHaveSingleItem(error)
                .ShouldStartWith(string.Create(CultureInfo.InvariantCulture, $"* {ExitCodes.For(error)}: `"));
    }

    [Fact]
    public void The_page_of_the_configuration_is_the_table_of_keys()
    {
        var rows = ConfigurationKeys.All.Select(key =>
            $"| `{key.Name}` | {(key.Default is null ? "" : $"`{key.Default}`")} | {(key.ProjectMaySet ? "yes" : "no")} | {key.Description} |");

        Tree.Read("docs/configuration.md").Text.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ShouldBe(rows);
    }

    [Fact]
    public void The_page_of_the_command_line_lists_the_verbs_there_are() =>
        Tree.Read("docs/cli.md").Text.Split('\n').Where(line => line.StartsWith("| `posthouse ", StringComparison.Ordinal)).Select(line => line.Split('`')[1])
            .ShouldBe(Verbs(Program.CreateRoot(TimeProvider.System), "").Order(StringComparer.Ordinal));

    private static IEnumerable<string> Verbs(Command command, string before)
    {
        var name = before + command.Name;
        var shown = command.Subcommands.Where(verb => !verb.Hidden).ToList();
        return shown.Count == 0 ? [name] : shown.SelectMany(verb => Verbs(verb, name + " "));
    }

    private static IEnumerable<string> FirstCells(string page) =>
        Tree.Read(page).Text.Split('\n').Where(line => line.StartsWith('|')).Skip(2).Select(line => line.Split('|')[1].Trim());
}
