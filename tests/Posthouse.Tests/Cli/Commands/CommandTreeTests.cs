using Posthouse.Cli;
using Posthouse.Cli.Hosting;

namespace Posthouse.Tests.Cli.Commands;

public sealed class CommandTreeTests
{
    [Theory]
    [InlineData("", "'posthouse' needs a verb")]
    [InlineData("confg", "has no verb 'confg'; did you mean 'config'?")]
    [InlineData("config lst", "'posthouse config' has no verb 'lst'; did you mean 'list'?")]
    [InlineData("config list --jsn", "did you mean '--json'?")]
    [InlineData("config get", "Required argument missing")]
    [InlineData("config list --set Nonsense:Key=1", "there is no key Nonsense:Key")]
    public async Task A_wrong_command_line_ends_with_2_and_says_what_to_write(string line, string message)
    {
        var (exit, output, error) = await RunAsync(line);

        exit.ShouldBe(2);
        error.ShouldContain(message);
        output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("version", "posthouse 0.")]
    [InlineData("--help", "posthouse [command] [options]")]
    [InlineData("config get Ivxp:Push:Timeout --set Ivxp:Push:Timeout=00:00:05", "00:00:05")]
    [InlineData("--set Queue:Concurrency=7 config list --json", "\"from\": \"--set\"")]
    [InlineData("config get ivxp:push:delays", "02:00:00")]
    public async Task A_right_one_ends_with_0(string line, string output)
    {
        var result = await RunAsync(line);

        result.Error.ShouldBeEmpty();
        result.Exit.ShouldBe(0);
        result.Output.ShouldContain(output);
    }

    [Fact]
    public async Task The_list_shows_every_key_that_stands_alone()
    {
        var (_, output, _) = await RunAsync("config list");

        ConfigurationKeys.All.Where(key => !key.Name.Contains('*', StringComparison.Ordinal)).ShouldAllBe(key => output.Contains(key.Name + " ", StringComparison.Ordinal));
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string line)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var exit = await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), line.Split(' ', StringSplitOptions.RemoveEmptyEntries), output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
