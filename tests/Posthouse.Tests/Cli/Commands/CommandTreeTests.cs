using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli;
using Posthouse.Cli.Hosting;

namespace Posthouse.Tests.Cli.Commands;

public sealed class CommandTreeTests
{
    [Theory]
    [InlineData("", "'posthouse' needs a verb")]
    [InlineData("confg", "has no verb 'confg'; did you mean 'config'?")]
    [InlineData("config lst", "'posthouse config' has no verb 'lst'; did you mean 'list'?")]
    [InlineData("config list Nonsense", "No key begins with 'Nonsense'.")]
    [InlineData("config list --jsn", "did you mean '--json'?")]
    [InlineData("lock acquire --wiat", "'posthouse lock acquire' has no option '--wiat'; did you mean '--wait'?")]
    [InlineData("lock acquire -x", "'posthouse lock acquire' has no option '-x'")]
    [InlineData("lock acquire -5", "'posthouse lock acquire' has no option '-5'")]
    [InlineData("lock break -- song.txt --force", "'--force' stands behind --, where it is no option: put it before")]
    [InlineData("lock acquire -- song.txt -m", "'-m' stands behind --, where it is no option: put it before")]
    [InlineData("lock hold song.txt -x -- make -x", "'posthouse lock hold' has no option '-x'")]
    [InlineData("comment add HEAD --nonsense-that-is-no-option", "if it is none, put -- before it")]
    [InlineData("config get", "'posthouse config get' needs KEY: ")]
    [InlineData("queue retry", "'posthouse queue retry' needs ID: The job's id")]
    [InlineData("serve --port 7070", "write --urls http://127.0.0.1:7070")]
    [InlineData("config set --user --project Locks:Timeout 2h", "--user and --project exclude each other")]
    [InlineData("--deadline soon --project=/ lock list", "--deadline soon: a duration such as 30s")]
    [InlineData("config list --set Nonsense:Key=1", "there is no key Nonsense:Key")]
    [InlineData("config list --set Locks:Timeout=2", "expected a time span such as 00:00:30, 90s")]
    [InlineData("config list --set Locks:Timeout=2y", "expected a time span such as 00:00:30, 90s")]
    public async Task A_wrong_command_line_ends_with_2_and_says_what_to_write(string line, string message)
    {
        var (exit, output, error) = await RunAsync(line);

        exit.ShouldBe(2);
        error.ShouldContain(message);
        output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("mesh provider enable --server http://127.0.0.1:9", "is not the server that runs on")]
    [InlineData("mesh provider disable --server http://mesh.example.org --token-file none", "is asked in clear text")]
    public async Task An_operators_token_goes_to_its_own_server_alone_and_over_no_network_in_clear(string line, string message)
    {
        var (exit, output, error) = await RunAsync(line);

        exit.ShouldNotBe(0);
        error.ShouldContain(message);
        output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("version", "posthouse 0.")]
    [InlineData("--help", "posthouse [command] [options]")]
    [InlineData("config get Ivxp:Push:Timeout --set Ivxp:Push:Timeout=00:00:05", "00:00:05")]
    [InlineData("--set Queue:Concurrency=7 config list --json", "\"from\": \"--set\"")]
    [InlineData("config get ivxp:push:delays", "02:00:00")]
    [InlineData("config list locks:time", "Locks:Timeout  04:00:00\n")]
    [InlineData("config list mesh:seeds", "Mesh:Seeds")]
    [InlineData("config list Mesh", "Mesh:Expiry")]
    [InlineData("config list -- locks:time", "Locks:Timeout  04:00:00\n")]
    [InlineData("--version", "posthouse 0.")]
    [InlineData("version --json", "\"version\": \"0.")]
    [InlineData("--json version", "\"version\": \"0.")]
    [InlineData("--set Queue:Concurrency=7 --json config get Queue:Concurrency", "\"value\": \"7\"")]
    [InlineData("config list --show-origin --set Queue:Concurrency=7", "--set")]
    [InlineData("help", "posthouse [command] [options]")]
    [InlineData("help lock acquire", "posthouse lock acquire [<PATH>] [options]")]
    [InlineData("config get Locks:Timeout --set Locks:Timeout=1h30m", "1h30m")]
    [InlineData("config get Locks:Timeout --set Locks:Timeout=90s --json", "\"value\": \"90s\"")]
    [InlineData("config path --json", "\"user\": ")]
    public async Task A_right_one_ends_with_0(string line, string output)
    {
        var result = await RunAsync(line);

        result.Error.ShouldBeEmpty();
        result.Exit.ShouldBe(0);
        result.Output.ShouldContain(output);
    }

    [Theory]
    [InlineData("lock hold song.txt -m editing -- git commit -m msg")]
    [InlineData("lock hold song.txt -v -- make -v")]
    [InlineData("-v lock hold song.txt -- make -v")]
    [InlineData("lock hold song.txt --no-input -- echo --no-input")]
    public async Task A_command_behind_dashes_may_have_the_same_options(string line)
    {
        var (exit, _, error) = await RunAsync("-C /nowhere/at/all " + line);

        (exit, error).ShouldBe((6, "posthouse: There is no folder /nowhere/at/all." + Environment.NewLine), "the line itself is right");
    }

    [Theory]
    [InlineData("config get Nonsense", "OPTIONS_INVALID")]
    [InlineData("-C /nowhere/at/all version", "NOT_A_PROJECT")]
    public async Task A_program_reads_one_shape_of_what_went_wrong(string line, string code)
    {
        var (exit, output, error) = await RunAsync(line + " --json");

        error.ShouldBeEmpty();
        var document = JsonDocument.Parse(output).RootElement;
        document.GetProperty("exit_code").GetInt32().ShouldBe(exit);
        document.GetProperty("error").GetProperty("code").GetString().ShouldBe(code);
    }

    [Fact]
    public async Task The_list_shows_every_key_that_stands_alone()
    {
        var (_, output, _) = await RunAsync("config list");

        var shown = output.Split('\n').Select(line => line.Split(' ')[0].Trim()).ToHashSet();
        ConfigurationKeys.All.Where(key => !key.Name.Contains('*', StringComparison.Ordinal)).ShouldAllBe(key => shown.Contains(key.Name));
    }

    [Theory]
    [InlineData("version")]
    [InlineData("--help")]
    [InlineData("nonsense")]
    public async Task Nobody_who_can_be_told_is_no_crash(string line)
    {
        var error = new StringWriter();
        var exit = await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), line.Split(' '), new FullDisk(), line == "nonsense" ? new FullDisk() : error);

        exit.ShouldBe(1);
        if (line != "nonsense") { error.ToString().ShouldBe("posthouse: This machine refuses: No space left on device" + Environment.NewLine); }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_machine_refuses_is_a_failure_with_a_code(bool json)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var verb = new Command("lock") { CommandLine.Json };
        verb.SetAction(int (_) => throw new UnauthorizedAccessException("Access to the path '/pocket' is denied."));
        var exit = await CommandLine.RunAsync(new Command("posthouse") { verb }, json ? ["lock", "--json"] : ["lock"], output, error);

        exit.ShouldBe(1);
        const string message = "This machine refuses: Access to the path '/pocket' is denied.";
        if (!json)
        {
            error.ToString().ShouldBe("posthouse: " + message + Environment.NewLine);
            return;
        }

        var told = JsonDocument.Parse(output.ToString()).RootElement.GetProperty("error");
        told.GetProperty("code").GetString().ShouldBe("LOCAL_FAILURE");
        told.GetProperty("message").GetString().ShouldBe(message);
    }

    [Fact]
    public async Task A_document_that_cannot_be_written_is_told_of_on_standard_error()
    {
        var error = new StringWriter();
        var verb = new Command("lock") { CommandLine.Json };
        verb.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine("{}"));

        (await CommandLine.RunAsync(new Command("posthouse") { verb }, ["lock", "--json"], new FullDisk(), error)).ShouldBe(1);
        error.ToString().ShouldContain("No space left on device");
    }

    private sealed class FullDisk : StringWriter
    {
        public override void Write(char value) => throw new IOException("No space left on device");

        public override void Write(string? value) => throw new IOException("No space left on device");

        public override void WriteLine(string? value) => throw new IOException("No space left on device");
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string line)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var exit = await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), line.Split(' ', StringSplitOptions.RemoveEmptyEntries), output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
