using Posthouse.Cli;
using Posthouse.Cli.Diagnostics;
using Posthouse.Cli.Hosting;
using Posthouse.Jobs;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Diagnostics;

/// <summary>What <c>POSTHOUSE_LOG</c> shows of verbs.</summary>
public sealed class VerbLogTests
{
    [Theory]
    [InlineData("version", "", 0)]
    [InlineData("config path", "", 0)]
    [InlineData("config get", "Nothing", 2)]
    [InlineData("wallet show", "--file none", 2)]
    public async Task Every_verb_says_on_standard_error_how_it_ended(string verb, string words, int code)
    {
        var (exit, output, error) = await RunAsync("info", $"{verb} {words}");

        exit.ShouldBe(code);
        error.Split('\n')[^2].ShouldContain($" info Posthouse.Cli[6001] posthouse {verb} ended with exit code {code} after ");
        output.ShouldNotContain("Posthouse.Cli[");
    }

    [Fact]
    public async Task A_verb_that_changes_a_store_tells_which_and_by_what_it_was_opened()
    {
        using var folder = new TempFolder();
        var database = folder.File("posthouse.db");
        await SqliteJobStore.Open(new SqliteStoreOptions { Path = database, Time = TimeProvider.System, Ids = SystemIds.Instance }, new JobRegistry()).DisposeAsync();

        var (_, _, error) = await RunAsync("debug", $"queue pause --data {folder.Path} --set Queue:Concurrency=3");

        error.ShouldContain(" debug Posthouse.Cli[6000] posthouse queue pause has begun");
        error.ShouldContain("Queue:Concurrency is set by --set.");
        error.ShouldContain($"The store is {database}; its file is there.");
        error.ShouldContain($" info Posthouse.Storage.Sqlite.SqliteJobStore[1000] The store {database} is open, with SQLite ");
    }

    [Fact]
    public async Task An_order_verb_tells_its_exchanges_and_why_one_failed()
    {
        var (exit, _, error) = await RunAsync("debug", "order catalog --provider http://127.0.0.1:1");

        exit.ShouldBe(5);
        error.ShouldContain("GET http://127.0.0.1:1/ivxp/catalog was not answered. | System.Net.Http.HttpRequestException");
        error.ShouldContain("posthouse order catalog failed with PROVIDER_UNREACHABLE.");
    }

    [Theory]
    [InlineData("auth status -v -C /nowhere/at/all")]
    [InlineData("-v lock list --cached -C /nowhere/at/all")]
    [InlineData("doctor --verbose -C /nowhere/at/all")]
    public async Task The_verbs_option_asks_for_each_step(string line)
    {
        (await RunAsync("none", line)).Error.ShouldContain(" has begun");
        (await RunAsync("none", line.Replace("-v ", "", StringComparison.Ordinal).Replace("--verbose ", "", StringComparison.Ordinal))).Error.ShouldNotContain(" has begun");
    }

    [Fact]
    public async Task What_was_not_asked_for_is_not_told()
    {
        (await RunAsync("info", "version")).Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(1);
        (await RunAsync("error", "version")).Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_wrong_level_ends_every_verb_with_one_line_that_names_the_right_ones()
    {
        var (exit, output, error) = await RunAsync("loud", "version");

        (exit, output).ShouldBe((2, ""));
        error.ShouldBe("posthouse: POSTHOUSE_LOG=loud names no level; it is trace, debug, info, warning or error\n");
    }

    [Theory]
    [InlineData("http://a:6060/ivxp/status/ivxp-8080a1f0-fc6c-4f53-9afe-84ea886d61c2?x=1", "http://a:6060/ivxp/status/ivxp-8080a1f0…")]
    [InlineData("https://user:secret@b/ivxp/catalog", "https://b/ivxp/catalog")]
    public void An_address_is_shown_without_what_is_nobodys_business(string address, string shown) => LoggedExchange.Shown(new Uri(address)).ShouldBe(shown);

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string level, string line)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var exit = await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), line.Split(' ', StringSplitOptions.RemoveEmptyEntries), output, error, (to, isVerbose) => level != "none" || isVerbose ? VerbLog.Open(level == "none" ? "debug" : level, to, TimeProvider.System) : null);
        return (exit, output.ToString(), error.ToString());
    }
}
