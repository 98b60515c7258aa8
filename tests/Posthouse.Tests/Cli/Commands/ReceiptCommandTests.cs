using System.Text;
using System.Text.Json;
using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Tests.House;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Commands;

public sealed class ReceiptCommandTests : IDisposable
{
    private static readonly JsonDocument _vectors = JsonDocument.Parse(Tree.Read("spec/ivxp/vectors/receipts.json").Text);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_sound_bundle_ends_with_0_and_says_what_it_proves_and_what_not()
    {
        var (exit, output, _) = await RunAsync(Write("whole"));
        exit.ShouldBe(0);
        output.ShouldContain("payment: not proved: That 0x");
        output.ShouldContain("receipt: 0x");
        output.ShouldContain("Nothing in this bundle is wrong.");
    }

    [Fact]
    public async Task A_wrong_bundle_ends_with_1_and_names_what_is_wrong()
    {
        var (exit, output, _) = await RunAsync(Write("a receipt signed by a stranger"), "--json");
        exit.ShouldBe(1);
        using var json = JsonDocument.Parse(output);
        json.RootElement.GetProperty("is_sound").GetBoolean().ShouldBeFalse();
        json.RootElement.GetProperty("findings").EnumerateArray().Single(finding => finding.GetProperty("mark").GetString() == "wrong")
            .GetProperty("subject").GetString().ShouldBe("receipt");
    }

    [Fact]
    public async Task The_content_is_compared_where_it_is_given()
    {
        var content = _folder.File("content.json");
        await File.WriteAllTextAsync(content, _vectors.RootElement.GetProperty("content").GetRawText());
        (await RunAsync(Write("whole"), "--content", content)).Output.ShouldContain("content: The content at hand has the hash");
        await File.WriteAllTextAsync(content, "{\"title\":\"another\"}");
        (await RunAsync(Write("whole"), "--content", content)).Exit.ShouldBe(1);
        await File.WriteAllTextAsync(content, "no JSON");
        (await RunAsync(Write("whole"), "--content", content)).Exit.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_no_bundle_or_no_file_ends_with_2()
    {
        var file = _folder.File("other.json");
        await File.WriteAllTextAsync(file, "{}");
        (await RunAsync(file)).Error.ShouldContain("no receipt bundle");
        (await RunAsync(file)).Exit.ShouldBe(2);
        (await RunAsync(_folder.File("missing.json"))).Exit.ShouldBe(2);
    }

    private string Write(string name)
    {
        var file = _folder.File("bundle.json");
        var one = _vectors.RootElement.GetProperty("cases").EnumerateArray().Single(candidate => candidate.GetProperty("name").GetString() == name);
        File.WriteAllText(file, one.GetProperty("bundle").GetRawText(), new UTF8Encoding(false));
        return file;
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(params string[] words)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var exit = await CommandLine.RunAsync(Program.CreateRoot(new ManualTimeProvider()), ["receipt", "verify", .. words], output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
