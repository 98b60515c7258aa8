using System.Text.Json;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Samples;

/// <summary>The sample that sells a real piece of work, bought from by the command line as its README says.</summary>
public sealed class CsvReportsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-reports-").FullName;

    private string Pocket => Path.Combine(_folder, "pocket");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_buyer_sends_a_file_and_gets_a_report_over_its_columns()
    {
        await using var provider = Provider();
        var url = await UrlAsync(provider);

        var (exit, output, error) = await RunAsync("order", "buy", "csv_report", "city,visitors\nRiga,12\n\"Bonn, old\",30\nOslo,\n", "--provider", url, "--json");

        (exit, error).ShouldBe((0, ""));
        var report = JsonDocument.Parse(output).RootElement.GetProperty("content").GetProperty("body").GetString()!;
        report.ShouldStartWith("3 rows, 2 columns.");
        report.ShouldContain("| city | 3 | 0 | 3 | Bonn, old | Riga |  |");
        report.ShouldContain("| visitors | 2 | 1 | 2 | 12 | 30 | 21 |");
    }

    [Fact]
    public async Task A_file_that_is_none_ends_the_order_at_once()
    {
        await using var provider = Provider();
        var url = await UrlAsync(provider);

        var (exit, _, error) = await RunAsync("order", "buy", "csv_report", "names alone", "--provider", url);

        exit.ShouldNotBe(0);
        error.ShouldContain("delivery_failed");
    }

    private RunningProgram Provider() => RunningProgram.Start("CsvReports", ["--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "station")]);

    private static async Task<string> UrlAsync(RunningProgram provider)
    {
        const string Before = "Now listening on: ";
        var line = await provider.SaysAsync(Before);
        return line[(line.IndexOf(Before, StringComparison.Ordinal) + Before.Length)..].Trim();
    }

    private Task<(int Exit, string Output, string Error)> RunAsync(params string[] words) => PosthouseProcess.RunAsync(Pocket, words);
}
