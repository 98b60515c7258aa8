using System.Text.Json;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Cli.Hosting;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>The verbs of the mesh against a server of the real verb.</summary>
public sealed class MeshCommandTests
{
    [Fact]
    public async Task Each_verb_writes_the_one_document()
    {
        await using var served = await (await ServedMesh.StartAsync("Mesh:Provide=true")).WithPricesAsync();
        Document((await served.RunAsync("mesh status --json")).Output, "mesh status", ok: true).GetProperty("data").GetProperty("state").GetString().ShouldBe("online");
        string[] lines =
        [
            "prices network,prices", "mesh peers peers", "mesh providers providers", "mesh events events", "mesh key show fingerprint,node_id,public_key",
            "mesh provider status enabled,fetch_count,last_fetch_time,node_id", "mesh provider disable enabled,node_id", "mesh provider enable enabled,node_id",
        ];
        foreach (var line in lines)
        {
            var at = line.LastIndexOf(' ');
            var (exit, output, error) = await served.RunAsync(line[..at] + " --json");
            (exit, error).ShouldBe((0, ""), line);
            var document = Document(output, line[..at], ok: true);
            string.Join(',', document.GetProperty("data").EnumerateObject().Select(member => member.Name).Order()).ShouldBe(line[(at + 1)..]);
        }

        var missing = await served.RunAsync("prices NOPE BTC --json");
        (missing.Exit, missing.Error).ShouldBe((1, ""));
        var document2 = Document(missing.Output, "prices", ok: false);
        document2.GetProperty("data").GetProperty("prices").EnumerateObject().ShouldHaveSingleItem().Name.ShouldBe("BTC");
        document2.GetProperty("error").GetProperty("code").GetString().ShouldBe("CACHE_MISS");
    }

    [Fact]
    public async Task What_fails_is_a_document_too()
    {
        await using var served = await ServedMesh.StartWithoutAsync();
        await FailsAsync(served, "mesh status", 5, "MESH_NOT_ENABLED");
        await FailsAsync(served, "mesh provider enable", 5, "MESH_NOT_ENABLED");
        await FailsAsync(served, "mesh key rotate --yes", 5, "MESH_NOT_ENABLED");
        await FailsAsync(served, "prices --server 127.0.0.1:1", 5, "MESH_UNREACHABLE");
        await FailsAsync(served, "mesh peers --sever", 2, "OPTIONS_INVALID");
        await FailsAsync(served, "mesh certify --operator-key /nowhere/operator.key", 2, "OPTIONS_INVALID");
        (await served.RunAsync("mesh provider enable")).Error.ShouldContain("is no node of a price mesh");
    }

    [Fact]
    public async Task A_wrong_token_is_said_to_be_one()
    {
        await using var served = await ServedMesh.StartAsync();
        var wrong = served.File("wrong.token");
        await File.WriteAllTextAsync(wrong, "wrong");
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(wrong, UnixFileMode.UserRead | UnixFileMode.UserWrite); }

        var (exit, _, error) = await served.RunAsync($"mesh provider enable --token-file {wrong}");
        (exit, error.Contains($"The token in {wrong} is not", StringComparison.Ordinal)).ShouldBe((3, true), error);
        await FailsAsync(served, $"mesh provider enable --token-file {wrong}", 3, "OPERATOR_TOKEN_REQUIRED");
    }

    [Fact]
    public async Task Wherever_the_server_has_its_token_its_verbs_find_it()
    {
        var folder = Directory.CreateTempSubdirectory("posthouse-token-");
        try
        {
            var file = Path.Combine(folder.FullName, "mine.token");
            await using var served = await ServedMesh.StartAsync($"Mesh:TokenFile={file}");
            served.Announced.ShouldContain($"  Token:  {file}");
            var (exit, output, error) = await served.RunAsync("mesh provider enable");
            (exit, error).ShouldBe((0, ""));
            output.ShouldContain("provides prices");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_public_key_and_the_whole_id_are_where_others_copy_them_from()
    {
        await using var served = await ServedMesh.StartAsync("Mesh:Provide=true");
        var shown = Document((await served.RunAsync("mesh key show --json")).Output, "mesh key show", ok: true).GetProperty("data");
        served.Announced.ShouldContain("  Key:    " + shown.GetProperty("public_key").GetString());
        (await served.RunAsync("mesh providers")).Output.ShouldContain(shown.GetProperty("node_id").GetString()!);
    }

    [Fact]
    public async Task A_node_with_another_key_provides_nothing_before_it_is_started_again()
    {
        await using var served = await ServedMesh.StartAsync();
        var (exit, output, error) = await served.RunAsync("mesh key rotate --yes");
        (exit, error).ShouldBe((0, ""));
        output.ShouldContain("Restart the server now: until then it provides no prices");
        (await FailsAsync(served, "mesh provider enable", 1, "NODE_RESTART_NEEDED")).GetProperty("message").GetString()!.ShouldContain("restart the server");
    }

    [Fact]
    public async Task A_certificate_is_told_to_programs_too()
    {
        await using var served = await ServedMesh.StartWithoutAsync();
        using var node = EcdsaKey.Create();
        var line = $"mesh certify {node.Public} --operator-key {served.File("operator.key")}";
        var data = Document(await CertifyAsync(line + " --json"), "mesh certify", ok: true).GetProperty("data");
        data.GetProperty("node_id").GetString().ShouldBe(node.Public.Id.ToString());
        data.GetProperty("certificate").GetString()!.Length.ShouldBeGreaterThan(64);
        (await CertifyAsync(line + " --help")).ShouldNotContain("--server");
    }

    private static async Task<string> CertifyAsync(string line)
    {
        var output = new StringWriter();
        (await Posthouse.Cli.Hosting.CommandLine.RunAsync(Posthouse.Cli.Program.CreateRoot(TimeProvider.System), line.Split(' '), output, TextWriter.Null)).ShouldBe(0);
        return output.ToString();
    }

    private static async Task<JsonElement> FailsAsync(ServedMesh served, string line, int code, string error)
    {
        var (exit, output, said) = await served.RunAsync(line + " --json");
        (exit, said).ShouldBe((code, ""), line);
        var document = Document(output, string.Join(' ', line.Split(' ').TakeWhile(word => word[0] is not '-')), ok: false);
        document.GetProperty("exit_code").GetInt32().ShouldBe(code);
        document.GetProperty("error").GetProperty("code").GetString().ShouldBe(error, line);
        return document.GetProperty("error");
    }

    private static JsonElement Document(string output, string command, bool ok)
    {
        var document = JsonDocument.Parse(output).RootElement;
        (document.GetProperty("schema").GetString(), document.GetProperty("command").GetString(), document.GetProperty("ok").GetBoolean()).ShouldBe(("posthouse/1", command, ok));
        return document;
    }
}
