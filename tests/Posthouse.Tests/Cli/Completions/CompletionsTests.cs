using System.CommandLine;
using System.Diagnostics;
using Posthouse.Cli;
using Posthouse.Cli.Completions;
using Posthouse.Cli.Hosting;

namespace Posthouse.Tests.Cli.Completions;

public sealed class CompletionsTests
{
    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task Every_verb_and_every_option_is_in_the_script(string shell)
    {
        var script = await ScriptAsync(shell);
        var root = Program.CreateRoot(TimeProvider.System);

        var names = All(root).SelectMany(verb => verb.Options.Where(option => !option.Hidden).Select(option => shell == "fish" ? "-l " + option.Name[2..] : option.Name).Append(verb.Name)).Distinct().ToList();

        names.Count.ShouldBeGreaterThan(40);
        names.Where(name => name != "posthouse").ShouldAllBe(name => script.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public void A_verb_has_the_options_of_those_above_it()
    {
        var list = VerbWords.Of(Program.CreateRoot(TimeProvider.System)).Single(verb => verb.Name == "queue list");

        list.Options.SelectMany(option => option.Names).ShouldContain("--set");
        list.Options.SelectMany(option => option.Names).ShouldContain("--data");
        list.Options.SelectMany(option => option.Names).ShouldContain("--limit");
        list.Options.SelectMany(option => option.Names).ShouldNotContain("/h");
    }

    [Theory]
    [InlineData("posthouse que", "queue")]
    [InlineData("posthouse queue li", "list")]
    [InlineData("posthouse --set A=1 queue pau", "pause")]
    [InlineData("posthouse queue list --lim", "--limit")]
    [InlineData("posthouse queue list --data queue sh", "")]
    [InlineData("posthouse completions fi", "fish")]
    public async Task Bash_offers_what_may_come_next(string line, string offered)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "there is no bash");
        var words = line.Split(' ');
        var script = await ScriptAsync("bash") + $"\nCOMP_WORDS=({string.Join(' ', words)}) COMP_CWORD={words.Length - 1}\n_posthouse\necho \"${{COMPREPLY[*]}}\"\n";
        var start = new ProcessStartInfo("/bin/bash", ["--norc"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var bash = Process.Start(start)!;
        await bash.StandardInput.WriteAsync(script);
        bash.StandardInput.Close();

        (await bash.StandardOutput.ReadToEndAsync()).Trim().ShouldBe(offered);
        (await bash.StandardError.ReadToEndAsync()).ShouldBeEmpty();
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.Where(verb => !verb.Hidden).SelectMany(All).Prepend(command);

    private static async Task<string> ScriptAsync(string shell)
    {
        var output = new StringWriter();
        (await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), ["completions", shell], output, TextWriter.Null)).ShouldBe(0);
        return output.ToString();
    }
}
